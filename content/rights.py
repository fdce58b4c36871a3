"""Rights: which of them fit an indicator, a need or a child. The sentences themselves stand in the catalogues.

Promises typed rows of `rights.yml`; picking at most three is `screening.rights`' part.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from content.indicators import indicators
from content.source import CONTENT, Node, load

IDS = tuple(f"R{n}" for n in range(1, 25)) + tuple(f"C{n}" for n in range(1, 9))


_SCOPES, _FORCES = ("int", "asean", "coe", "eu", "varies"), ("must", "consider", "soft")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a right comes from, and how far it goes."""

    texts: tuple[str, ...]
    scope: tuple[str, ...]
    force: str
    caveat: str
    reviewed: dt.date | None  # by a lawyer


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """Fitting rights, by what was heard or asked for."""

    at_most: int
    by_indicator: Mapping[str, tuple[str, ...]]
    by_need: Mapping[str, tuple[str, ...]]
    child: tuple[str, ...]
    otherwise: tuple[str, ...]
    on_any_phone: tuple[str, ...]  # gives nobody away who reads along
    sources: Mapping[str, Source]
    not_told_in: Mapping[str, tuple[str, ...]]  # by country: what a local lawyer took out


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
        on_any_phone=fields["on_any_phone"].all_of(IDS),
        sources={name: _source(node) for name, node in fields["sources"].mapping(required=IDS).items()},
        not_told_in={code: row.all_of(IDS) for code, row in fields["not_told_in"].entries().items()},
    )


def _source(node: Node) -> Source:
    fields = node.mapping(required=("from", "scope", "force", "caveat", "reviewed"))
    return Source(
        texts=fields["from"].strings(),
        scope=fields["scope"].all_of(_SCOPES),
        force=fields["force"].one_of(_FORCES),
        caveat=fields["caveat"].str(),
        reviewed=None if fields["reviewed"].is_null else fields["reviewed"].date(),
    )


def _table(node: Node, names: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    return {name: row.all_of(IDS) for name, row in node.mapping(optional=names).items()}
