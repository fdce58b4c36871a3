"""Score: additive points that equal the ILO/EC 2009 combination rule, and the pattern staff see.

Explainable: every point names its indicator and weight. "No", "skip" and silence never subtract, and
nothing is inferred from nationality, sex, work in the sex trade, papers, accent or language.
Never shown to the person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from content.indicators import indicators
from content.triage import triage
from screening.assessment import Assessment


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One indicator as it counted."""

    indicator: str
    dimension: str
    weight: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Points by dimension, which of them are positive, and the pattern."""

    points: Mapping[str, int]
    positive: tuple[str, ...]
    pattern: str  # P0..P6, or C for a child
    profile: str
    lines: tuple[Line, ...]

    @property
    def total(self) -> int:
        """All points together."""
        return sum(self.points.values())

    def strong_in(self, dimension: str) -> bool:
        """True when a strong indicator counted in this dimension."""
        return any(line.dimension == dimension and line.weight == "S" for line in self.lines)


def score(known: Assessment) -> Score:
    """Return the score of what was said or confirmed; possible findings count nothing."""
    profile, columns = _columns(known)
    lines = _lines(known, profile, columns)
    points = {dimension: add_up([x.weight for x in lines if x.dimension == dimension]) for dimension in _SCORED}
    positive = tuple(dimension for dimension in _SCORED if points[dimension] >= triage().positive_at)
    return Score(
        points=points,
        positive=positive,
        pattern=_pattern(known, points, positive),
        profile=profile,
        lines=tuple(lines),
    )


_SCORED = ("REC", "CON", "EXP", "VUL")


def add_up(weights: list[str]) -> int:
    """Return the points of one dimension: strong 4, medium 2, weak 1, of which at most 2 count."""
    rules = triage()
    weak = min(weights.count("W") * rules.points["W"], rules.weak_counts_at_most)
    return sum(rules.points[weight] for weight in weights if weight in ("S", "M")) + weak


def _columns(known: Assessment) -> tuple[str, tuple[str, ...]]:
    age = "child" if known.minor else "adult"
    if any(name in known.indicators for name in triage().sexual_columns_when):
        return f"{age}_sexual", (f"{age}_sexual",)
    if any(name in known.indicators for name in triage().labour_columns_when):
        return f"{age}_labour", (f"{age}_labour",)
    return f"{age}_unknown", (f"{age}_labour", f"{age}_sexual")  # the form is not known: the higher weight counts


def _lines(known: Assessment, profile: str, columns: tuple[str, ...]) -> list[Line]:
    rows = indicators()
    groups: set[str] = set()
    lines: list[Line] = []
    for name in known.indicators:
        row = rows.get(name)
        if row is None or row.dimension == "MOD":
            continue
        weight = min((row.weights[column] for column in columns), key="SMW-".index)
        if weight == "-":
            weight = min(row.weights.values(), key="SMW-".index)
        rule = f"{profile}.{weight}"
        if row.group and row.group in groups:
            weight, rule = triage().restrict_group_further, f"{row.group}.further"
        if row.group:
            groups.add(row.group)
        lines.append(Line(indicator=name, dimension=row.dimension, weight=weight, rule=rule))
    return lines


def _pattern(known: Assessment, points: Mapping[str, int], positive: tuple[str, ...]) -> str:
    others = [name for name in known.indicators if name != "minor"]
    if known.minor and others:
        return "C"
    if "EXP" in positive and "CON" in positive:
        return "P1" if "REC" in positive or "VUL" in positive else "P2"
    if "CON" in positive:
        return "P3"
    if "EXP" in positive:
        return "P4"
    if "REC" in positive:
        return "P5"
    return "P6" if sum(points.values()) else "P0"
