"""Who works on what: claims turns of the inbox, and lets go of the claims of a holder that died.

A claim is a compare-and-set on one row, so of two claimers one wins; it lapses when its
holder does not finish in time. The claims of outgoing messages live in `records.sending`
and can be taken from here.
"""

from __future__ import annotations

import itertools
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q

from records.models import InboxMessage, OutboxMessage
from records.sending import (
    ClaimedDelivery,
    Held,
    apply_status,
    begin_send,
    claim_next_delivery,
    drop_send,
    fail_send,
    finish_send,
    leave_unknown,
    may_send,
    other_provider_ids,
)
from records.states import InboxStatus

__all__ = [
    "ClaimedDelivery",
    "ClaimedTurn",
    "Held",
    "apply_status",
    "begin_send",
    "claim_next_delivery",
    "claim_next_turn",
    "drop_send",
    "fail_send",
    "finish_send",
    "leave_unknown",
    "may_send",
    "other_provider_ids",
    "release_claims",
    "turns_waiting",
]

_CANDIDATES = 8
_LONGEST_CLAIM = timedelta(minutes=5)  # ten times what a turn is claimed for, or put back for


@dataclass(frozen=True, slots=True)
class ClaimedTurn:
    """An incoming message that this holder, and nobody else, works on until the claim lapses."""

    inbox_id: int
    conversation_id: int
    conversation_uid: uuid.UUID
    channel: str
    kind: str
    received_at: datetime
    attempts: int  # this one included; it also names the claim, so a late holder cannot commit
    holder: str


def claim_next_turn(holder: str, lane: int, lanes: int, now: datetime, lapse_s: float = 30) -> ClaimedTurn | None:
    """The oldest message of this lane that can be worked on now, or None.

    Messages of one conversation come in order: while one of them is held, or waits for
    its next try, the ones after it wait too.
    """
    kept_back_by = InboxMessage.objects.filter(
        Q(pk__lt=OuterRef("pk")) | Q(claim_until__gt=now, claim_until__lte=now + _LONGEST_CLAIM),
        conversation=OuterRef("conversation"),
        status=InboxStatus.NEW,
    )
    candidates = (
        InboxMessage.objects.alias(in_lane=F("conversation__lane_hash") % lanes)
        .filter(_claimable(now), ~Exists(kept_back_by), in_lane=lane)
        .order_by("pk")
        .values_list(
            "pk", "conversation_id", "conversation__uid", "channel", "kind", "received_at", "attempts", named=True
        )
    )
    # Who floods is heard after everybody else.
    for row in itertools.chain(candidates.filter(flood=False)[:_CANDIDATES], candidates.filter(flood=True)[:1]):
        won = InboxMessage.objects.filter(_claimable(now), pk=row.pk, attempts=row.attempts).update(
            claimed_by=holder, claim_until=now + timedelta(seconds=lapse_s), attempts=F("attempts") + 1
        )
        if won:
            return ClaimedTurn(
                inbox_id=row.pk,
                conversation_id=row.conversation_id,
                conversation_uid=row.conversation__uid,
                channel=row.channel,
                kind=row.kind,
                received_at=row.received_at,
                attempts=row.attempts + 1,
                holder=holder,
            )
    return None


def _claimable(now: datetime) -> Q:
    # A claim for longer than anybody claims is of before the clock was set back.
    free = Q(claim_until__isnull=True) | Q(claim_until__lte=now) | Q(claim_until__gt=now + _LONGEST_CLAIM)
    return Q(status=InboxStatus.NEW) & free


def turns_waiting(received_before: datetime | None = None) -> int:
    """How many messages have no finished turn yet, for health and for the fall-back to a person."""
    waiting = InboxMessage.objects.filter(status=InboxStatus.NEW)
    if received_before is not None:
        waiting = waiting.filter(received_at__lt=received_before)
    return waiting.count()


def release_claims(holder: str) -> int:
    """Give back what a dead holder held, without waiting for the lapse. Return how many rows.

    A message it was sending stays `sending`: its fate is unknown, and the next holder is told.
    """
    turns = InboxMessage.objects.filter(status=InboxStatus.NEW, claimed_by=holder)
    deliveries = OutboxMessage.objects.filter(unfinished=True, claimed_by=holder)
    return turns.update(claimed_by="", claim_until=None) + deliveries.update(claimed_by="", claim_until=None)
