"""Ladder: who is told after how many minutes that a conversation waits, and when a worker counts as away.

Promises one typed row of `desk/ladder.yml`. Telling them is `bot.oncall`'s part.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from content.source import CONTENT, Node, load

LADDER = CONTENT / "desk" / "ladder.yml"
LEVELS = ("urgent", "priority", "offer", "info")
WAYS = ("desk", "email", "sms", "telegram")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """Whom to tell how, and when."""

    number: int  # from 1
    after: timedelta
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """All rungs by level, and when somebody counts as away."""

    rungs: Mapping[str, tuple[Rung, ...]]
    away_after: timedelta
    give_back_after: timedelta


@cache
def ladder() -> Ladder:
    """Return the rules of `desk/ladder.yml`."""
    fields = load(LADDER).mapping(required=("ladder", "away_after", "give_back_after"))
    away, back = fields["away_after"].int(), fields["give_back_after"].int()
    if not 0 < away < back:
        raise fields["give_back_after"].error(f"{back} minutes", f"more than away_after ({away})")
    rows = fields["ladder"].mapping(required=LEVELS)
    return Ladder(
        rungs={level: _rungs(rows[level]) for level in LEVELS},
        away_after=timedelta(minutes=away),
        give_back_after=timedelta(minutes=back),
    )


def rungs(level: str | None) -> tuple[Rung, ...]:
    """Return the rungs of a level; without one nobody knows yet, and that is taken as an offer."""
    return ladder().rungs[level or "offer"]


def _rungs(node: Node) -> tuple[Rung, ...]:
    rows = [one.mapping(required=("after", "by")) for one in node.list()]
    made = tuple(
        Rung(number=number, after=timedelta(minutes=row["after"].int()), by=row["by"].all_of(WAYS))
        for number, row in enumerate(rows, 1)
    )
    if not made or sorted(made, key=lambda rung: rung.after) != list(made):
        raise node.error("the rungs are not in order", "the earliest first, at least one")
    return made
