"""Commits a turn: inbox row, outbox rows, tracker, assessment, facts, marks and audit, in one transaction.

All of it becomes true or none. A turn made from facts that moved, or under a claim that
was lost, writes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import QuerySet

from records.errors import LostClaim, StaleTurn
from records.messages.intake import open_conversation_of
from records.messages.lost import telling_of_dropped
from records.messages.material import ConversationFacts, TurnMaterial, load_conversation, load_turn
from records.messages.outcome import AuditEntry, Changes, ContactMarks, OutboxDraft, TurnOutcome
from records.messages.queries import ClaimedTurn, take_hold
from records.messages.step import apply_outcome, locked
from records.models import Conversation, InboxMessage, OutboxMessage
from records.states import InboxStatus, Level, Owner

__all__ = [
    "ConversationFacts",
    "TurnMaterial",
    "commit_step",
    "commit_turn",
    "fail_turn",
    "load_conversation",
    "load_turn",
    "reopen_for",
]

_LONGEST_PAUSE_S = 30
GAVE_UP = "bot_failed"  # the hand-off reason when no turn could be made


def commit_turn(
    claimed: ClaimedTurn, outcome: TurnOutcome, now: datetime, following: ClaimedTurn | None = None
) -> bool:
    """Make the turn true; return whether the message that follows is now claimed.

    Args:
        following: what `look_ahead` saw. It is claimed in the same transaction, which spares it one of its own: each
            waits for the disk, and for the other lanes.

    Raises:
        StaleTurn: the conversation changed since the material was read; load it again.
        LostClaim: someone else has the message, or it is done.
    """
    with transaction.atomic():
        conversation = locked(claimed.conversation_id)
        findings = None
        if outcome.findings is not None:
            row = InboxMessage(uid=claimed.inbox_uid)
            findings = row.sealed_findings(conversation.open_key(), list(outcome.findings))
        if not _done(claimed, findings, now):
            raise LostClaim
        _apply_with_message(conversation, claimed, outcome, now)
        return following is not None and take_hold(following, now)


def commit_step(conversation_id: int, outcome: TurnOutcome, now: datetime) -> None:
    """Make something true that no message asked for: a wait that is told, a closing by time.

    Raises:
        StaleTurn: the conversation changed since its facts were read.
        LostClaim: it was erased.
    """
    with transaction.atomic():
        conversation = locked(conversation_id)
        if conversation.version != outcome.version:
            raise StaleTurn
        _apply(conversation, outcome, now, inbox_id=None)


def fail_turn(
    claimed: ClaimedTurn,
    now: datetime,
    *,
    gave_up: bool,
    level: Level = Level.OFFER,
    lines: Sequence[OutboxDraft] = (),
) -> None:
    """Give the message back for another try after a pause; or give up, and bring in a person.

    Giving up closes the row as failed and, if the bot had the conversation, puts it into
    the queue in the same transaction, with the lines that tell the contact.

    Raises:
        LostClaim: someone else has the message, or it is done.
    """
    if not gave_up:
        pause = timedelta(seconds=min(2 ** min(claimed.attempts - 1, 10), _LONGEST_PAUSE_S))
        if not _held(claimed).update(claimed_by="", claim_until=now + pause):
            raise LostClaim
        return
    with transaction.atomic():
        conversation = locked(claimed.conversation_id)
        if not _held(claimed).update(status=InboxStatus.FAILED, done_at=now, claimed_by="", claim_until=None):
            raise LostClaim
        changes = Changes()
        if conversation.owner == Owner.BOT:
            known = Level(conversation.level) if conversation.level else None
            reasons = (*(reason for reason in conversation.handoff_reasons if reason != GAVE_UP), GAVE_UP)
            changes = Changes(owner=Owner.QUEUE, level=_more_urgent(known, level), handoff_reasons=reasons)
        outcome = TurnOutcome(
            version=conversation.version,
            outbox=tuple(lines),
            changes=changes,
            audit=(AuditEntry(action="turn_failed", details={"inbox": claimed.inbox_id}),),
        )
        _apply_with_message(conversation, claimed, outcome, now)


def reopen_for(claimed: ClaimedTurn, now: datetime) -> ClaimedTurn:
    """Move the message of a conversation that is closed to the contact's open one, and keep the claim.

    The open conversation is a new one if need be; the message is sealed again under its key.

    Raises:
        LostClaim: someone else has the message, or it is done.
    """
    with transaction.atomic():
        old = locked(claimed.conversation_id)
        if old.owner != Owner.CLOSED:
            return claimed
        new = open_conversation_of(old.contact, now)
        row = InboxMessage.objects.get(pk=claimed.inbox_id)
        row.seal_payload(new.open_key(), row.open_payload(old.open_key()))
        if not _held(claimed).update(conversation=new, payload=row.payload):
            raise LostClaim
        return replace(claimed, conversation_id=new.pk, conversation_uid=new.uid)


def _apply_with_message(conversation: Conversation, claimed: ClaimedTurn, outcome: TurnOutcome, now: datetime) -> None:
    if conversation.version != outcome.version:
        raise StaleTurn
    if conversation.last_in_at is None or conversation.last_in_at < claimed.received_at:
        conversation.last_in_at = claimed.received_at
    _apply(conversation, outcome, now, inbox_id=claimed.inbox_id)


def _apply(conversation: Conversation, outcome: TurnOutcome, now: datetime, *, inbox_id: int | None) -> None:
    """The outcome as the step writes it; of a reply of staff that a mark on the contact drops a notice tells."""
    if outcome.marks == ContactMarks():
        apply_outcome(conversation, outcome, now, inbox_id=inbox_id)
        return
    with telling_of_dropped(OutboxMessage.objects.filter(conversation__contact=conversation.contact_id), now):
        apply_outcome(conversation, outcome, now, inbox_id=inbox_id)


_DONE = (
    "UPDATE records_inboxmessage SET status = 'done', done_at = %s, claimed_by = '', claim_until = NULL,"
    " findings = COALESCE(%s, findings) WHERE id = %s AND status = 'new' AND claimed_by = %s AND attempts = %s"
)


def _done(claimed: ClaimedTurn, findings: bytes | None, now: datetime) -> bool:
    """Close the message if the claim still holds; return whether it did."""
    at = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute(_DONE, (at, findings, claimed.inbox_id, claimed.holder, claimed.attempts))
        return bool(cursor.rowcount)


def _held(claimed: ClaimedTurn) -> QuerySet[InboxMessage]:
    return InboxMessage.objects.filter(
        pk=claimed.inbox_id, status=InboxStatus.NEW, claimed_by=claimed.holder, attempts=claimed.attempts
    )


def _more_urgent(known: Level | None, new: Level) -> Level:
    order = list(Level)
    return new if known is None else min(known, new, key=order.index)
