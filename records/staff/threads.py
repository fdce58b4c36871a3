"""One conversation opened as a thread, as the person at the desk reads it.

Reading leaves an audit row, one for each sitting and person. A long thread is opened from its end.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from django.db.models import QuerySet

from records import audit
from records.errors import SealBroken
from records.messages.material import ConversationFacts, facts_of
from records.messages.providers import LATE_AFTER
from records.models import (
    AssessmentRecord,
    AuditEvent,
    Conversation,
    ConversationLink,
    Draft,
    InboxMessage,
    Note,
    OutboxMessage,
    Staff,
)
from records.staff.lists import alias
from records.staff.replies import AGAIN
from records.states import REACHED_NOBODY, DraftKind, OutboxStatus

_SITTING = timedelta(minutes=5)  # a page that refreshes itself is one reading, not hundreds
LAST = 120  # messages opened at first; a page of them is more than anybody reads at once


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
    written_at: datetime | None = None  # of an incoming message that came late: when it was written
    flood: bool = False  # one of very many in a minute
    status: str = ""
    reason: str = ""
    urgent: bool = False
    taken_at: datetime | None = None  # when the provider took a message of ours; until then nobody has seen it
    until: datetime | None = None  # of a message of ours: after that it is too old to be sent
    findings: tuple[dict[str, Any], ...] = field(default=(), repr=False)
    tried_again: bool = False  # somebody has sent these words once more


@dataclass(frozen=True, slots=True)
class Linked:
    """An earlier conversation that a worker joined to this one."""

    conversation_id: int
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """A conversation as the person at the desk reads it."""

    conversation: ConversationFacts
    staff_alias: str  # of who holds it
    claimed_at: datetime | None
    closed_at: datetime | None
    outcome: str
    items: tuple[ThreadItem, ...] = field(repr=False)
    earlier: bool  # there are older messages that were not opened
    assessment: dict[str, Any] | None = field(repr=False)
    draft: str = field(repr=False)
    note_draft: str = field(repr=False)
    links: tuple[Linked, ...]
    # Of each sentence of the catalogue that was to go out, also earlier: whether it did, or may still.
    went_out: Mapping[str, bool] = field(default_factory=dict)


def thread(conversation_id: int, staff: Staff, now: datetime, *, last: int = LAST) -> Thread:
    """Open a conversation for this person: its `last` messages and notes.

    Raises:
        Conversation.DoesNotExist: it was erased.
        SealBroken: something stored does not open.
    """
    try:
        opened = _open(conversation_id, staff, last)
    except SealBroken:
        opened = _open(conversation_id, staff, last)  # it may have been sealed anew between two of the reads
    _record_reading(opened.conversation.uid, staff, now)
    return opened


def _open(conversation_id: int, staff: Staff, last: int) -> Thread:
    conversation = Conversation.objects.select_related("contact", "day_key", "claimed_by").get(pk=conversation_id)
    key = conversation.open_key()
    # One more of each than is shown tells whether there are older ones.
    items = [
        *_incoming(conversation, key, last + 1),
        *_outgoing(conversation, key, last + 1),
        *_notes(conversation, key, last + 1),
    ]
    items.sort(key=lambda item: (item.at, item.kind != "in", item.id))
    record = AssessmentRecord.objects.filter(conversation=conversation).first()
    drafts = {row.kind: row.open_text(key) for row in Draft.objects.filter(conversation=conversation, staff=staff)}
    links = ConversationLink.objects.filter(conversation=conversation).select_related("staff").order_by("earlier_id")
    return Thread(
        conversation=facts_of(conversation),
        staff_alias=alias(conversation.claimed_by),
        claimed_at=conversation.claimed_at,
        closed_at=conversation.closed_at,
        outcome=conversation.outcome,
        items=tuple(items[-last:]),
        earlier=len(items) > last,
        assessment=record.open_facts(key) if record else None,
        draft=drafts.get(DraftKind.REPLY, ""),
        note_draft=drafts.get(DraftKind.NOTE, ""),
        links=tuple(Linked(row.earlier_id, alias(row.staff), row.made_at) for row in links),
        went_out=_went_out(conversation),
    )


def _went_out(conversation: Conversation) -> dict[str, bool]:
    lines = OutboxMessage.objects.filter(conversation=conversation).exclude(key="").values_list("key", "status")
    said: dict[str, bool] = {}
    for keys, status in lines:
        for key in keys.split():
            said[key] = said.get(key, False) or status not in REACHED_NOBODY
    return said


def touched_lately(uid: uuid.UUID, staff: Staff, now: datetime) -> bool:
    """True when this person has read it or done something to it in this sitting."""
    return _lately(uid, staff, now).exists()


def _lately(uid: uuid.UUID, staff: Staff, now: datetime) -> QuerySet[AuditEvent]:
    return AuditEvent.objects.filter(conversation_uid=uid, staff=staff, at__gt=now - _SITTING, at__lte=now)


def _record_reading(uid: uuid.UUID, staff: Staff, now: datetime) -> None:
    if not _lately(uid, staff, now).filter(action="thread_read").exists():
        audit.record("thread_read", now, staff=staff, conversation_uid=uid)


def _incoming(conversation: Conversation, key: bytes, last: int) -> Iterator[ThreadItem]:
    for row in InboxMessage.objects.filter(conversation=conversation).order_by("-received_at", "-pk")[:last]:
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
            written_at=row.written_at if row.written_at and row.received_at - row.written_at > LATE_AFTER else None,
            flood=row.flood,
            status=row.status,
            findings=tuple(row.open_findings(key)),
        )


def _outgoing(conversation: Conversation, key: bytes, last: int) -> Iterator[ThreadItem]:
    rows = OutboxMessage.objects.filter(conversation=conversation)
    again = set(rows.filter(client_token__startswith=AGAIN).values_list("client_token", flat=True))
    for row in rows.select_related("staff").order_by("-not_before", "-pk")[:last]:
        text, buttons = row.open_payload(key)
        yield ThreadItem(
            kind="out",
            id=row.pk,
            at=row.not_before,
            text=text,
            author=row.author,
            alias=alias(row.staff),
            key=row.key,
            buttons=buttons,
            status=row.status,
            reason=row.reason,
            urgent=row.urgent,
            taken_at=row.sent_at or (row.not_before if row.status == OutboxStatus.DELIVERED else None),
            until=max(row.created_at, row.not_before) + timedelta(seconds=row.valid_for_s),
            tried_again=f"{AGAIN}{row.pk}" in again,
        )


def _notes(conversation: Conversation, key: bytes, last: int) -> Iterator[ThreadItem]:
    rows = Note.objects.filter(conversation=conversation).select_related("staff")
    for row in rows.order_by("-written_at", "-pk")[:last]:
        yield ThreadItem(
            kind="note", id=row.pk, at=row.written_at, text=row.open_text(key), author="staff", alias=alias(row.staff)
        )
