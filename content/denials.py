"""Denials: what people say when something is not so ("my passport is with me"), as phrases, one file a language.

The heads hear the thing and miss the "not". What is denied here is not taken to be told.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from content.indicators import indicators
from content.sayings import Saying, read_sayings
from content.source import CONTENT, load

FOLDER = CONTENT / "denials"
_YES_AT_LEAST, _NO_AT_LEAST = 6, 6


@cache
def denied_by() -> dict[str, tuple[str, ...]]:
    """Return for each denial the indicators that it says are not so."""
    rows = load(CONTENT / "denials.yml").mapping(required=("denials",))["denials"].entries()
    named = {name: node.mapping(required=("not",))["not"].list() for name, node in rows.items()}
    return {name: tuple(item.one_of(indicators()) for item in items) for name, items in named.items()}


@cache
def denials() -> tuple[Saying, ...]:
    """Return every denial of every language."""
    return tuple(denial for path in sorted(FOLDER.glob("*.yml")) for denial in read_denials(path))


def read_denials(path: Path) -> tuple[Saying, ...]:
    """Return the denials in a file. Raises ContentError as `read_sayings` does."""
    return read_sayings(path, "denials", tuple(denied_by()), yes=_YES_AT_LEAST, no=_NO_AT_LEAST)
