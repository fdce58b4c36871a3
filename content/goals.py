"""Goals: what a practice with a simulated contact is judged by. Promises one typed row of `desk/goals.yml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from content.catalogue import SOURCE, catalogue
from content.source import CONTENT, Node, load

FILE = CONTENT / "desk" / "goals.yml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """One thing to do well."""

    id: str
    title: str  # in English
    say: tuple[str, ...] = ()
    never: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Goals:
    """All of them."""

    safe: tuple[str, ...]
    arrange: tuple[str, ...]
    always: tuple[str, ...]
    goals: Mapping[str, Goal]


@cache
def goals() -> Goals:
    """Return the rows of the file.

    Raises:
        ContentError: a sentence or a goal that there is not.
    """
    fields = load(FILE).mapping(required=("safe", "arrange", "always", "goals"))
    rows = {name: _goal(name, node) for name, node in fields["goals"].entries().items()}
    known = catalogue(SOURCE).sentences
    return Goals(
        safe=fields["safe"].all_of(known),
        arrange=fields["arrange"].all_of(known),
        always=fields["always"].all_of(rows),
        goals=rows,
    )


def _goal(name: str, node: Node) -> Goal:
    fields = node.mapping(required=("title",), optional=("say", "never"))
    said = {side: _starts(fields[side]) for side in ("say", "never") if side in fields}
    return Goal(id=name, title=fields["title"].str(), **said)


def _starts(node: Node) -> tuple[str, ...]:
    for one in node:
        if not any(_fits(key, one.str()) for key in catalogue(SOURCE).sentences):
            raise one.error(f"no sentence is called {one.str()}", "a key of the catalogue, or how several begin")
    return node.strings()


def _fits(key: str, start: str) -> bool:
    return key.startswith(start) if start.endswith(".") else key == start


def among(key: str, starts: tuple[str, ...]) -> bool:
    """Say whether a sentence is one of these."""
    return any(_fits(key, start) for start in starts)
