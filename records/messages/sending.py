"""Keeps what became of each outgoing message, and checks law 8 at the moment of sending.

A row goes waiting, sending, sent, delivered; or ends failed, dropped, unknown. `sending`
is committed before the network is touched, so a crash leaves a row whose fate is asked for.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timezone

from django.db import transaction
from django.db.models import Q, QuerySet

from records.errors import LostClaim
from records.messages.law8 import SendFacts, reason_to_drop
from records.messages.lost import tell_of, telling_of_dropped
from records.messages.next_delivery import ClaimedDelivery
from records.messages.outcome import ContactMarks
from records.messages.step import locked, mark_contact
from records.models import Conversation, InboxMessage, OutboxMessage
from records.staff.notices import QUESTION_NOT_SENT, raise_notice
from records.states import (
    NOT_REACHED,
    UNFINISHED,
    WAS_NOT_REACHED,
    Author,
    DropReason,
    OutboxStatus,
    tells_arrival,
)

_OTHERS = 200
_NOT_SENT_YET = (*UNFINISHED, OutboxStatus.UNKNOWN)
_TOLD = (OutboxStatus.SENT, OutboxStatus.DELIVERED, OutboxStatus.FAILED)
# What a provider may still tell us about a message, by what it tells.
_MOVES = {
    OutboxStatus.SENT: _NOT_SENT_YET,
    OutboxStatus.DELIVERED: (*_NOT_SENT_YET, OutboxStatus.SENT),
    OutboxStatus.FAILED: (*_NOT_SENT_YET, OutboxStatus.SENT),
}
# The same while the provider's id is not written down yet. A waiting message is tried again whatever became of
# an earlier try, unless that one arrived after all.
_EARLY_MOVES = {
    OutboxStatus.SENT: _NOT_SENT_YET,
    OutboxStatus.DELIVERED: _NOT_SENT_YET,
    OutboxStatus.FAILED: (OutboxStatus.SENDING, OutboxStatus.UNKNOWN),
}


def may_send(claimed: ClaimedDelivery, now: datetime) -> DropReason | None:
    """Why this message must not go out at this moment (a short code), or None. Reads the facts afresh."""
    row = OutboxMessage.objects.select_related("conversation__contact", "inbox").filter(pk=claimed.outbox_id).first()
    return DropReason.ERASED if row is None else reason_to_drop(SendFacts.of(row), now)


def begin_send(claimed: ClaimedDelivery) -> None:
    """Commit that the network is about to be touched.

    Raises:
        LostClaim: the claim lapsed, or the row was dropped meanwhile. It must not be sent.
    """
    if not _held(claimed).update(status=OutboxStatus.SENDING):
        raise LostClaim


def finish_send(claimed: ClaimedDelivery, provider_id: str, now: datetime) -> bool:
    """Keep that the provider took it. A fact: it counts even when the claim has lapsed meanwhile.

    What the provider has told about this very message before is later news, and stays.
    """
    with transaction.atomic():
        Conversation.objects.filter(pk=claimed.conversation_id).update(last_out_at=now)
        row = OutboxMessage.objects.filter(pk=claimed.outbox_id)
        lost_copy = Q(status=OutboxStatus.FAILED) & ~Q(provider_id__in=("", provider_id))  # of an earlier try
        moved = row.filter(Q(status__in=_NOT_SENT_YET) | lost_copy).update(
            status=OutboxStatus.SENT,
            provider_id=provider_id,
            sent_at=now,
            reason="",
            claimed_by="",
            claim_until=None,
        )
        if moved and claimed.not_reached and not tells_arrival(claimed.channel):
            _reached([claimed.conversation_id])
        told = row.filter(status__in=_TOLD, provider_id=provider_id, sent_at__isnull=True)
        return bool(moved or told.update(sent_at=now))


def fail_send(
    claimed: ClaimedDelivery,
    reason: str,
    retry_at: datetime | None,
    *,
    sent_id: str = "",
    opted_out_at: datetime | None = None,
    now: datetime | None = None,
) -> bool:
    """Keep that it did not go out: try again at `retry_at`, or never. False when the claim was lost.

    One of staff, or urgent, that is given up raises a notice. `sent_id` names what went out of it all the same: it has
    to be erased at the provider one day.

    With `opted_out_at` the contact is marked too, so that nothing more is tried: they refuse our messages.
    """
    status = OutboxStatus.FAILED if retry_at is None else OutboxStatus.WAITING
    with transaction.atomic():
        if opted_out_at is not None:
            try:
                conversation = locked(claimed.conversation_id)  # before its rows, as everywhere
            except LostClaim:
                return False  # erased: nobody is left to mark
        if retry_at is not None and _held(claimed).filter(reason=DropReason.OVERTAKEN).exists():
            status, reason, retry_at = OutboxStatus.DROPPED, DropReason.OVERTAKEN, None
        partly = {"provider_id": sent_id} if sent_id else {}
        failed = _held(claimed).update(status=status, reason=reason, claimed_by="", claim_until=retry_at, **partly)
        if failed and retry_at is None:
            _tell(claimed, now)
        if failed and opted_out_at is not None:
            theirs = OutboxMessage.objects.filter(conversation__contact=claimed.contact_id)
            with telling_of_dropped(theirs, now or _wall_clock()):
                mark_contact(conversation, ContactMarks(opted_out=True), opted_out_at)
        return bool(failed)


def drop_send(claimed: ClaimedDelivery, reason: DropReason, *, now: datetime | None = None) -> bool:
    """Close it unsent because it must not go out any more. False when the claim was lost.

    One of staff raises a notice, and so does an urgent one whose time ran out or that a person's coming kept back.
    """
    with transaction.atomic():
        dropped = _held(claimed).update(status=OutboxStatus.DROPPED, reason=reason, claimed_by="", claim_until=None)
        if dropped:
            _tell(claimed, now)
        return bool(dropped)


def ask_later(claimed: ClaimedDelivery, at: datetime) -> bool:
    """Let go of a message whose fate could not be asked now, until then. It stays `sending`: the next holder asks."""
    return bool(_held(claimed).update(claimed_by="", claim_until=at))


def leave_unknown(claimed: ClaimedDelivery, reason: str, *, asks: bool = False, now: datetime | None = None) -> bool:
    """Close it as perhaps sent: the provider cannot be asked, and a second copy could harm. Staff see it.

    One of staff or urgent raises a notice, and so does one that `asks` something: they may wait for us while we wait
    for them.
    """
    with transaction.atomic():
        left = _held(claimed).update(status=OutboxStatus.UNKNOWN, reason=reason, claimed_by="", claim_until=None)
        if left:
            _tell(claimed, now)
            if asks and not claimed.urgent and claimed.author != Author.STAFF:
                at = now or _wall_clock()
                raise_notice(QUESTION_NOT_SENT, at, conversation_id=claimed.conversation_id, reason=reason)
        return bool(left)


def _tell(claimed: ClaimedDelivery, now: datetime | None) -> None:
    tell_of(OutboxMessage.objects.filter(pk=claimed.outbox_id), now or _wall_clock())


def apply_status(
    channel: str,
    provider_id: str,
    state: str,
    reason: str = "",
    *,
    uid: str | None = None,
    now: datetime | None = None,
    opted_out: bool = False,
) -> bool:
    """Keep what a provider tells about a sent message; never moves a final state back. True when it moved.

    `uid` is the message's own id, if the provider carries it back: news can be faster than `finish_send`.
    `opted_out`: it failed because they block our messages. The contact is marked, unless they allowed them since.
    """
    if not provider_id:
        return False
    to = OutboxStatus(state)
    meant = Q(provider_id=provider_id, status__in=_MOVES[to])
    own = _uuid(uid)
    if own is not None:
        meant |= Q(uid=own, provider_id="", status__in=_EARLY_MOVES[to])
    # In one statement: between two of them `finish_send` could slip in and the news would meet neither.
    rows = OutboxMessage.objects.filter(meant, channel=channel)
    with transaction.atomic():
        moved = rows.update(status=to, reason=reason, provider_id=provider_id, claimed_by="", claim_until=None)
        if moved and to == OutboxStatus.FAILED:
            lost = OutboxMessage.objects.filter(channel=channel, provider_id=provider_id, status=OutboxStatus.FAILED)
            tell_of(lost, now or _wall_clock())
    if moved and to == OutboxStatus.FAILED and opted_out:
        _refused_by_them(channel, provider_id, now or _wall_clock())
    if moved and to == OutboxStatus.DELIVERED:
        with transaction.atomic():  # another: conversations are locked before their rows
            _reached(conversations_of(channel, provider_id))
    return bool(moved)


def _refused_by_them(channel: str, provider_id: str, now: datetime) -> None:
    """Mark the contact of this message: nothing more is tried, and staff see why."""
    for row in OutboxMessage.objects.filter(channel=channel, provider_id=provider_id):
        since = row.sent_at or row.created_at
        with transaction.atomic():  # another: conversations are locked before their rows
            try:
                conversation = locked(row.conversation_id)
            except LostClaim:
                continue  # erased at this moment
            theirs = InboxMessage.objects.filter(conversation__contact=conversation.contact_id)
            if theirs.filter(kind="opt_in", received_at__gt=since).exists() or conversation.contact.opted_out_at:
                continue
            with telling_of_dropped(OutboxMessage.objects.filter(conversation__contact=conversation.contact_id), now):
                mark_contact(conversation, ContactMarks(opted_out=True), since)
            conversation.version += 1  # a turn that was made from the facts before is refused
            conversation.save(update_fields=["version"])


def _reached(conversation_ids: Sequence[int]) -> None:
    """Something arrived: that nothing does is not a reason for a person any more."""
    found = Conversation.objects.filter(pk__in=conversation_ids).values_list("pk", "handoff_reasons")
    for conversation_id, reasons in found:
        if NOT_REACHED not in reasons:
            continue
        try:
            conversation = locked(conversation_id)
        except LostClaim:
            continue  # erased at this moment
        left = [one for one in conversation.handoff_reasons if one != NOT_REACHED]
        conversation.handoff_reasons = left or [WAS_NOT_REACHED]  # a card without a reason helps nobody
        conversation.version += 1  # a turn that was made from the facts before is refused
        conversation.save(update_fields=["handoff_reasons", "version"])


def conversations_of(channel: str, provider_id: str) -> list[int]:
    """Whose message the provider means."""
    rows = OutboxMessage.objects.filter(channel=channel, provider_id=provider_id)
    return list(rows.values_list("conversation_id", flat=True))


def other_provider_ids(claimed: ClaimedDelivery) -> frozenset[str]:
    """What the provider calls the contact's other messages: one with the same words is not this one."""
    others = OutboxMessage.objects.filter(conversation__contact=claimed.contact_id, channel=claimed.channel)
    known = others.exclude(pk=claimed.outbox_id).exclude(provider_id="").order_by("-pk")
    return frozenset(known.values_list("provider_id", flat=True)[:_OTHERS])


def _wall_clock() -> datetime:
    return datetime.now(timezone.utc)


def _uuid(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        return None


def _held(claimed: ClaimedDelivery) -> QuerySet[OutboxMessage]:
    return OutboxMessage.objects.filter(
        pk=claimed.outbox_id, unfinished=True, claimed_by=claimed.holder, attempts=claimed.attempts
    )
