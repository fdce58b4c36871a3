"""Indicators: what each one means for the score, and which published label it is reported as.

Promises typed rows of `indicators.yml`. The adding up is `screening.score`'s part.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from content.source import CONTENT, Node, load

DIMENSIONS = ("REC", "CON", "EXP", "VUL", "MOD")
PROFILES = ("adult_labour", "adult_sexual", "child_labour", "child_sexual")
STRENGTHS = {"S": "strong", "M": "medium", "W": "weak"}
WEIGHTS = (*STRENGTHS, "-")
RISKS = (
    "immediate_danger", "suicide_self_harm", "medical_emergency", "minor_at_risk", "controller_present",
    "sexual_violence_recent",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One indicator of exploitation or control."""

    id: str
    title: str
    dimension: str
    weights: Mapping[str, str]  # profile -> S, M, W or -
    forms: tuple[str, ...]
    basis: str  # ilo | project (waits for a domain expert)
    group: str | None = None
    parent: str | None = None
    published: bool = True


@cache
def indicators() -> dict[str, Indicator]:
    """Return every indicator by id, in the order of the file."""
    root = load(CONTENT / "indicators.yml").mapping(required=("indicators",))
    rows = {name: _row(name, node) for name, node in root["indicators"].entries().items()}
    for name, node in root["indicators"].entries().items():
        parent = rows[name].parent
        if parent and parent not in rows:
            raise node.error(f"{name} names the parent {parent}", "a parent is an id of this file")
    return rows


def published() -> tuple[str, ...]:
    """Return the ids that may be reported outside a case file."""
    return tuple(name for name, row in indicators().items() if row.published)


def _row(name: str, node: Node) -> Indicator:
    fields = node.mapping(
        required=("title", "dimension", "weights", "forms", "basis"), optional=("group", "parent", "published")
    )
    weights = fields["weights"].mapping(required=PROFILES)
    return Indicator(
        id=name,
        title=fields["title"].str(),
        dimension=fields["dimension"].one_of(DIMENSIONS),
        weights={profile: weights[profile].one_of(WEIGHTS) for profile in PROFILES},
        forms=fields["forms"].strings(),
        basis=fields["basis"].one_of(("ilo", "project")),
        group=fields["group"].str() if "group" in fields else None,
        parent=fields["parent"].str() if "parent" in fields else None,
        published=fields["published"].bool() if "published" in fields else True,
    )
