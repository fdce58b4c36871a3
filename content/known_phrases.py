"""Known phrases: sayings, lines and examples that a new password of the staff must not be, whole or in part."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from content.password_words import STANDS_FOR
from content.source import CONTENT, load

FILE = CONTENT / "desk" / "known_phrases.yml"
_SHORTEST = 7  # letters: below that a phrase is in too many words
_PART = 12  # letters of a phrase that are as well known as all of it
_FEWEST_WORDS = 3
_AT_START, _AT_END = re.compile(r"^[\W\d_]+"), re.compile(r"[\W\d_]+$")  # digits and signs
_NO_ACCENT = str.maketrans("đøł", "dol")  # letters of their own, which many type without their stroke


@dataclass(frozen=True, slots=True)
class KnownPhrases:
    """The list of `desk/known_phrases.yml`."""

    plain: tuple[str, ...]  # the longest first
    words: tuple[frozenset[str], ...]
    little: tuple[str, ...]  # words that add nothing to a phrase; the longest first
    least_left: int

    def holds(self, password: str) -> bool:
        """True when it is one of them, or a part, or one with a little more, or its words in another order."""
        typed = password.casefold()
        shuffled = any(self._is_shuffled(text) for text in (typed, typed.translate(STANDS_FOR)))
        return shuffled or any(map(self._is_one, forms(password)))

    def without_little(self, letters: str) -> str:
        """What is left between the little words at its beginning and its end."""
        while word := next((one for one in self.little if letters.startswith(one)), ""):
            letters = letters[len(word) :]
        while word := next((one for one in self.little if letters.endswith(one)), ""):
            letters = letters[: -len(word)]
        return letters

    def _is_one(self, letters: str) -> bool:
        if len(letters) >= _PART and any(letters in phrase for phrase in self.plain):
            return True
        found = [phrase for phrase in self.plain if phrase in letters]
        for phrase in found:
            letters = letters.replace(phrase, " ")
        left = "".join(map(self.without_little, letters.split()))
        return bool(found) and len(set(left)) < self.least_left

    def _is_shuffled(self, text: str) -> bool:
        words = {word for word in _words(text) if not word.isdigit()}
        return len(words) >= _FEWEST_WORDS and any(words <= known for known in self.words)


@cache
def known_phrases() -> KnownPhrases:
    """Return the rule of `desk/known_phrases.yml`."""
    fields = load(FILE).mapping(required=("phrases", "little_words", "least_left"))
    phrases = [phrase for row in fields["phrases"].list() for phrase in row.strings()]
    for phrase in phrases:
        if len(plain(phrase)) < _SHORTEST:
            raise fields["phrases"].error(f"found {phrase!r}", f"a phrase of at least {_SHORTEST} letters")
    little = {plain(word) for row in fields["little_words"].list() for word in row.strings()}
    return KnownPhrases(
        plain=tuple(sorted({plain(phrase) for phrase in phrases}, key=len, reverse=True)),
        words=tuple(_words(phrase) for phrase in phrases),
        little=tuple(sorted(little, key=lambda word: (-len(word), word))),
        least_left=fields["least_left"].int(),
    )


def forms(password: str) -> frozenset[str]:
    """Its letters and digits as who guesses has them: without what parts them, what stands at the ends, and l33t."""
    typed = password.casefold()
    ended = _AT_END.sub("", typed)
    read = (typed, ended, _AT_START.sub("", ended), typed.translate(STANDS_FOR), ended.translate(STANDS_FOR))
    return frozenset(filter(None, map(plain, read)))


def plain(text: str) -> str:
    """The letters and digits alone, without accents and case."""
    return "".join(letter for letter in _without_accents(text) if letter.isalnum())


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W_]+", _without_accents(text)))


def _without_accents(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).translate(_NO_ACCENT)
