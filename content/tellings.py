"""Tellings: the plainest words for an indicator ("my boss hit me"), as phrases, one file a language.

The heads have learnt from indirect, real messages and are unsure of the plainest ones; here a phrase is enough.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from content.indicators import indicators
from content.sayings import Saying, read_sayings
from content.source import CONTENT, load

FOLDER = CONTENT / "tellings"
_YES_AT_LEAST, _NO_AT_LEAST = 6, 6


@cache
def told_plainly() -> tuple[str, ...]:
    """Return the indicators that are heard by phrases too."""
    named = load(CONTENT / "tellings.yml").mapping(required=("tellings",))["tellings"].list()
    return tuple(item.one_of(indicators()) for item in named)


@cache
def tellings() -> tuple[Saying, ...]:
    """Return every telling of every language."""
    return tuple(telling for path in sorted(FOLDER.glob("*.yml")) for telling in read_tellings(path))


def read_tellings(path: Path) -> tuple[Saying, ...]:
    """Return the tellings in a file. Raises ContentError as `read_sayings` does."""
    return read_sayings(path, "tellings", told_plainly(), yes=_YES_AT_LEAST, no=_NO_AT_LEAST)
