"""Rights: which of them fit an indicator, a need or a child. The sentences themselves stand in the catalogues.

Promises typed rows of `rights.yml`; picking at most three is `screening.rights`' part.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from content.indicators import indicators
from content.source import CONTENT, Node, load

IDS = tuple(f"R{n}" for n in range(1, 25)) + tuple(f"C{n}" for n in range(1, 9))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """Fitting rights, by what was heard or asked for."""

    at_most: int
    by_indicator: Mapping[str, tuple[str, ...]]
    by_need: Mapping[str, tuple[str, ...]]
    child: tuple[str, ...]
    otherwise: tuple[str, ...]


@cache
def rights() -> Rights:
    """Return the table of `rights.yml`."""
    fields = load(CONTENT / "rights.yml").mapping(required=list(Rights.__dataclass_fields__))
    return Rights(
        at_most=fields["at_most"].int(),
        by_indicator=_table(fields["by_indicator"], tuple(indicators())),
        by_need=_table(fields["by_need"], ("safe_place", "doctor", "pay_papers", "go_home", "talk", "information")),
        child=fields["child"].all_of(IDS),
        otherwise=fields["otherwise"].all_of(IDS),
    )


def _table(node: Node, names: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    return {name: row.all_of(IDS) for name, row in node.mapping(optional=names).items()}
