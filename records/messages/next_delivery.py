"""Next delivery: which outgoing message a sender takes next, and what it gets to know of it.

Those of one conversation go in order; what is urgent is claimed first. What becomes of it is `sending`'s.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from records.errors import SealBroken
from records.messages.law8 import SendFacts
from records.messages.lost import tell_of
from records.models import InboxMessage, OutboxMessage
from records.states import NOT_REACHED, SEAL_BROKEN, Author, OutboxStatus, valid_for_s

_CANDIDATES = 8
_LONGEST_CLAIM = timedelta(seconds=valid_for_s("telegram"))
_PASSED_AFTER = timedelta(seconds=5)  # on its way for longer than a try takes as a rule


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedDelivery:
    """An outgoing message that this holder, and nobody else, sends."""

    outbox_id: int
    uid: uuid.UUID
    conversation_id: int
    conversation_uid: uuid.UUID
    contact_id: int
    channel: str
    address: str = field(repr=False)
    text: str = field(repr=False)
    buttons: tuple[tuple[str, str], ...] = field(repr=False)  # (id, label)
    key: str
    author: Author
    facts: SendFacts  # as they were when the row was claimed; `may_send` reads them again
    created_at: datetime
    valid_for_s: int
    timed: bool
    urgent: bool
    attempts: int
    holder: str
    line: str  # which of our own numbers they wrote to
    heard_at: datetime | None  # their last message
    not_reached: bool = False  # a person was brought in because nothing of ours arrived
    earlier_try: bool  # an earlier holder was sending it and died: nobody knows whether it went out


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Whose messages must wait although they are due."""

    lines: tuple[str, ...] = ()  # of contacts who wrote to these numbers of ours
    all_but: tuple[str, ...] | None = None  # of all but those who wrote to these
    chat_gap_s: float = 0.0  # of contacts to whom something went out less than this ago


def claim_next_delivery(
    holder: str, channels: Sequence[str], now: datetime, lapse_s: float = 60, held: Held | None = None
) -> ClaimedDelivery | None:
    """The next message that is due on one of these channels, urgent ones first, or None.

    Messages of one conversation go in order: one that is held or waits for its next try
    keeps back the ones after it. An urgent one waits only for urgent ones, and for what goes at this moment.
    """
    mine = {"conversation": OuterRef("conversation"), "unfinished": True}
    before = (
        OutboxMessage.objects.filter(**mine)
        .filter(Q(not_before__lt=OuterRef("not_before")) | Q(not_before=OuterRef("not_before"), pk__lt=OuterRef("pk")))
        .filter(Q(urgent__gte=OuterRef("urgent")) | _goes_now(now, lapse_s))
    )
    due = (
        OutboxMessage.objects.filter(_claimable(now), ~Exists(before), channel__in=list(channels))
        # What was not to wait is due at once, also after the clock was set back.
        .filter(Q(not_before__lte=now) | Q(not_before__lte=F("created_at")))
        .filter(_free(held or Held(), now))
        .order_by("-urgent", "not_before", "pk")
        .values_list("pk", "attempts", "status")
    )
    for outbox_id, attempts, status in due[:_CANDIDATES]:
        won = OutboxMessage.objects.filter(_claimable(now), pk=outbox_id, attempts=attempts, status=status).update(
            claimed_by=holder, claim_until=now + timedelta(seconds=lapse_s), attempts=F("attempts") + 1
        )
        if not won:
            continue
        try:
            return _opened(outbox_id, holder)
        except OutboxMessage.DoesNotExist:
            continue  # erased at this moment
        except SealBroken:
            # A row that does not open can never be sent; it must not keep back the ones after it.
            row = OutboxMessage.objects.filter(pk=outbox_id)
            with transaction.atomic():
                row.update(status=OutboxStatus.FAILED, reason=SEAL_BROKEN)
                tell_of(row, now)
    return None


def _free(held: Held, now: datetime) -> Q:
    by_line = Q(conversation__line__in=held.all_but) if held.all_but is not None else Q()
    if held.lines:
        by_line &= ~Q(conversation__line__in=held.lines)
    if not held.chat_gap_s:
        return by_line
    just_now = now - timedelta(seconds=held.chat_gap_s)
    return by_line & Q(
        ~Exists(OutboxMessage.objects.filter(conversation=OuterRef("conversation"), sent_at__gt=just_now))
    )


def _claimable(now: datetime) -> Q:
    # One for longer than any message is worth sending is of before the clock was set back.
    free = Q(claim_until__isnull=True) | Q(claim_until__lte=now) | Q(claim_until__gt=now + _LONGEST_CLAIM)
    return Q(unfinished=True) & free


def _goes_now(now: datetime, lapse_s: float) -> Q:
    """Somebody is sending it, and not for so long that they must have died."""
    return ~Q(claimed_by="") & Q(claim_until__gt=now + timedelta(seconds=lapse_s) - _PASSED_AFTER)


def _opened(outbox_id: int, holder: str) -> ClaimedDelivery:
    related = ("conversation__contact", "conversation__day_key", "inbox")
    row = OutboxMessage.objects.select_related(*related).get(pk=outbox_id)
    text, buttons = row.open_payload(row.conversation.open_key())
    return ClaimedDelivery(
        outbox_id=row.pk,
        uid=row.uid,
        conversation_id=row.conversation_id,
        conversation_uid=row.conversation.uid,
        contact_id=row.conversation.contact_id,
        channel=row.channel,
        address=row.conversation.contact.open_address(),
        text=text,
        buttons=buttons,
        key=row.key,
        author=Author(row.author),
        facts=SendFacts.of(row),
        created_at=row.created_at,
        valid_for_s=row.valid_for_s,
        timed=row.timed,
        urgent=row.urgent,
        attempts=row.attempts,
        holder=holder,
        line=row.conversation.line,
        heard_at=_last_heard(row),
        not_reached=NOT_REACHED in row.conversation.handoff_reasons,
        earlier_try=row.status == OutboxStatus.SENDING,
    )


def _last_heard(row: OutboxMessage) -> datetime | None:
    heard = InboxMessage.objects.filter(conversation__contact=row.conversation.contact_id).order_by("-pk")
    found = heard.values_list("received_at", "written_at").first()
    return (found[1] or found[0]) if found else None
