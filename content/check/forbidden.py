"""Forbidden: the words that no sentence may say, one list for each language, written by people who speak it.

Typed rows of `content/forbidden/<lang>.yml`. In scripts with spaces a phrase is met as whole words, with a star
at its end as a stem; elsewhere it is met anywhere.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from content.languages import UNSPACED, languages
from content.source import CONTENT, Node, load

FOLDER = CONTENT / "forbidden"


@dataclass(frozen=True, slots=True)
class Row:
    """Words that are forbidden for one reason."""

    why: str
    instead: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Forbidden:
    """The forbidden words of one language."""

    language: str
    rows: tuple[Row, ...]

    def find(self, text: str) -> Iterator[tuple[Row, str]]:
        """Yield each forbidden word in a text, with its row."""
        plain = _plain(text)
        for row in self.rows:
            for word in row.words:
                stem, whole = _matcher(word)
                if stem in plain and whole.search(plain):
                    yield row, word.rstrip("*")


@cache
def forbidden(language: str) -> Forbidden | None:
    """Return the list of a language, or None if there is none yet."""
    path = FOLDER / f"{language}.yml"
    return read_list(path) if path.exists() else None


def read_list(path: Path) -> Forbidden:
    """Return the list in a file.

    Raises:
        ContentError: a field is missing or unknown, or the file is named after another language.
    """
    fields = load(path).mapping(required=("language", "forbidden"))
    language = fields["language"].one_of(languages())
    if path.stem != language:
        raise fields["language"].error(f"the file is named {path.name}", f"name it {language}.yml")
    return Forbidden(language, tuple(_row(node) for node in fields["forbidden"].list()))


def _row(node: Node) -> Row:
    fields = node.mapping(required=("why", "instead", "words"))
    return Row(fields["why"].str(), fields["instead"].str(), fields["words"].strings())


@cache
def _matcher(word: str) -> tuple[str, re.Pattern[str]]:
    """Return the letters of a word, and where they count as it."""
    plain = _plain(word.rstrip("*"))
    letters = re.escape(plain)
    if UNSPACED.search(word):
        return plain, re.compile(letters)
    return plain, re.compile(rf"(?<!\w){letters}" if word.endswith("*") else rf"(?<!\w){letters}(?!\w)")


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold().replace("’", "'")
