"""Who works on what: claims turns of the inbox, and lets go of the claims of a holder that died.

A claim is a compare-and-set on one row, so of two claimers one wins; it lapses when its
holder does not finish in time. The claims of outgoing messages live in `records.messages.sending`
and can be taken from here.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import Any

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q

from records.messages.next_delivery import ClaimedDelivery, Held, claim_next_delivery
from records.messages.prepared import Prepared
from records.messages.sending import (
    apply_status,
    ask_later,
    begin_send,
    conversations_of,
    drop_send,
    fail_send,
    finish_send,
    leave_unknown,
    may_send,
    other_provider_ids,
)
from records.models import InboxMessage, OutboxMessage
from records.states import InboxStatus

__all__ = [
    "ClaimedDelivery",
    "ClaimedTurn",
    "Held",
    "apply_status",
    "ask_later",
    "begin_send",
    "claim_next_delivery",
    "claim_next_turn",
    "conversations_of",
    "drop_send",
    "fail_send",
    "finish_send",
    "leave_unknown",
    "look_ahead",
    "may_send",
    "other_provider_ids",
    "release_claims",
    "take_hold",
    "turns_waiting",
]

_CANDIDATES = 8
_LONGEST_CLAIM = timedelta(minutes=5)  # ten times what a turn is claimed for, or put back for


@dataclass(frozen=True, slots=True)
class ClaimedTurn:
    """An incoming message that this holder, and nobody else, works on until the claim lapses."""

    inbox_id: int
    inbox_uid: uuid.UUID
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
    for following in _waiting(holder, lane, lanes, now):
        if take_hold(following, now, lapse_s):
            return following
    return None


def look_ahead(holder: str, lane: int, lanes: int, now: datetime) -> ClaimedTurn | None:
    """The message that `claim_next_turn` would try first; nobody has it until `take_hold`."""
    return next(_waiting(holder, lane, lanes, now, _FIRST), None)


def take_hold(seen: ClaimedTurn, now: datetime, lapse_s: float = 30) -> bool:
    """Claim what was seen; return whether it is ours. Inside a transaction it is ours when that is committed."""
    moments = (now + timedelta(seconds=lapse_s), now, now + _LONGEST_CLAIM)
    until, free, beyond = (connection.ops.adapt_datetimefield_value(one) for one in moments)
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, (seen.holder, until, seen.inbox_id, seen.attempts, free, beyond))
        return bool(cursor.rowcount)


def _waiting(
    holder: str, lane: int, lanes: int, now: datetime, asked: Sequence[Prepared] | None = None
) -> Iterator[ClaimedTurn]:
    for candidates in asked or _ALL:
        for row in candidates(lane=lane, lanes=lanes, now=now, latest=now + _LONGEST_CLAIM):
            facts = (*row, holder)
            yield ClaimedTurn(*facts)


def _candidates(*, lane: int, lanes: int, now: datetime, latest: datetime, flood: bool = False, most: int = 1) -> Any:
    # A claim for longer than anybody claims is of before the clock was set back.
    free = Q(claim_until__isnull=True) | Q(claim_until__lte=now) | Q(claim_until__gt=latest)
    kept_back_by = InboxMessage.objects.filter(
        Q(pk__lt=OuterRef("pk")) | Q(claim_until__gt=now, claim_until__lte=latest),
        conversation=OuterRef("conversation"),
        status=InboxStatus.NEW,
    )
    rows = InboxMessage.objects.alias(in_lane=F("conversation__lane_hash") % lanes).filter(
        free, ~Exists(kept_back_by), status=InboxStatus.NEW, in_lane=lane, flood=flood
    )
    return rows.order_by("pk").values_list(
        "pk", "uid", "conversation_id", "conversation__uid", "channel", "kind", "received_at", F("attempts") + 1
    )[:most]


_EXAMPLES = {"lane": -1001, "lanes": 1009, "now": datetime(1970, 1, 1, tzinfo=timezone.utc),
             "latest": datetime(1970, 1, 2, tzinfo=timezone.utc)}  # fmt: skip
_of_a_flood = Prepared(partial(_candidates, flood=True), **_EXAMPLES)
# Who floods is heard after everybody else.
_ALL = (Prepared(partial(_candidates, most=_CANDIDATES), **_EXAMPLES), _of_a_flood)
_FIRST = (Prepared(_candidates, **_EXAMPLES), _of_a_flood)  # nobody else is in the lane: there is no second try
_CLAIM = (
    "UPDATE records_inboxmessage SET claimed_by = %s, claim_until = %s, attempts = attempts + 1"
    " WHERE id = %s AND attempts + 1 = %s AND status = 'new'"
    " AND (claim_until IS NULL OR claim_until <= %s OR claim_until > %s)"
)


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
