"""Helplines: which numbers may be shown to a contact in which country, today.

Promises only numbers that may be shown (the rules stand on top of `helplines.yml`), with whom each helps; never a
name, because a name on a screen can tell what the talk was about. Takes the day, keeps no clock. What a person
has found out about a number since the file was written comes in from outside, around a call: `checked_by`.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache

from content.source import CONTENT, Node, load

FRESH_DAYS = 180
SERVICES = ("police", "ambulance", "fire")
# Who answers, as a contact is told behind the number: whom it helps, never what it is about.
_WHO = {"child": "child", "women_violence": "women", "migrant_labour": "workers"}
# Which kinds of line fit a child and an adult, best first.
_ADULT = ("trafficking", "migrant_labour", "women_violence", "ngo")
_CHILD = ("child", "trafficking")


@dataclass(frozen=True, slots=True, kw_only=True)
class Emergency:
    """One emergency number."""

    number: str
    services: tuple[str, ...]
    sure: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Helpline:
    """One helpline as staff see it."""

    name: str
    number: str
    kind: str
    run_by: str
    hours: str
    sure: bool
    records_calls: bool
    note: str
    source: str
    last_checked: datetime.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What a person found out about a number, and on which day."""

    on: datetime.date
    right: bool


Checks = Mapping[tuple[str, str], Check]  # by country and number
_checks: ContextVar[Callable[[], Checks]] = ContextVar("helpline_checks", default=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """The numbers of one country."""

    emergency: tuple[Emergency, ...]
    helplines: tuple[Helpline, ...]


@contextmanager
def checked_by(checks: Callable[[], Checks]) -> Iterator[None]:
    """Within it, a number that a person found right is shown as if it were sure, one found wrong is not shown.

    `checks` is asked when the first number is looked up, and once: most turns show none.
    """
    token = _checks.set(cache(checks))
    try:
        yield
    finally:
        _checks.reset(token)


def emergency(country: str | None, service: str) -> str | None:
    """Return the number for `police` or `ambulance` that may be shown, or None."""
    rows = countries()
    if country is None or country not in rows:
        return None
    fitting = (row for row in rows[country].emergency if service in row.services)
    return next((row.number for row in fitting if answers(country, row)), None)


def answers(country: str, row: Emergency) -> bool:
    """True when a contact may be shown this emergency number."""
    check = _checks.get()().get((country, row.number))
    return check.right if check else row.sure


def showable(country: str | None, *, child: bool, today: datetime.date, at_most: int = 2) -> tuple[str, ...]:
    """Return up to `at_most` helpline numbers that a contact in this country may be shown today."""
    return tuple(dict.fromkeys(line.number for line in _fitting(country, child=child, today=today)))[:at_most]


def _fitting(country: str | None, *, child: bool, today: datetime.date) -> list[Helpline]:
    if country is None or country not in countries():
        return []
    kinds = _CHILD if child else _ADULT
    lines = [line for line in countries()[country].helplines if line.kind in kinds and may_show(country, line, today)]
    return sorted(lines, key=lambda line: kinds.index(line.kind))


def with_who(country: str | None, *, child: bool, today: datetime.date, at_most: int = 2) -> tuple[str, ...]:
    """Return the numbers that may be shown, the emergency number last, each with the mark of who answers it."""
    who = {line.number: _WHO.get(line.kind, "help") for line in reversed(_fitting(country, child=child, today=today))}
    shown = {number: who[number] for number in showable(country, child=child, today=today, at_most=at_most)}
    police = emergency(country, "police")
    if police and police not in shown:
        shown[police] = "police"
    return tuple(f"{number} (@{answers})" for number, answers in shown.items())


def may_show(country: str, line: Helpline, today: datetime.date) -> bool:
    """True when a contact may be shown this line today."""
    check = _checks.get()().get((country, line.number))
    if check and not check.right:
        return False
    days = [day for day in (check.on if check else None, line.last_checked) if day]
    checked = max(days) if days else (released() if line.sure else None)
    return line.run_by != "police" and checked is not None and (today - checked).days <= FRESH_DAYS


@cache
def _file() -> dict[str, Node]:
    return load(CONTENT / "helplines.yml").mapping(required=("released", "countries"))


@cache
def released() -> datetime.date:
    """Return the day on which this list was released."""
    return _file()["released"].date()


@cache
def countries() -> dict[str, Country]:
    """Return every country by its two-letter code."""
    rows = {}
    for code, node in _file()["countries"].entries().items():
        fields = node.mapping(required=("emergency", "helplines"))
        rows[code] = Country(
            emergency=tuple(_emergency(row) for row in fields["emergency"]),
            helplines=tuple(_helpline(row) for row in fields["helplines"]),
        )
    return rows


def _emergency(node: Node) -> Emergency:
    fields = node.mapping(required=("number", "services", "confidence", "note", "source", "last_checked"))
    return Emergency(
        number=fields["number"].str(),
        services=fields["services"].all_of(SERVICES),
        sure=fields["confidence"].one_of(("sure", "verify")) == "sure",
    )


def _helpline(node: Node) -> Helpline:
    fields = node.mapping(
        required=(
            "name",
            "number",
            "kind",
            "run_by",
            "hours",
            "confidence",
            "records_calls",
            "note",
            "source",
            "last_checked",
        )
    )
    return Helpline(
        name=fields["name"].str(),
        number=fields["number"].str(),
        kind=fields["kind"].str(),
        run_by=fields["run_by"].one_of(("gov", "police", "ngo", "un", "unknown")),
        hours=fields["hours"].str(),
        sure=fields["confidence"].one_of(("sure", "verify")) == "sure",
        records_calls=fields["records_calls"].bool(),
        note=fields["note"].str(),
        source=fields["source"].str(),
        last_checked=None if fields["last_checked"].is_null else fields["last_checked"].date(),
    )
