"""How the line does: urgent hand-offs that waited too long, and languages people write in. Ids and numbers only."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count

from records.models import AuditEvent, Conversation
from records.states import Level, Owner

LATE = timedelta(minutes=3)  # then the on-call ladder begins: issue 5, point 5


@dataclass(frozen=True, slots=True, kw_only=True)
class LateHandoff:
    """An urgent hand-off that nobody took in time."""

    conversation_id: int | None  # None: erased since
    asked_at: datetime
    taken_at: datetime | None  # None: nobody took it
    waits: bool  # still, now
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """How many asked for a person in a language."""

    language: str
    asked: int
    waiting: int


def late_handoffs(now: datetime, *, days: int = 7, late: timedelta = LATE) -> list[LateHandoff]:
    """Urgent hand-offs of the last days that waited longer than `late`, the newest first."""
    rows = AuditEvent.objects.filter(
        action="owner_changed", at__gte=now - timedelta(days=days), conversation_uid__isnull=False
    ).order_by("conversation_uid", "pk")
    found = [
        one for one in _pairs(rows.values_list("conversation_uid", "at", "details"), now) if one[2] - one[1] > late
    ]
    ids = dict(Conversation.objects.filter(uid__in=[one[0] for one in found]).values_list("uid", "pk"))
    made = [
        LateHandoff(
            conversation_id=ids.get(uid),
            asked_at=asked,
            taken_at=until if end == Owner.STAFF else None,
            waits=end is None,
            minutes=int((until - asked).total_seconds() // 60),
        )
        for uid, asked, until, end in found
    ]
    return sorted(made, key=lambda one: one.asked_at, reverse=True)


def _pairs(rows: object, now: datetime) -> Iterator[tuple[uuid.UUID, datetime, datetime, Owner | None]]:
    """Each urgent hand-off with its end: taken by a person, given up, or not yet ended."""
    asked: tuple[uuid.UUID, datetime] | None = None
    for uid, at, details in rows:  # type: ignore[attr-defined]
        if asked is not None and asked[0] != uid:
            yield (*asked, now, None)
            asked = None
        if asked is not None and details.get("to") in (Owner.STAFF, Owner.BOT, Owner.CLOSED):
            yield (*asked, at, Owner(details["to"]))
            asked = None
        elif asked is None and details.get("to") == Owner.QUEUE and details.get("level") == Level.URGENT:
            asked = (uid, at)
    if asked is not None:
        yield (*asked, now, None)


def demand(now: datetime, *, days: int = 30) -> list[Demand]:
    """Languages in which people asked for a person in the last days, the most asked first."""
    rows = Conversation.objects.filter(queued_at__gte=now - timedelta(days=days)).exclude(language="")
    asked = dict(rows.values_list("language").annotate(n=Count("pk")).values_list("language", "n"))
    queue = Conversation.objects.filter(owner=Owner.QUEUE).exclude(language="")
    waiting = dict(queue.values_list("language").annotate(n=Count("pk")).values_list("language", "n"))
    made = [
        Demand(language=code, asked=asked.get(code, 0), waiting=waiting.get(code, 0)) for code in {*asked, *waiting}
    ]
    return sorted(made, key=lambda one: (-one.waiting, -one.asked, one.language))
