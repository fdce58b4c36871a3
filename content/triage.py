"""Triage: the numbers behind score, budgets, levels, waits and gaps, as the clinical lead can read and change them.

Promises one typed row of `triage.yml`. What follows from it is `screening`'s part.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from content.indicators import DIMENSIONS, RISKS, indicators
from content.questions import questions
from content.source import CONTENT, Node, load


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskWords:
    """What is said when a risk is heard."""

    say: tuple[str, ...]
    say_other: tuple[str, ...]  # when a relative or neighbour reports it of another person
    numbers: str | None = None  # police | ambulance: which emergency number fits
    then: str | None = None
    silent: bool = False  # nothing but these words: somebody may be reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """What is said to somebody who waits in the queue."""

    after: int  # minutes
    say: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Triage:
    """The rules of level and questions."""

    points: Mapping[str, int]
    weak_counts_at_most: int
    positive_at: int
    restrict_group_further: str
    sexual_columns_when: tuple[str, ...]
    labour_columns_when: tuple[str, ...]
    order_of_dimensions: tuple[str, ...]
    budgets: Mapping[str, int]
    stop_after_skips: int
    stop_after_unclear: int
    first_questions: Mapping[str, tuple[str, ...]]
    forms: Mapping[str, tuple[str, ...]]
    flows: Mapping[str, tuple[str, ...]]
    risks: Mapping[str, RiskWords]
    urgent_alone: tuple[str, ...]
    harm: tuple[str, ...]  # indicators that staff see before any wish
    waits: tuple[Wait, ...]
    company_for: tuple[str, ...]  # risks that bring the other list of waits
    waits_with_company: tuple[Wait, ...]
    gaps_minutes: Mapping[str, int]
    valid_minutes: Mapping[str, int]
    retention_days: Mapping[str, int]


@cache
def triage() -> Triage:
    """Return the rules of `triage.yml`."""
    fields = load(CONTENT / "triage.yml").mapping(required=list(Triage.__dataclass_fields__))
    known = indicators()
    return Triage(
        points=_numbers(fields["points"], ("S", "M", "W")),
        weak_counts_at_most=fields["weak_counts_at_most"].int(),
        positive_at=fields["positive_at"].int(),
        restrict_group_further=fields["restrict_group_further"].one_of(("S", "M", "W")),
        sexual_columns_when=fields["sexual_columns_when"].all_of(known),
        labour_columns_when=fields["labour_columns_when"].all_of(known),
        order_of_dimensions=fields["order_of_dimensions"].all_of(DIMENSIONS),
        budgets=_numbers(fields["budgets"], ("self", "child", "family", "community")),
        stop_after_skips=fields["stop_after_skips"].int(),
        stop_after_unclear=fields["stop_after_unclear"].int(),
        first_questions={k: v.all_of(known) for k, v in fields["first_questions"].entries().items()},
        forms={k: v.all_of(known) for k, v in fields["forms"].entries().items()},
        flows={k: v.all_of({*questions(), "core"}) for k, v in fields["flows"].entries().items()},
        risks={k: _risk(v) for k, v in fields["risks"].mapping(required=RISKS).items()},
        urgent_alone=fields["urgent_alone"].all_of(RISKS),
        harm=fields["harm"].all_of(known),
        waits=_waits(fields["waits"]),
        company_for=fields["company_for"].all_of(RISKS),
        waits_with_company=_waits(fields["waits_with_company"]),
        gaps_minutes=_numbers(fields["gaps_minutes"], ("sms", "telegram")),
        valid_minutes=_numbers(fields["valid_minutes"], ("sms", "telegram")),
        retention_days=_numbers(fields["retention_days"], ("consent_refused", "bot_only", "case")),
    )


def _waits(node: Node) -> tuple[Wait, ...]:
    rows = [one.mapping(required=("after", "say")) for one in node.list()]
    waits = tuple(Wait(after=row["after"].int(), say=row["say"].str()) for row in rows)
    if not waits or sorted(waits, key=lambda wait: wait.after) != list(waits):
        raise node.error("the waits are not in order", "the earliest first, at least one")
    return waits


def _numbers(node: Node, names: tuple[str, ...]) -> dict[str, int]:
    return {name: value.int() for name, value in node.mapping(required=names).items()}


def _risk(node: Node) -> RiskWords:
    fields = node.mapping(required=("say", "say_other"), optional=("numbers", "then", "silent"))
    return RiskWords(
        say=fields["say"].strings(),
        say_other=fields["say_other"].strings(),
        numbers=fields["numbers"].one_of(("police", "ambulance")) if "numbers" in fields else None,
        then=fields["then"].str() if "then" in fields else None,
        silent=fields["silent"].bool() if "silent" in fields else False,
    )
