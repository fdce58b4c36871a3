"""Tallies: how many people wrote in a quarter and what they had in common, counted without keeping any of them.

A person is a contact: many conversations of one are one. They are counted from what is stored, and once their
last conversation of the quarter is erased, from the tally. Who asked to delete is not counted.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timezone
from typing import Any

from django.db import transaction
from django.db.models import F

from records.models import Conversation, PublishedQuarter, Tally

# The most useful first: where people are too few, the last is withheld first.
FACETS = ("channel", "answered_by", "level", "language", "role", "outcome")
Alike = tuple[str, ...]


def quarter_of(at: datetime) -> date:
    """The first day of the quarter, in UTC."""
    day = at.astimezone(timezone.utc).date()
    return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)


def after(quarter: date) -> date:
    """The first day of the next one."""
    last = quarter.month == 10  # noqa: PLR2004 (October begins the last)
    return date(quarter.year + 1, 1, 1) if last else quarter.replace(month=quarter.month + 3)


def keep_count(conversation: Conversation) -> None:
    """Count the person of a conversation that is about to be erased, unless another of this quarter stands for them."""
    quarter = quarter_of(conversation.started_at)
    others = _of(quarter).filter(contact=conversation.contact_id).exclude(pk=conversation.pk)
    if others.exists() or PublishedQuarter.objects.filter(quarter=quarter).exists():
        return
    alike = _alike(conversation)
    mark = hashlib.sha256(json.dumps(alike).encode()).hexdigest()
    row, _ = Tally.objects.get_or_create(quarter=quarter, mark=mark, defaults={"alike": list(alike)})
    Tally.objects.filter(pk=row.pk).update(people=F("people") + 1)


def counts(quarter: date) -> Counter[Alike]:
    """How many people there were of each kind. Small numbers: not for any eyes."""
    found: Counter[Alike] = Counter()
    for row in Tally.objects.filter(quarter=quarter):
        found[tuple(row.alike)] += row.people
    last = None
    newest_first = _of(quarter).select_related("contact").order_by("contact_id", "-started_at", "-pk")
    for conversation in newest_first.iterator(chunk_size=2000):
        if conversation.contact_id != last:
            found[_alike(conversation)] += 1
            last = conversation.contact_id
    return found


def unpublished(before: date) -> list[date]:
    """The quarters that ended before a day and were not published, the oldest first."""
    rows = [*Tally.objects.order_by("quarter").values_list("quarter", flat=True)[:1]]
    first = Conversation.objects.order_by("started_at").values_list("started_at", flat=True).first()
    starts = [*rows, *([quarter_of(first)] if first else [])]
    done = set(PublishedQuarter.objects.values_list("quarter", flat=True))
    found, quarter = [], min(starts, default=before)
    while after(quarter) <= before:
        if quarter not in done:
            found.append(quarter)
        quarter = after(quarter)
    return found


def keep_published(quarter: date, cells: list[Mapping[str, Any]], now: datetime) -> None:
    """Keep what is published of a quarter, and forget what it was counted from."""
    with transaction.atomic():
        PublishedQuarter.objects.create(quarter=quarter, made_at=now, cells=cells)
        Tally.objects.filter(quarter__lte=quarter).delete()


def published() -> list[PublishedQuarter]:
    """Every published quarter, the oldest first."""
    return list(PublishedQuarter.objects.order_by("quarter"))


def _of(quarter: date) -> Any:
    begin, end = (datetime(day.year, day.month, 1, tzinfo=timezone.utc) for day in (quarter, after(quarter)))
    return Conversation.objects.filter(started_at__gte=begin, started_at__lt=end)


def _alike(row: Conversation) -> Alike:
    return (
        row.contact.channel,
        "person" if row.claimed_at else "bot",
        row.level or "none",
        row.language or "none",
        row.role or "none",
        row.outcome or "none",
    )
