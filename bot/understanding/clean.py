"""Clean: the first step of understanding, for any text that a phone can send.

Promises a text without NUL, surrogates, controls and invisible characters, in NFC, Burmese in Unicode,
no leading slash (Rasa would believe it as a command), and a folded form for matching words. Never
fails. The text as it was sent stays with whoever stores it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from bot.understanding.zawgyi import is_zawgyi, to_unicode

MAX_TEXT = 4_096  # characters that the models see: the longest message of any channel
MAX_FOLDED = 20_000  # characters that the safety rules see: more than any channel can send in one message

_APOSTROPHES = "'\u2019\u2018\u02bc`\u00b4\u2032\uff07"
_APOSTROPHE = re.compile(f"[{_APOSTROPHES}]")
# French and its kin join a small word to the next by an apostrophe: they are two words. Elsewhere it is one (don't).
_ELISION = re.compile(rf"\b(l|d|j|c|s|n|m|t|qu|jusqu|lorsqu|puisqu)[{_APOSTROPHES}](?=[^\W\d_])")
_INNER_APOSTROPHE = re.compile(rf"(?<=[^\W\d_])[{_APOSTROPHES}](?=[^\W\d_])")
_REPEATED = re.compile(r"([^\W\d_]|[\u0e30-\u0e4e\u0eb0-\u0ece\u1020-\u103e\u17b0-\u17d3])\1{2,}")
_DOUBLED = re.compile(r"([^\W\d_])\1")
_SPACES = re.compile(r"\s+")
_BURMESE = re.compile("[\u1000-\u109f]")
# Letters that do not come apart into a base and a mark.
_LATIN_LETTERS = {
    "đ": "d", "ł": "l", "ø": "o", "ß": "ss", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ı": "i", "ħ": "h",
    "ŋ": "n", "ɓ": "b", "ɗ": "d", "ƙ": "k", "ƴ": "y", "ə": "e", "ĸ": "k", "ŧ": "t",
}  # fmt: skip
# People write these Arabic and Cyrillic letters for one another.
_LIKE_LETTERS = {
    "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ك": "ک", "ة": "ه", "ۀ": "ه", "ھ": "ه", "ۃ": "ه",
    "ؤ": "و", "ئ": "ي", "ё": "е", "ґ": "г",
}  # fmt: skip
_JOINERS = "\u200c\u200d"


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A text made safe to read; no repr, for it ends up in logs."""

    text: str = field(repr=False)  # for the models and for people, at most MAX_TEXT characters
    folded: str = field(repr=False)  # for matching words, see `fold`
    has_letters: bool
    drawn_out: bool = False  # a letter stood three times or more: "killl" folds to "kil", and was meant as "kill"


def clean(text: str | None) -> Cleaned:
    """Return the text cleaned; None and '' give an empty one."""
    visible = _visible((text or "")[:MAX_FOLDED])
    if _BURMESE.search(visible) and is_zawgyi(visible):
        converted = to_unicode(visible)
        # What still looks like it afterwards was neither: it stays as it came, and reads the same each time.
        visible = visible if is_zawgyi(converted) else converted
    visible = visible.lstrip("/\uff0f \t\n")
    short = _REPEATED.sub(r"\1", visible[:MAX_TEXT]).strip()
    folded = fold(visible)
    return Cleaned(
        text=short,
        folded=folded,
        has_letters=any(letter.isalpha() for letter in folded),
        drawn_out=_REPEATED.search(visible.lower()) is not None,
    )


def fold(text: str) -> str:
    """Return the text as matching sees it.

    Lower case; full-width, styled and circled forms plain; Latin letters without their marks; Arabic without
    vowel signs; digits of every script 0-9; an apostrophe inside a word gone (don't = dont), other punctuation
    and emoji a space; three or more equal letters one; one space between words, none at the ends.
    """
    # ASCII is plain already and most texts hold no apostrophe: a quarter of a million phrases are folded at a start.
    plain = text.lower() if text.isascii() else unicodedata.normalize("NFC", text).translate(_PLAIN_FORMS).lower()
    if _APOSTROPHE.search(plain):
        plain = _INNER_APOSTROPHE.sub("", _ELISION.sub(r"\1 ", plain))
    return _SPACES.sub(" ", _REPEATED.sub(r"\1", plain.translate(_FOLDED))).strip()


def undouble(folded: str) -> str:
    """Return a folded text with double letters as one, to meet phrases treated the same way."""
    return _DOUBLED.sub(r"\1", folded)


def _visible(text: str) -> str:
    shown = unicodedata.normalize("NFC", text.translate(_VISIBLE))
    # A new line ends a thought as a full stop does: it stays.
    return _SPACES.sub(lambda gap: "\n" if "\n" in gap.group() else " ", shown).strip()


class Table(dict[int, str]):
    """A translation table that works out each character once."""

    def __missing__(self, code: int) -> str:
        self[code] = found = self.of(chr(code))
        return found

    def of(self, character: str) -> str:
        raise NotImplementedError


class _Visible(Table):
    def of(self, character: str) -> str:
        category = unicodedata.category(character)
        if character in _JOINERS:
            return character  # Persian, Hindi, Sinhala and others spell with them
        if category == "Cc":
            return "\n" if character in "\r\n" else " " if character.isspace() else ""
        if category in {"Cf", "Cs", "Co", "Me"} or "\ufe00" <= character <= "\ufe0f":
            return ""
        # Not in this Unicode version: most likely a newer emoji.
        return " " if category in {"Cn", "Zl", "Zp", "Zs"} else character


class _PlainForms(Table):
    def of(self, character: str) -> str:
        styled = (
            "\uff00" <= character <= "\uffef"  # full and half width
            or "\u2460" <= character <= "\u24ff"  # circled
            or "\ufb00" <= character <= "\ufdff"  # ligatures, Arabic presentation forms
            or "\ufe70" <= character <= "\ufefc"
            or "\U0001d400" <= character <= "\U0001d7ff"  # styled as mathematics
        )
        return unicodedata.normalize("NFKC", character) if styled else character


class _Folded(Table):
    def of(self, character: str) -> str:
        category = unicodedata.category(character)
        if category == "Nd":
            return str(unicodedata.decimal(character))
        if "\u0300" <= character <= "\u036f" or "\u064b" <= character <= "\u065f" or character in "\u0670\u0640":
            return ""  # marks of Latin letters, vowel signs and stretching of Arabic
        if category in {"Cf", "Me"}:
            return ""
        if category[0] not in "LM":
            return " "
        if character in _LATIN_LETTERS or character in _LIKE_LETTERS:
            return _LATIN_LETTERS.get(character) or _LIKE_LETTERS[character]
        base = unicodedata.normalize("NFD", character)[0]
        return base if base.isascii() else character


_VISIBLE = _Visible()
_PLAIN_FORMS = _PlainForms()
_FOLDED = _Folded()
