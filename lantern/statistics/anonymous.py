"""Anonymous: people into cells of at least k, none of whom can be told apart in what is published.

The rule and the number are those of the Counter Trafficking Data Collaborative, whose public dataset is
k-anonymised with k = 11: "redacts cases falling into sets with fewer than k members, where each set is defined by a
unique combination of values" (ctdatacollaborative.org/glossary and /global-dataset). Here a value is withheld before
a person is. Every person is in one cell or in none, and no total is published but the sum of the cells, so no
difference between published numbers is a number of people that was held back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

K = 11
WITHHELD = "*"


@dataclass(frozen=True, slots=True)
class Cell:
    """People who have these values in common, as far as they are shown."""

    values: tuple[str, ...]
    people: int


def cells(counts: Mapping[tuple[str, ...], int], k: int = K) -> list[Cell]:
    """Make the cells. Where people are fewer than k, the last value is withheld, then the one before, and so on."""
    made: list[Cell] = []
    left = Counter({values: people for values, people in counts.items() if people})
    width = max(map(len, left), default=0)
    for shown in range(width, -1, -1):
        alike: Counter[tuple[str, ...]] = Counter()
        for values, people in left.items():
            alike[values[:shown] + (WITHHELD,) * (width - shown)] += people
        made += [Cell(values, people) for values, people in alike.items() if people >= k]
        left = Counter({values: people for values, people in alike.items() if people < k})
    return sorted(made, key=lambda cell: cell.values)
