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
_NO_ACCENT = str.maketrans("đøł", "dol")  # letters of their own, which many type without their stroke


@dataclass(frozen=True, slots=True)
class KnownPhrases:
    """The list of `desk/known_phrases.yml`."""

    plain: tuple[str, ...]  # the longest first
    words: tuple[frozenset[str], ...]
    least_left: int

    def holds(self, password: str) -> bool:
        """True when it is one of them, or a part, or one with a little more, or its words in another order."""
        read = {password.casefold(), password.casefold().translate(STANDS_FOR)}  # as typed; with digits as letters
        return any(self._is_one(text) or self._is_shuffled(text) for text in read)

    def _is_one(self, text: str) -> bool:
        left = plain(text)
        if len(left) >= _PART and any(left in phrase for phrase in self.plain):
            return True
        found = [phrase for phrase in self.plain if phrase in left]
        for phrase in found:
            left = left.replace(phrase, "")
        return bool(found) and len(set(left)) < self.least_left

    def _is_shuffled(self, text: str) -> bool:
        words = _words(text)
        return len(words) >= _FEWEST_WORDS and any(words <= known for known in self.words)


@cache
def known_phrases() -> KnownPhrases:
    """Return the rule of `desk/known_phrases.yml`."""
    fields = load(FILE).mapping(required=("phrases", "least_left"))
    phrases = [phrase for row in fields["phrases"].list() for phrase in row.strings()]
    for phrase in phrases:
        if len(plain(phrase)) < _SHORTEST:
            raise fields["phrases"].error(f"found {phrase!r}", f"a phrase of at least {_SHORTEST} letters")
    return KnownPhrases(
        plain=tuple(sorted({plain(phrase) for phrase in phrases}, key=len, reverse=True)),
        words=tuple(_words(phrase) for phrase in phrases),
        least_left=fields["least_left"].int(),
    )


def plain(text: str) -> str:
    """The letters and digits alone, without accents and case."""
    return "".join(letter for letter in _without_accents(text) if letter.isalnum())


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", _without_accents(text)))


def _without_accents(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).translate(_NO_ACCENT)
