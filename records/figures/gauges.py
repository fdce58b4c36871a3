"""Gauges: how the line stands, in numbers out of the tables. Channels, levels, codes; nothing that points at a person.

Each is one statement over an index or over the newest rows, so that it costs the same with a million conversations.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min

from records.models import (
    Conversation,
    InboxMessage,
    KeyInUse,
    Lease,
    OutboxMessage,
    ProviderState,
    ProviderTrace,
    Seat,
)
from records.staff.notices import open_notices
from records.states import CANARY, InboxStatus, Level, Owner, Presence

_NEWEST = 2000  # rows looked at for what happened lately
LATELY = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lately:
    """What the newest messages tell about the last quarter of an hour."""

    received: dict[str, int]  # by channel
    outgoing: dict[tuple[str, str], int]  # by channel and state
    answer_s: tuple[float, ...]  # from a message to the end of its turn, ascending
    send_s: tuple[float, ...]  # from an answer to the provider's receipt


def queue(now: datetime) -> dict[str, tuple[int, float]]:
    """By level: how many wait for a person, and for how many seconds the first of them."""
    found = dict.fromkeys((*Level.values, "none"), (0, 0.0))
    rows = Conversation.objects.filter(owner=Owner.QUEUE, queued_at__isnull=False).values("level")
    for row in rows.annotate(count=Count("pk"), since=Min("queued_at")).order_by():
        found[row["level"] or "none"] = (row["count"], _seconds(row["since"], now))
    return found


def turns_waiting(now: datetime) -> tuple[int, float]:
    """How many messages have no turn yet, and how old the oldest is."""
    row = InboxMessage.objects.filter(status=InboxStatus.NEW).aggregate(count=Count("pk"), since=Min("received_at"))
    return row["count"], _seconds(row["since"], now)


def unsent(now: datetime) -> dict[str, tuple[int, float]]:
    """By channel: how many of our messages are not out yet, and for how long the oldest is due."""
    rows = OutboxMessage.objects.filter(unfinished=True, not_before__lte=now).values("channel")
    found = rows.annotate(count=Count("pk"), since=Min("not_before")).order_by()
    return {row["channel"]: (row["count"], _seconds(row["since"], now)) for row in found if row["channel"] != CANARY}


def lately(now: datetime) -> Lately:
    """What came and went in the last quarter of an hour."""
    since = now - LATELY
    heard = [
        row
        for row in InboxMessage.objects.order_by("-pk").values_list("channel", "received_at", "done_at")[:_NEWEST]
        if row[1] > since and row[0] != CANARY
    ]
    said = [
        row
        for row in OutboxMessage.objects.order_by("-pk").values_list("channel", "status", "not_before", "sent_at")[
            :_NEWEST
        ]
        if row[2] > since and row[0] != CANARY
    ]
    return Lately(
        received=Counter(channel for channel, _, _ in heard),
        outgoing=Counter((channel, status) for channel, status, _, _ in said),
        answer_s=_ascending((done - received).total_seconds() for _, received, done in heard if done),
        send_s=_ascending((sent - due).total_seconds() for _, _, due, sent in said if sent),
    )


def providers(now: datetime) -> dict[str, tuple[str, float]]:
    """By channel that fails: the cause's name, and for how many seconds."""
    rows = ProviderState.objects.filter(failing_since__isnull=False)
    return {row.channel: (row.cause, _seconds(row.failing_since, now)) for row in rows}


def late(now: datetime, after: timedelta) -> dict[str, int]:
    """By channel: messages of the last quarter of an hour that their provider handed over late."""
    rows = InboxMessage.objects.order_by("-pk").values_list("channel", "received_at", "written_at")[:_NEWEST]
    return Counter(
        channel
        for channel, received, written in rows
        if written and received > now - LATELY and received - written > after
    )


def with_staff() -> int:
    """Conversations that a person answers. What the bot has is not counted: it may be a million."""
    return Conversation.objects.filter(owner=Owner.STAFF).count()


def staff_here() -> int:
    """How many of the staff are at the desk."""
    return Seat.objects.filter(presence=Presence.HERE, staff__is_active=True).count()


def notices() -> dict[str, int]:
    """Notices that nobody has seen, by kind."""
    return Counter(one.kind for one in open_notices())


def traces(now: datetime) -> tuple[int, float]:
    """Erased messages that are still at their provider, and since when the oldest."""
    row = ProviderTrace.objects.filter(settled_at__isnull=True).aggregate(count=Count("pk"), since=Min("erased_at"))
    return row["count"], _seconds(row["since"], now)


def leads(now: datetime) -> dict[str, bool]:
    """Work that one process at a time does, and whether one does it now."""
    return {name: until > now for name, until in Lease.objects.values_list("name", "until")}


def key_age(mark: str, now: datetime) -> float:
    """For how many seconds the master key of this mark has sealed; the first look begins the count."""
    row = KeyInUse.objects.get_or_create(mark=mark, defaults={"since": now})[0]
    return _seconds(row.since, now)


def _seconds(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0


def _ascending(found: Iterable[float]) -> tuple[float, ...]:
    return tuple(sorted(max(0.0, one) for one in found))
