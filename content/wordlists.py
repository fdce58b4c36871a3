"""Word lists: what the guess of a language leans on besides its model.

Neutral and distinctive words, and per language hand-written words that no package carries: frequent
ones, and those of languages that people also write in Latin letters.
"""

from __future__ import annotations

from functools import cache

from content.languages import recognised
from content.source import CONTENT, load

FILE = CONTENT / "neutral_words.yml"


@cache
def neutral_words() -> frozenset[str]:
    """Return the words that say nothing about the language of a message."""
    rows = load(FILE).mapping(required=("neutral", "distinctive"))["neutral"]
    return frozenset(word for row in rows.list() for word in row.strings())


@cache
def distinctive_words() -> dict[str, tuple[str, ...]]:
    """Return the words that name their language by themselves, each with the languages that use it."""
    rows = load(FILE).mapping(required=("neutral", "distinctive"))["distinctive"]
    return {word: row.all_of(recognised()) for word, row in rows.entries().items()}


def romanised_texts() -> dict[str, tuple[str, ...]]:
    """Return words and short sentences in Latin letters, for languages that have a script of their own."""
    return _texts("romanised")


def frequent_texts() -> dict[str, tuple[str, ...]]:
    """Return frequent words, most frequent first, of languages for which no package has a list."""
    return _texts("frequent")


@cache
def _texts(kind: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for path in sorted((CONTENT / kind).glob("*.yml")):
        fields = load(path).mapping(required=("language", "words"), optional=("sentences",))
        language = fields["language"].one_of(recognised())
        if path.stem != language:
            raise fields["language"].error(f"the file is named {path.name}", f"name it {language}.yml")
        # A line of words is one text to read and many to learn from.
        words = tuple(word for line in fields["words"].strings() for word in line.split())
        found[language] = words + (fields["sentences"].strings() if "sentences" in fields else ())
    return found
