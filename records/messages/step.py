"""The parts of a change to a conversation, each inside the caller's transaction.

Locks are taken in one order everywhere: conversation, contact, rows. On SQLite the
write transaction itself is the lock.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime
from typing import Any

from django.db.models import Max, Min
from django.db.models.functions import Coalesce, Least

from records import audit
from records.errors import LostClaim
from records.messages.law8 import keeps_safe
from records.messages.outcome import KEEP, Changes, ContactMarks, OutboxDraft, TurnOutcome
from records.messages.prepared import Prepared, insert, rewrite
from records.models import AssessmentRecord, Contact, Conversation, InboxMessage, OutboxMessage, Staff, TrackerChunk
from records.states import NOT_ALONE, REACHED_NOBODY, Actor, Author, DropReason, OutboxStatus, Owner

# When a message was written: as the provider tells, whose clock may go fast; where it does not, when it came.
WRITTEN = Least(Coalesce("written_at", "received_at"), "received_at")


def locked(conversation_id: int) -> Conversation:
    """The conversation, held until the transaction ends, with contact and day key loaded.

    Raises:
        LostClaim: it was erased.
    """
    conversation: Conversation | None = _held.first(conversation_id=conversation_id)
    if conversation is None:
        raise LostClaim
    conversation.as_read = dict(vars(conversation))
    return conversation


_held = Prepared(
    lambda conversation_id: (
        Conversation.every.select_for_update(of=("self",))
        .select_related("contact", "day_key")
        .filter(pk=conversation_id)
    ),
    conversation_id=-1001,
)
_assessment = Prepared(
    lambda conversation_id: AssessmentRecord.objects.filter(conversation_id=conversation_id), conversation_id=-1001
)


def apply_outcome(conversation: Conversation, outcome: TurnOutcome, now: datetime, *, inbox_id: int | None) -> None:
    """Write all of an outcome but the inbox row. `conversation` is locked and has the outcome's version."""
    change_facts(conversation, outcome.changes, now, inbox_id=inbox_id)
    if outcome.outbox:
        conversation.last_out_at = now
    conversation.version += 1
    rewrite(conversation, conversation.as_read)
    mark_contact(conversation, outcome.marks, now)
    key = conversation.open_key()
    if outcome.overtakes:
        overtake(outcome.overtakes)
    add_outbox(conversation, key, outcome.outbox, now, inbox_id=inbox_id)
    _add_events(conversation, key, outcome)
    if outcome.assessment is not None:
        _replace_assessment(conversation, key, outcome.assessment)
    if conversation.canary:
        return  # nobody's rights hang on it
    for entry in outcome.audit:
        audit.record(entry.action, now, conversation_uid=conversation.uid, details=entry.details)


def change_facts(conversation: Conversation, changes: Changes, now: datetime, *, inbox_id: int | None = None) -> None:
    """Put the new facts into the object, with the times that follow from them; `inbox_id`: what was heard."""
    doubt = _doubt(conversation.doubt, changes)
    for item in fields(changes):
        value = getattr(changes, item.name)
        if value is not KEEP and item.name != "owner":
            setattr(conversation, item.name, list(value) if isinstance(value, tuple) else value)
    if changes.safe_answer is not KEEP:
        conversation.safe_at = now
    if changes.safe_answer is not KEEP or changes.doubt is not KEEP:
        conversation.doubt = doubt
        conversation.doubt_at = now if conversation.doubt else None
    if changes.owner is not KEEP and changes.owner != conversation.owner:
        if changes.owner == Owner.STAFF:
            raise ValueError("staff take a conversation with records.staff.desk.claim")
        change_owner(conversation, changes.owner, now, actor=Actor.BOT, inbox_id=inbox_id)


def _doubt(before: str, changes: Changes) -> str:
    """What speaks against their last answer: danger heard later does not end that they are perhaps not alone."""
    if changes.doubt is KEEP:
        return ""
    return NOT_ALONE if before == NOT_ALONE and changes.safe_answer is KEEP else changes.doubt


def change_owner(
    conversation: Conversation,
    owner: Owner,
    now: datetime,
    *,
    actor: Actor,
    staff: Staff | None = None,
    inbox_id: int | None = None,
) -> None:
    """Put the new owner into the object, with its times and its audit row; `inbox_id`: what was heard."""
    details: dict[str, audit.Detail] = {"from": conversation.owner, "to": owner.value, "level": conversation.level}
    if conversation.owner == Owner.BOT and owner in (Owner.QUEUE, Owner.STAFF):
        # Still set after a hand-back to the bot: its answers were no person's.
        conversation.unanswered_since = conversation.unanswered_since or _written(inbox_id, now)
    elif conversation.owner == Owner.STAFF and owner == Owner.QUEUE:
        conversation.unanswered_since = unanswered_since(conversation, now) or now
    elif conversation.owner == Owner.STAFF and owner == Owner.BOT:
        asked = conversation.queued_at is not None
        conversation.unanswered_since = unanswered_since(conversation, now) if asked else None
    elif conversation.owner == Owner.QUEUE and owner == Owner.BOT:  # nobody is wanted any more
        conversation.unanswered_since = None
    conversation.owner = owner
    if owner == Owner.QUEUE:
        conversation.queued_at, conversation.waits_told = now, 0
    if owner == Owner.CLOSED:
        conversation.closed_at = now
    if owner in (Owner.BOT, Owner.QUEUE):
        conversation.claimed_by = None  # claimed_at stays: a person has had it
    if conversation.canary:
        return
    audit.record("owner_changed", now, actor=actor, staff=staff, conversation_uid=conversation.uid, details=details)


