"""What staff do to a conversation. Each change and its audit row are one transaction.

The owner is changed by compare-and-set under the lock of the row: of any number of
people who claim at once, one has it. What they read lives in `records.threads`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import IntegrityError, transaction

from records import audit
from records.errors import LostClaim, NotHolder
from records.models import Conversation, Draft, Note, OutboxMessage, Staff
from records.outcome import OutboxDraft
from records.states import Actor, Author, Level, Owner, valid_for_s
from records.step import add_outbox, change_owner, drop_waiting_bot_lines, locked
from records.threads import DeskEntry, Thread, ThreadItem, held_by, owned_by, queue, thread

__all__ = [
    "DeskEntry",
    "NoteMade",
    "ReplyMade",
    "Thread",
    "ThreadItem",
    "add_note",
    "claim",
    "close",
    "hand_back",
    "held_by",
    "owned_by",
    "queue",
    "reply",
    "save_draft",
    "thread",
    "transfer",
]


@dataclass(frozen=True, slots=True)
class ReplyMade:
    """The outgoing message; `created` is false when this very reply had been made before."""

    outbox_id: int
    created: bool


@dataclass(frozen=True, slots=True)
class NoteMade:
    """The note; `created` is false when this very note had been made before."""

    note_id: int
    created: bool


def claim(conversation_id: int, staff: Staff, now: datetime, *, lines: Sequence[OutboxDraft] = ()) -> bool:
    """Take a conversation from the queue or the bot. True for exactly one of those who try at once.

    What the bot had not begun to send is dropped; `lines` (the one that says who joins) go out.
    """
    with transaction.atomic():
        try:
            conversation = locked(conversation_id)
        except LostClaim:
            return False
        if conversation.owner not in (Owner.QUEUE, Owner.BOT):
            return False
        change_owner(conversation, Owner.STAFF, now, actor=Actor.STAFF, staff=staff)
        conversation.claimed_by, conversation.claimed_at = staff, now
        _save(conversation)
        drop_waiting_bot_lines(conversation, reason="claimed")
        _say(conversation, lines, now, staff)
        return True


def reply(
    conversation_id: int,
    staff: Staff,
    text: str,
    now: datetime,
    *,
    client_token: str,
    key: str = "",
    buttons: tuple[tuple[str, str], ...] = (),
    urgent: bool = False,
    valid_for: int | None = None,
) -> ReplyMade:
    """Put a reply into the outbox. The same `client_token` again is the same reply, not a second one.

    Raises:
        NotHolder: this person does not hold the conversation.
    """
    made = _made_before(conversation_id, client_token)
    if made:
        return made
    try:
        with transaction.atomic():
            conversation = _held(conversation_id, staff)
            draft = OutboxDraft(
                text=text,
                valid_for_s=valid_for or valid_for_s(conversation.contact.channel),
                key=key,
                buttons=buttons,
                urgent=urgent,
                author=Author.STAFF,
            )
            row = add_outbox(
                conversation, conversation.open_key(), [draft], now, staff=staff, client_token=client_token
            )[0]
            Conversation.objects.filter(pk=conversation_id).update(last_out_at=now)
            Draft.objects.filter(conversation=conversation, staff=staff).delete()
            audit.record("reply", now, staff=staff, conversation_uid=conversation.uid, details={"outbox": row.pk})
            return ReplyMade(outbox_id=row.pk, created=True)
    except IntegrityError:
        made = _made_before(conversation_id, client_token)
        if made is None:
            raise
        return made


def _made_before(conversation_id: int, client_token: str) -> ReplyMade | None:
    row = OutboxMessage.objects.filter(conversation=conversation_id, client_token=client_token).first()
    return ReplyMade(outbox_id=row.pk, created=False) if row else None


def hand_back(
    conversation_id: int,
    staff: Staff,
    to: Owner,
    now: datetime,
    *,
    level: Level | None = None,
    reasons: Sequence[str] = (),
    lines: Sequence[OutboxDraft] = (),
) -> None:
    """Give the conversation to the bot or back into the queue, with the lines that tell the contact.

    Raises:
        NotHolder: this person does not hold the conversation.
    """
    if to not in (Owner.BOT, Owner.QUEUE):
        raise ValueError("a conversation is handed back to the bot or to the queue")
    with transaction.atomic():
        conversation = _held(conversation_id, staff)
        change_owner(conversation, to, now, actor=Actor.STAFF, staff=staff)
        if level is not None:
            conversation.level = level
        known = list(conversation.handoff_reasons)
        conversation.handoff_reasons = known + [reason for reason in reasons if reason not in known]
        _save(conversation)
        _say(conversation, lines, now, staff)


def transfer(conversation_id: int, staff: Staff, to: Staff, now: datetime) -> None:
    """Give the conversation to a colleague.

    Raises:
        NotHolder: this person does not hold the conversation.
    """
    with transaction.atomic():
        conversation = _held(conversation_id, staff)
        conversation.claimed_by, conversation.claimed_at = to, now
        _save(conversation)
        audit.record("transfer", now, staff=staff, conversation_uid=conversation.uid, details={"to": to.pk})


def close(
    conversation_id: int, staff: Staff, outcome: str, now: datetime, *, lines: Sequence[OutboxDraft] = ()
) -> None:
    """End the conversation. What they write next starts a new one.

    Raises:
        NotHolder: this person does not hold the conversation.
    """
    with transaction.atomic():
        conversation = _held(conversation_id, staff)
        change_owner(conversation, Owner.CLOSED, now, actor=Actor.STAFF, staff=staff)
        conversation.outcome = outcome
        _save(conversation)
        drop_waiting_bot_lines(conversation, reason="closed")
        _say(conversation, lines, now, staff)


def add_note(
    conversation_id: int, staff: Staff, text: str, now: datetime, *, client_token: str | None = None
) -> NoteMade:
    """Keep a note for colleagues; anyone who may read the thread may write one.

    The same `client_token` again is the same note, not a second one.
    """
    made = _noted_before(conversation_id, client_token)
    if made:
        return made
    try:
        with transaction.atomic():
            conversation = locked(conversation_id)
            note = Note(conversation=conversation, staff=staff, written_at=now, client_token=client_token)
            note.seal_text(conversation.open_key(), text)
            note.save(force_insert=True)
            audit.record("note", now, staff=staff, conversation_uid=conversation.uid, details={"note": note.pk})
            return NoteMade(note_id=note.pk, created=True)
    except IntegrityError:
        made = _noted_before(conversation_id, client_token)
        if made is None:
            raise
        return made


def _noted_before(conversation_id: int, client_token: str | None) -> NoteMade | None:
    if client_token is None:
        return None
    row = Note.objects.filter(conversation=conversation_id, client_token=client_token).first()
    return NoteMade(note_id=row.pk, created=False) if row else None


def save_draft(conversation_id: int, staff: Staff, text: str, now: datetime) -> None:
    """Keep the reply this person is writing; an empty text forgets it."""
    with transaction.atomic():
        conversation = locked(conversation_id)
        mine = Draft.objects.filter(conversation=conversation, staff=staff)
        if not text:
            mine.delete()
            return
        draft = mine.first() or Draft(conversation=conversation, staff=staff)
        draft.written_at = now
        draft.seal_text(conversation.open_key(), text)
        draft.save()


def _held(conversation_id: int, staff: Staff) -> Conversation:
    try:
        conversation = locked(conversation_id)
    except LostClaim:
        raise NotHolder from None
    if conversation.owner != Owner.STAFF or conversation.claimed_by_id != staff.pk:
        raise NotHolder
    return conversation


def _save(conversation: Conversation) -> None:
    conversation.version += 1  # a turn that was made from the facts before is refused
    conversation.save()


def _say(conversation: Conversation, lines: Sequence[OutboxDraft], now: datetime, staff: Staff) -> None:
    """Lines around the work of staff are the line's own, not the bot's: law 8 keeps the bot silent here."""
    if lines:
        ours = [replace(line, author=Author.SYSTEM) if line.author == Author.BOT else line for line in lines]
        add_outbox(conversation, conversation.open_key(), ours, now, staff=staff)
