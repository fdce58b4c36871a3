"""What staff see: the queue, who holds what, and one conversation opened as a thread.

Reading a thread leaves an audit row, one for each sitting and person.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from django.db.models import Case, IntegerField, QuerySet, Value, When

from records import audit
from records.errors import SealBroken
from records.material import ConversationFacts, facts_of
from records.models import AssessmentRecord, AuditEvent, Conversation, Draft, InboxMessage, Note, OutboxMessage, Staff
from records.states import Level, Owner

_SITTING = timedelta(minutes=5)  # a page that refreshes itself is one reading, not hundreds


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskEntry:
    """A conversation in a list: no word of it is opened."""

    conversation_id: int
    uid: uuid.UUID
    channel: str
    owner: Owner
    level: Level | None
    language: str
    role: str | None
    reasons: tuple[str, ...]
    safe_answer: str | None
    started_at: datetime
    last_in_at: datetime | None
    queued_at: datetime | None
    closed_at: datetime | None
    waiting_s: int  # since it was queued, or since their last message
    staff_id: int | None
    staff_alias: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadItem:
    """One message or note, opened."""

    kind: Literal["in", "out", "note"]
    id: int
    at: datetime
    text: str = field(repr=False)
    author: str  # contact, bot, staff, system
    alias: str = ""  # of the member of staff
    key: str = ""  # of the catalogue
    buttons: tuple[tuple[str, str], ...] = field(default=(), repr=False)  # (id, label)
    button: str | None = None  # pressed
    media: tuple[str, ...] = field(default=(), repr=False)
    message_kind: str = ""
    status: str = ""
    reason: str = ""
    urgent: bool = False
    findings: tuple[dict[str, Any], ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """A conversation as the person at the desk reads it."""

    conversation: ConversationFacts
    staff_alias: str  # of who holds it
    claimed_at: datetime | None
    closed_at: datetime | None
    outcome: str
    items: tuple[ThreadItem, ...] = field(repr=False)
    assessment: dict[str, Any] | None = field(repr=False)
    draft: str = field(repr=False)


def queue(now: datetime) -> list[DeskEntry]:
    """Who waits for a person: urgent, priority, offer, info; in each the longest waiting first."""
    rank = Case(
        *[When(level=level, then=Value(place)) for place, level in enumerate(Level)],
        default=Value(len(Level)),
        output_field=IntegerField(),
    )
    rows = Conversation.objects.filter(owner=Owner.QUEUE).order_by(rank, "queued_at", "pk")
    return _entries(rows, now)


def held_by(staff: Staff, now: datetime) -> list[DeskEntry]:
    """What this person holds, the latest word first."""
    return _entries(Conversation.objects.filter(owner=Owner.STAFF, claimed_by=staff).order_by("-last_in_at"), now)


def owned_by(owner: Owner, now: datetime, limit: int = 100) -> list[DeskEntry]:
    """Conversations of one owner: with the bot or any of the staff the newest first, closed ones the last closed."""
    order = ("-closed_at", "-pk") if owner == Owner.CLOSED else ("-pk",)
    return _entries(Conversation.objects.filter(owner=owner).order_by(*order)[:limit], now)


def _entries(rows: QuerySet[Conversation], now: datetime) -> list[DeskEntry]:
    return [
        DeskEntry(
            conversation_id=row.pk,
            uid=row.uid,
            channel=row.contact.channel,
            owner=Owner(row.owner),
            level=Level(row.level) if row.level else None,
            language=row.language,
            role=row.role,
            reasons=tuple(row.handoff_reasons),
            safe_answer=row.safe_answer,
            started_at=row.started_at,
            last_in_at=row.last_in_at,
            queued_at=row.queued_at,
            closed_at=row.closed_at,
            waiting_s=max(0, int((now - (row.queued_at or row.last_in_at or row.started_at)).total_seconds())),
            staff_id=row.claimed_by_id,
            staff_alias=_alias(row.claimed_by),
        )
        for row in rows.select_related("contact", "claimed_by")
    ]


def thread(conversation_id: int, staff: Staff, now: datetime) -> Thread:
    """Open a conversation for this person.

    Raises:
        Conversation.DoesNotExist: it was erased.
        SealBroken: something stored does not open.
    """
    try:
        opened = _open(conversation_id, staff)
    except SealBroken:
        opened = _open(conversation_id, staff)  # it may have been sealed anew between two of the reads
    _record_reading(opened.conversation.uid, staff, now)
    return opened


def _open(conversation_id: int, staff: Staff) -> Thread:
    conversation = Conversation.objects.select_related("contact", "day_key", "claimed_by").get(pk=conversation_id)
    key = conversation.open_key()
    items = [*_incoming(conversation, key), *_outgoing(conversation, key), *_notes(conversation, key)]
    record = AssessmentRecord.objects.filter(conversation=conversation).first()
    draft = Draft.objects.filter(conversation=conversation, staff=staff).first()
    return Thread(
        conversation=facts_of(conversation),
        staff_alias=_alias(conversation.claimed_by),
        claimed_at=conversation.claimed_at,
        closed_at=conversation.closed_at,
        outcome=conversation.outcome,
        items=tuple(sorted(items, key=lambda item: (item.at, item.kind != "in", item.id))),
        assessment=record.open_facts(key) if record else None,
        draft=draft.open_text(key) if draft else "",
    )


def _record_reading(uid: uuid.UUID, staff: Staff, now: datetime) -> None:
    here = AuditEvent.objects.filter(
        conversation_uid=uid, action="thread_read", staff=staff, at__gt=now - _SITTING, at__lte=now
    )
    if not here.exists():
        audit.record("thread_read", now, staff=staff, conversation_uid=uid)


def _incoming(conversation: Conversation, key: bytes) -> Iterator[ThreadItem]:
    for row in InboxMessage.objects.filter(conversation=conversation):
        payload = row.open_payload(key)
        yield ThreadItem(
            kind="in",
            id=row.pk,
            at=row.received_at,
            text=payload["text"],
            author="contact",
            button=payload["button"],
            media=tuple(payload["media"]),
            message_kind=row.kind,
            status=row.status,
            findings=tuple(row.open_findings(key)),
        )


def _outgoing(conversation: Conversation, key: bytes) -> Iterator[ThreadItem]:
    for row in OutboxMessage.objects.filter(conversation=conversation).select_related("staff"):
        text, buttons = row.open_payload(key)
        yield ThreadItem(
            kind="out",
            id=row.pk,
            at=row.not_before,
            text=text,
            author=row.author,
            alias=_alias(row.staff),
            key=row.key,
            buttons=buttons,
            status=row.status,
            reason=row.reason,
            urgent=row.urgent,
        )


def _notes(conversation: Conversation, key: bytes) -> Iterator[ThreadItem]:
    for row in Note.objects.filter(conversation=conversation).select_related("staff"):
        yield ThreadItem(
            kind="note", id=row.pk, at=row.written_at, text=row.open_text(key), author="staff", alias=_alias(row.staff)
        )


def _alias(staff: Staff | None) -> str:
    return (staff.alias or staff.username) if staff else ""