def unanswered_since(conversation: Conversation, now: datetime) -> datetime | None:
    """Since when no person has answered them; None if all that they wrote was answered.

    It begins when they ask for a person, whoever has them meanwhile, and after a word of a person with the first that
    comes then; counted from when they wrote it, though it came late. This one moment is the wait that the whole desk
    counts.
    """
    began: datetime = conversation.unanswered_since or conversation.queued_at or now
    went_out = conversation.outbox.filter(author=Author.STAFF).exclude(status__in=REACHED_NOBODY)
    said = went_out.aggregate(last=Max("created_at"))["last"]
    if said is None or said <= began:
        return began
    came_after = conversation.inbox.filter(received_at__gt=said)
    first: datetime | None = came_after.aggregate(first=Min(WRITTEN))["first"]
    return first


def _written(inbox_id: int | None, now: datetime) -> datetime:
    """When the message was written; now, if none asked for it."""
    if inbox_id is None:
        return now
    written: datetime = InboxMessage.objects.values_list(WRITTEN, flat=True).get(pk=inbox_id)
    return min(written, now)


def mark_contact(conversation: Conversation, marks: ContactMarks, now: datetime) -> None:
    """Set or clear the marks of the contact; setting one drops what still waits to be sent to them."""
    contact = conversation.contact
    given = {item.name: getattr(marks, item.name) for item in fields(marks) if getattr(marks, item.name) is not None}
    if not given:
        return
    values: dict[str, Any] = {f"{name}_at": now if is_set else None for name, is_set in given.items()}
    Contact.objects.filter(pk=contact.pk).update(**values)
    for name, value in values.items():
        setattr(contact, name, value)
    names_set = [name for name, is_set in given.items() if is_set]
    if names_set:
        waiting = OutboxMessage.objects.filter(conversation__contact=contact)
        drop_waiting(waiting.values_list("pk", flat=True), reason=DropReason(names_set[0]))
    audit.record(
        "contact_marked",
        now,
        conversation_uid=conversation.uid,
        details={"set": names_set, "cleared": [name for name in given if name not in names_set]},
    )


def overtake(rows: Iterable[int]) -> None:
    """Close those of these that nobody has begun to send; what is on its way is out now, or never goes."""
    rows = tuple(rows)
    drop_waiting(rows, reason=DropReason.OVERTAKEN)
    OutboxMessage.objects.filter(pk__in=rows, status=OutboxStatus.SENDING).update(reason=DropReason.OVERTAKEN)


def drop_waiting(rows: Iterable[int], *, reason: DropReason) -> int:
    """Close the messages among these that nobody has begun to send. Return how many."""
    return OutboxMessage.objects.filter(pk__in=rows, status=OutboxStatus.WAITING).update(
        status=OutboxStatus.DROPPED, reason=reason, claimed_by="", claim_until=None
    )


def drop_waiting_bot_lines(conversation: Conversation, *, reason: DropReason) -> int:
    """Close the bot's messages that wait in this conversation, but for those that go always.

    A claim also leaves what keeps somebody safe: through an outage it may be all that reaches them in time.
    """
    rows = OutboxMessage.objects.filter(conversation=conversation, author=Author.BOT, always=False)
    stays = reason == DropReason.CLAIMED
    waiting = rows.filter(status=OutboxStatus.WAITING).values_list("pk", "key", "timed")
    return drop_waiting((pk for pk, keys, timed in waiting if timed or not (stays and keeps_safe(keys))), reason=reason)


def add_outbox(
    conversation: Conversation,
    key: bytes,
    drafts: Iterable[OutboxDraft],
    now: datetime,
    *,
    inbox_id: int | None = None,
    staff: Staff | None = None,
    client_token: str | None = None,
) -> list[OutboxMessage]:
    """Seal and insert outgoing messages, in their order."""
    rows = []
    for n, draft in enumerate(drafts):
        row = OutboxMessage(
            conversation=conversation,
            inbox_id=inbox_id,
            n=n,
            channel=conversation.contact.channel,
            author=draft.author,
            staff=staff,
            key=draft.key,
            created_at=now,
            not_before=draft.not_before or now,
            valid_for_s=draft.valid_for_s,
            urgent=draft.urgent,
            timed=draft.timed,
            always=draft.always,
            client_token=client_token,
        )
        row.seal_payload(key, draft.text, draft.buttons)
        rows.append(row)
    insert(rows)
    return rows


def _add_events(conversation: Conversation, key: bytes, outcome: TurnOutcome) -> None:
    if not outcome.events:
        return
    chunk = TrackerChunk(conversation=conversation, seq=outcome.next_seq, n=len(outcome.events))
    chunk.seal_events(key, list(outcome.events))
    insert([chunk])


def _replace_assessment(conversation: Conversation, key: bytes, facts: dict[str, Any]) -> None:
    found: AssessmentRecord | None = _assessment.first(conversation_id=conversation.pk)
    record = found or AssessmentRecord(conversation=conversation, version=0)
    was = dict(vars(record))
    record.seal_facts(key, facts)
    record.version += 1
    if found:
        rewrite(record, was)
    else:
        insert([record])
