"""What erased messages have left at the providers: remembered with the erasure, settled one by one, audited.

The eraser asks the providers; here is only who is due. A trace keeps an address only where
its provider asks for one, sealed, and only until it is settled.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from records import audit
from records.errors import SealBroken
from records.models import Conversation, InboxMessage, OutboxMessage, ProviderTrace
from records.sealing.keys import TRACE, open_address, seal_address
from records.states import Actor

KEPT_FOR = timedelta(days=30)  # so long an erased message that is delivered again is known as erased
_TAKEN_FOR = timedelta(minutes=5)
_SIMULATED = "sim-"


@dataclass(frozen=True, slots=True, kw_only=True)
class DueTrace:
    """One message that its provider is asked to erase now."""

    trace_id: int
    channel: str
    message_id: str
    address: str = field(repr=False)
    erased_at: datetime
    attempts: int  # this one included


def remember(
    conversation: Conversation,
    heard: Iterable[InboxMessage],
    said: Iterable[OutboxMessage],
    now: datetime,
) -> int:
    """Remember what these messages have left at their provider, before they are deleted here. Return how many."""
    channel = conversation.contact.channel
    if channel.startswith(_SIMULATED):
        return 0
    ids = [(row.provider_id, row.message_id) for row in heard]
    ids += [(row.provider_id, "") for row in said if row.provider_id]
    rows = [
        ProviderTrace(
            uid=uuid.uuid4(),
            conversation_uid=conversation.uid,
            channel=channel,
            provider_id=provider_id,
            message_id=message_id,
            erased_at=now,
            next_at=now,
        )
        for provider_id, message_id in ids
    ]
    if _needs_address(channel):
        address = _address_of(conversation)
        for row in rows:
            row.address = seal_address(address, row.uid, TRACE)
    ProviderTrace.objects.bulk_create(rows)
    return len(rows)


def due(channel: str, now: datetime, limit: int) -> list[DueTrace]:
    """Take what is due on this channel; nobody else takes it for a few minutes."""
    waiting = ProviderTrace.objects.filter(channel=channel, settled_at__isnull=True, next_at__lte=now)
    taken = []
    for row in waiting.order_by("next_at", "pk")[:limit]:
        won = ProviderTrace.objects.filter(pk=row.pk, next_at=row.next_at, settled_at__isnull=True).update(
            next_at=now + _TAKEN_FOR, attempts=row.attempts + 1
        )
        if won:
            taken.append(_opened(row))
    return taken


def settle(trace: DueTrace, now: datetime, *, gone: bool) -> None:
    """Keep what became of it; with the last of a conversation an audit row says how it went."""
    with transaction.atomic():
        row = ProviderTrace.objects.select_for_update().filter(pk=trace.trace_id, settled_at__isnull=True).first()
        if row is None:
            return
        row.settled_at, row.gone, row.address = now, gone, None
        row.save()
        all_of_it = ProviderTrace.objects.filter(conversation_uid=row.conversation_uid)
        if not all_of_it.filter(settled_at__isnull=True).exists():
            kept = all_of_it.filter(gone=False).count()
            audit.record(
                "erased_at_provider",
                now,
                actor=Actor.SYSTEM,
                conversation_uid=row.conversation_uid,
                details={"channel": row.channel, "gone": all_of_it.count() - kept, "kept": kept},
            )


def try_again(trace: DueTrace, at: datetime) -> None:
    """Ask the provider again then."""
    ProviderTrace.objects.filter(pk=trace.trace_id, settled_at__isnull=True).update(next_at=at)


def forget_old(now: datetime) -> int:
    """Delete the rows of what was settled long ago. Return how many."""
    return ProviderTrace.objects.filter(Q(settled_at__isnull=False), erased_at__lt=now - KEPT_FOR).delete()[0]


def open_traces() -> int:
    """How many erased messages their providers still have."""
    return ProviderTrace.objects.filter(settled_at__isnull=True).count()


def oldest_open() -> datetime | None:
    """Since when the provider should have erased the oldest of them."""
    return (
        ProviderTrace.objects.filter(settled_at__isnull=True)
        .order_by("erased_at")
        .values_list("erased_at", flat=True)
        .first()
    )


def _needs_address(channel: str) -> bool:
    return channel == "telegram"  # ids of messages are unique only inside a chat


def _address_of(conversation: Conversation) -> str:
    try:
        return conversation.contact.open_address()
    except SealBroken:
        return ""


def _opened(row: ProviderTrace) -> DueTrace:
    address = ""
    if row.address is not None:
        try:
            address = open_address(bytes(row.address), row.uid, TRACE)
        except SealBroken:
            address = ""
    return DueTrace(
        trace_id=row.pk,
        channel=row.channel,
        message_id=row.message_id or row.provider_id,
        address=address,
        erased_at=row.erased_at,
        attempts=row.attempts + 1,
    )
