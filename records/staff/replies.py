"""What staff write: replies, notes, and drafts of both. The same form sent twice is one row.

A reply by somebody who does not hold the conversation is refused inside the transaction that would send it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max, Q, QuerySet

from records import audit
from records.errors import LostClaim, NotHolder
from records.messages.material import ConversationFacts
from records.messages.outcome import OutboxDraft
from records.messages.step import add_outbox, locked
from records.models import AuditEvent, Conversation, Draft, Note, OutboxMessage, Staff
from records.states import REACHED_NOBODY, Author, DraftKind, OutboxStatus, Owner, valid_for_s

AGAIN = "again-"  # begins the token of a message that was sent once more; the id of the first one follows
SENT_ONCE_MORE = (*REACHED_NOBODY, OutboxStatus.UNKNOWN)


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
    not_before: datetime | None = None,
    details: Mapping[str, audit.Detail] | None = None,
    keep_draft: bool = False,
) -> ReplyMade:
    """Put a reply into the outbox. The same `client_token` again is the same reply, not a second one.

    `details` (ids) go into the audit row: why it was sent although the reply box was closed, say.
    `keep_draft`: a phrase was sent, and what was being written is still unsent.

    Raises:
        NotHolder: this person does not hold the conversation.
    """
    made = _made_before(conversation_id, client_token)
    if made:
        return made
    try:
        with transaction.atomic():
            conversation = held(conversation_id, staff)
            draft = OutboxDraft(
                text=text,
                valid_for_s=valid_for or valid_for_s(conversation.contact.channel),
                key=key,
                buttons=buttons,
                urgent=urgent,
                author=Author.STAFF,
                not_before=not_before,
            )
            row = add_outbox(
                conversation, conversation.open_key(), [draft], now, staff=staff, client_token=client_token
            )[0]
            Conversation.objects.filter(pk=conversation_id).update(last_out_at=now)
            if not keep_draft:
                Draft.objects.filter(conversation=conversation, staff=staff, kind=DraftKind.REPLY).delete()
            told: dict[str, audit.Detail] = {"outbox": row.pk, **(details or {})}
            audit.record("reply", now, staff=staff, conversation_uid=conversation.uid, details=told)
            return ReplyMade(outbox_id=row.pk, created=True)
    except IntegrityError:
        made = _made_before(conversation_id, client_token)
        if made is None:
            raise
        return made


def _made_before(conversation_id: int, client_token: str) -> ReplyMade | None:
    row = OutboxMessage.objects.filter(conversation=conversation_id, client_token=client_token).first()
    return ReplyMade(outbox_id=row.pk, created=False) if row else None


def retry(conversation_id: int, staff: Staff, outbox_id: int, now: datetime) -> ReplyMade | None:
    """Send the words of a message that did not arrive once more, once; None when there is no such message.

    It is a new message with its own checks at sending; the first one stays as it is.

    Raises:
        NotHolder: this person does not hold the conversation.
    """
    failed = OutboxMessage.objects.select_related("conversation__day_key").filter(
        pk=outbox_id, conversation=conversation_id, status__in=SENT_ONCE_MORE
    )
    row = failed.first()
    if row is None:
        return None
    text, buttons = row.open_payload(row.conversation.open_key())
    return reply(
        conversation_id, staff, text, now, client_token=f"{AGAIN}{row.pk}", key=row.key, buttons=buttons,
        urgent=row.urgent, details={"again": row.pk}, keep_draft=True,
    )  # fmt: skip


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
            Draft.objects.filter(conversation=conversation, staff=staff, kind=DraftKind.NOTE).delete()
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


def save_draft(
    conversation_id: int, staff: Staff, text: str, now: datetime, *, kind: DraftKind = DraftKind.REPLY
) -> None:
    """Keep the reply or the note this person is writing; an empty text forgets it."""
    with transaction.atomic():
        conversation = locked(conversation_id)
        mine = Draft.objects.filter(conversation=conversation, staff=staff, kind=kind)
        if not text:
            mine.delete()
            return
        draft = mine.first() or Draft(conversation=conversation, staff=staff, kind=kind)
        draft.written_at = now
        draft.seal_text(conversation.open_key(), text)
        draft.save()


def draft_of(conversation_id: int, staff: Staff, *, kind: DraftKind = DraftKind.REPLY) -> str:
    """The reply or the note that this person has begun to write; whoever has the conversation now, it is theirs."""
    row = Draft.objects.filter(conversation=conversation_id, staff=staff, kind=kind).first()
    return row.open_text(row.conversation.open_key()) if row else ""


def helper_wrote(
    conversation_id: int, now: datetime, *, since: Collection[str] = (), beside: Collection[str] = ()
) -> bool:
    """True when words of staff went out to the contact, after the last line with a key of `since`.

    What was dropped or has failed reached nobody, and what waits for an agreed time has reached nobody yet. Lines with
    a key of `beside` do not count.
    """
    theirs = _went_out(conversation_id, after=since).filter(author=Author.STAFF, not_before__lte=now)
    return theirs.exclude(key__in=beside).exists()


def helper_promised(conversation_id: int, *, since: Collection[str]) -> bool:
    """True when the contact was told that a person is asked for, after the last line with one of these keys."""
    told = _went_out(conversation_id, after=since)
    return told.filter(Q(key__contains="handoff.asked") | Q(key__contains="handoff.urgent")).exists()


def _went_out(conversation_id: int, *, after: Collection[str]) -> QuerySet[OutboxMessage]:
    """Lines to the contact that were not lost, after the last one with one of these keys."""
    lines = OutboxMessage.objects.filter(conversation=conversation_id).exclude(status__in=REACHED_NOBODY)
    return lines.filter(pk__gt=lines.filter(key__in=after).aggregate(last=Max("pk"))["last"] or 0)


def doubt_unanswered(of: ConversationFacts, staff: Staff) -> bool:
    """True while something speaks against an earlier "it is safe" and this person has not yet replied all the same."""
    if not of.doubt or of.doubt_at is None:
        return False
    since = AuditEvent.objects.filter(conversation_uid=of.uid, action="reply", at__gte=of.doubt_at, staff=staff)
    return not since.filter(details__doubt=True).exists()


def held(conversation_id: int, staff: Staff) -> Conversation:
    """The conversation, locked, if this person holds it. Raises NotHolder."""
    try:
        conversation = locked(conversation_id)
    except LostClaim:
        raise NotHolder from None
    if conversation.owner != Owner.STAFF or conversation.claimed_by_id != staff.pk:
        raise NotHolder
    return conversation
