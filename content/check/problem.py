"""Problem: one line of `./run check`: where it is, what was found, what would be right."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from content.source import ContentError


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend."""

    where: str  # path from the root, and line
    found: str
    right: str

    def __str__(self) -> str:
        return f"{self.where} {self.found}; {self.right}"

    @property
    def order(self) -> tuple[str, int, str]:
        """Sorts problems as a reader goes through files."""
        path, _, line = self.where.rpartition(":")
        return (path, int(line), self.found) if line.isdigit() else (self.where, 0, self.found)


Rule: TypeAlias = Callable[[], Iterable[Problem]]


def of_error(error: ContentError) -> Problem:
    """Return the problem that a typed loader found."""
    return Problem(error.where, error.found, error.right)


def run(rules: Iterable[Rule]) -> list[Problem]:
    """Return what the rules find, each problem once.

    A file that cannot be read stops the rules that need it, not the others: it is one line, and what lies
    behind it is judged when it is mended.
    """
    found: dict[Problem, None] = {}
    for rule in rules:
        try:
            for problem in rule():
                found[problem] = None
        except ContentError as error:
            found[of_error(error)] = None
    return sorted(found, key=lambda problem: problem.order)
