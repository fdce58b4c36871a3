"""Denials: what people say when something is not so ("my passport is with me"), as phrases, one file a language.

The heads hear the thing and miss the "not". What is denied here is not taken to be told.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from content.indicators import RISKS, indicators
from content.sayings import Saying, read_sayings
from content.source import CONTENT, Node, load

FOLDER = CONTENT / "denials"
_YES_AT_LEAST, _NO_AT_LEAST = 6, 6


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSo:
    """What a denial takes out of its message."""

    indicators: tuple[str, ...]  # not told
    doubts: tuple[str, ...]  # risks that are asked about where only the heads hear them
    asks: tuple[str, ...]  # risks that are asked about whoever hears them
    calms: tuple[str, ...]  # risks that only a rule raises, in what else the message says


@cache
def denied_by() -> dict[str, NotSo]:
    """Return for each denial what it says is not so."""
    rows = load(CONTENT / "denials.yml").mapping(required=("denials",))["denials"].entries()
    return {name: _not_so(node) for name, node in rows.items()}


def _not_so(node: Node) -> NotSo:
    fields = node.mapping(required=("not", "doubts", "asks", "calms"))
    return NotSo(
        indicators=tuple(item.one_of(indicators()) for item in fields["not"].list()),
        doubts=tuple(item.one_of(RISKS) for item in fields["doubts"].list()),
        asks=tuple(item.one_of(RISKS) for item in fields["asks"].list()),
        calms=tuple(item.one_of(RISKS) for item in fields["calms"].list()),
    )


@cache
def denials() -> tuple[Saying, ...]:
    """Return every denial of every language."""
    return tuple(denial for path in sorted(FOLDER.glob("*.yml")) for denial in read_denials(path))


def read_denials(path: Path) -> tuple[Saying, ...]:
    """Return the denials in a file. Raises ContentError as `read_sayings` does."""
    return read_sayings(path, "denials", tuple(denied_by()), yes=_YES_AT_LEAST, no=_NO_AT_LEAST)
