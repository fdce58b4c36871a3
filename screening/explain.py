"""Explain: which rule gave what, in lines that a clinical lead can hold against the tables. Ids only, no words."""

from __future__ import annotations

from collections.abc import Iterator

from content.indicators import STRENGTHS
from content.triage import triage
from screening.assessment import Assessment
from screening.levels import level
from screening.next_question import next_question, stop_rule
from screening.rights import fitting_rights
from screening.score import score


def explain(known: Assessment) -> tuple[str, ...]:
    """Return the score by indicator and dimension, the pattern, the level with its rules, and what is asked next."""
    return (*_score(known), *_level(known), *_next(known), "A screening aid, not a finding.")


def _score(known: Assessment) -> Iterator[str]:
    points = score(known)
    yield f"columns: {points.profile} (table: content/indicators.yml)"
    for line in points.lines:
        worth = triage().points[line.weight]
        yield f"  {line.indicator}: {STRENGTHS[line.weight]} in {line.dimension}, {worth} points, by {line.rule}"
    for name in sorted(known.possible):
        yield f"  {name}: possible, 0 points; it may be asked"
    at = triage().positive_at
    for dimension, total in points.points.items():
        if total:
            yield f"{dimension}: {total} points, {'positive' if dimension in points.positive else f'below {at}'}"
    yield f"pattern: {points.pattern}"


def _level(known: Assessment) -> Iterator[str]:
    found = level(known)
    yield f"level: {found.name or 'none yet'}" + (f", by {', '.join(found.rules)}" if found.rules else "")


def _next(known: Assessment) -> Iterator[str]:
    stopped = stop_rule(known)
    yield f"screening: {f'stopped by {stopped}' if stopped else 'goes on'}"
    question = next_question(known)
    yield f"next question: {question.id if question else 'none'}"
    yield f"rights that fit: {', '.join(fitting_rights(known))}"
