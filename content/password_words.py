"""Password words: what a new password of the staff must not be built from, and how much must be left without them.

Rows of keys count as such words.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from content.source import CONTENT, load

FILE = CONTENT / "desk" / "password_words.yml"
STANDS_FOR = str.maketrans("013457@$", "oieastas")
_SHORTEST_RUN = 3


@dataclass(frozen=True, slots=True)
class PasswordWords:
    """The list of `desk/password_words.yml`."""

    words: tuple[str, ...]
    runs: tuple[str, ...]  # each also backwards
    least_left: int

    def left_of(self, password: str, *names: str) -> int:
        """How many different letters and digits of it are left without the words and these names."""
        words = sorted({*self.words, *(name.casefold() for name in names if name)}, key=len, reverse=True)
        left = password.casefold()
        for stands_for in ({}, STANDS_FOR):  # as it is typed, then with digits read as letters
            left = left.translate(stands_for)
            for word in words:
                left = left.replace(word, " ")
            left = self._without_runs(left)
        return len({letter for letter in left if letter.isalnum()})

    def _without_runs(self, text: str) -> str:
        left, at = "", 0
        while at < len(text):
            end = at + _SHORTEST_RUN
            while end <= len(text) and any(text[at:end] in run for run in self.runs):
                end += 1
            run = end - 1 - at
            left += " " if run >= _SHORTEST_RUN else text[at]
            at += run if run >= _SHORTEST_RUN else 1
        return left


@cache
def password_words() -> PasswordWords:
    """Return the rule of `desk/password_words.yml`."""
    fields = load(FILE).mapping(required=("words", "runs", "least_left"))
    words = tuple(word for row in fields["words"].list() for word in row.strings())
    for word in words:
        if word != word.casefold() or not word.isalnum():
            raise fields["words"].error(f"found {word!r}", "one word in small letters, without spaces or signs")
    rows = tuple(row for group in fields["runs"].list() for row in group.strings())
    runs = tuple(dict.fromkeys((*rows, *(row[::-1] for row in rows))))
    return PasswordWords(words=words, runs=runs, least_left=fields["least_left"].int())
