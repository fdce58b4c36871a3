"""The canary: how the self-test's own conversation stands, what became of the last, and its erasure without a trace.

It passes through the same tables as everybody's; `Conversation.objects` does not know it, nothing of it is audited.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from records.models import (
    AssessmentRecord,
    Contact,
    Conversation,
    InboxMessage,
    OutboxMessage,
    SelfTest,
    TrackerChunk,
)
from records.states import CANARY, InboxStatus, OutboxStatus, Owner

_NAME = "canary"
_ARRIVED = (OutboxStatus.SENT, OutboxStatus.DELIVERED)
_ROWS = (OutboxMessage, InboxMessage, TrackerChunk, AssessmentRecord)  # children before parents


@dataclass(frozen=True, slots=True, kw_only=True)
class Flight:
    """What the tables say about the canary that is on its way."""

    heard: int  # messages of its own that are stored
    waits: bool  # one of them has had no turn yet
    failed: bool  # a turn could not be made, or a person would have been brought in
    keys: tuple[str, ...]  # what the last of them was answered with
    unsent: bool  # an answer has not gone out yet
    lost: bool  # an answer will not go out
    took_ms: int | None  # from the last message to the last answer


def last() -> SelfTest:
    """The row about the self-test."""
    return SelfTest.objects.get_or_create(name=_NAME)[0]


def flight() -> Flight:
    """How the canary's conversation stands."""
    inbox = list(InboxMessage.objects.filter(conversation__canary=True).order_by("pk"))
    answers = list(OutboxMessage.objects.filter(inbox=inbox[-1]).order_by("pk")) if inbox else []
    sent = [row.sent_at for row in answers if row.sent_at]
    owners = set(Conversation.every.filter(canary=True).values_list("owner", flat=True))
    return Flight(
        heard=len(inbox),
        waits=any(row.status == InboxStatus.NEW for row in inbox),
        failed=any(row.status == InboxStatus.FAILED for row in inbox) or bool(owners - {Owner.BOT}),
        keys=tuple(row.key for row in answers),
        unsent=any(row.unfinished for row in answers),
        lost=any(row.status not in _ARRIVED for row in answers if not row.unfinished),
        took_ms=round(1000 * (max(sent) - inbox[-1].received_at).total_seconds()) if sent else None,
    )


def erase() -> int:
    """Erase every canary at once. Return how many rows of conversations there were."""
    with transaction.atomic():
        rows = Conversation.every.select_for_update().filter(canary=True)
        found = [row.pk for row in rows]
        Conversation.every.filter(pk__in=found).update(wrapped_key=b"")  # as for everybody: first what opens the rest
        for model in _ROWS:
            model.objects.filter(conversation__in=found).delete()
        Conversation.every.filter(pk__in=found).delete()
        Contact.objects.filter(channel=CANARY, conversations__isnull=True).delete()
    return len(found)
