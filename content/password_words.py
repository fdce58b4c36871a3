"""Password words: what a new password of the staff must not be built from, and how much must be left without them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from content.source import CONTENT, load

FILE = CONTENT / "desk" / "password_words.yml"
_STANDS_FOR = str.maketrans("013457@$", "oieastas")


@dataclass(frozen=True, slots=True)
class PasswordWords:
    """The list of `desk/password_words.yml`."""

    words: tuple[str, ...]
    least_left: int

    def left_of(self, password: str, *names: str) -> int:
        """How many different letters and digits of it are left without the words and these names."""
        words = sorted({*self.words, *(name.casefold() for name in names if name)}, key=len, reverse=True)
        left = password.casefold()
        for stands_for in ({}, _STANDS_FOR):  # as it is typed, then with digits read as letters
            left = left.translate(stands_for)
            for word in words:
                left = left.replace(word, " ")
        return len({letter for letter in left if letter.isalnum()})


@cache
def password_words() -> PasswordWords:
    """Return the rule of `desk/password_words.yml`."""
    fields = load(FILE).mapping(required=("words", "least_left"))
    words = tuple(word for row in fields["words"].list() for word in row.strings())
    for word in words:
        if word != word.casefold() or not word.isalnum():
            raise fields["words"].error(f"found {word!r}", "one word in small letters, without spaces or signs")
    return PasswordWords(words=words, least_left=fields["least_left"].int())
