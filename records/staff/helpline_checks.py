"""Helplines that a person has tried: the newest answer about each number, as `content.helplines` takes it in."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from content.helplines import Check, Checks
from records import audit
from records.messages.prepared import Prepared
from records.models import HelplineCheck, Staff

HOW = ("called", "official", "partner")  # dialled it, read it on the official page, asked a partner


def note(country: str, number: str, staff: Staff, now: datetime, *, right: bool, how: str) -> None:
    """Keep an answer about a number; the earlier ones stay."""
    if how not in HOW:
        raise ValueError(f"how {how!r}; known: {', '.join(HOW)}")
    with transaction.atomic():
        row = HelplineCheck.objects.create(country=country, number=number, right=right, how=how, staff=staff, at=now)
        audit.record("helpline_checked", now, staff=staff, details={"row": row.pk, "country": country, "right": right})


def checks() -> Checks:
    """The newest answer about each number."""
    return {(country, number): Check(on=at.date(), right=right) for country, number, right, at in _answers()}


_answers = Prepared(lambda: HelplineCheck.objects.order_by("at", "pk").values_list("country", "number", "right", "at"))


def newest() -> dict[tuple[str, str], HelplineCheck]:
    """The newest row about each number, with who noted it."""
    rows = HelplineCheck.objects.select_related("staff").order_by("at", "pk")
    return {(row.country, row.number): row for row in rows}
