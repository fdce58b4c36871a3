"""Everything that is kept about one contact, opened, for the day they ask; and erasing all of it at once.

An export opens what is closed only for a reader who is being served. It names no staff, only their role in
the talk, and no other person's conversation.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import transaction

from records import audit
from records.erasure.retention import erase_conversation
from records.models import (
    AssessmentRecord,
    Case,
    CaseConsent,
    CaseNote,
    CaseReferral,
    Contact,
    Conversation,
    InboxMessage,
    Note,
    OutboxMessage,
    Staff,
)
from records.sealing.keys import lookup_hashes
from records.states import Actor


def find_contact(channel: str, address: str, staff: Staff | None, now: datetime) -> Contact | None:
    """The contact of an address. That somebody searched is kept, for a hit and for none alike; the address is not."""
    hashes = lookup_hashes(channel, address)
    found = Contact.objects.filter(channel=channel, address_hash__in=hashes).order_by("pk").first()
    details: dict[str, audit.Detail] = {"channel": channel, "found": found is not None}
    audit.record("contact_searched", now, actor=Actor.SYSTEM, staff=staff, details=details)
    return found


def export_contact(contact: Contact, staff: Staff | None, now: datetime) -> dict[str, Any]:
    """All of it, as JSON's types.

    Raises:
        SealedToReaders: part of it is closed and nobody who may read it is being served.
        SealBroken: something stored does not open.
    """
    conversations = list(contact.conversations.select_related("day_key").order_by("pk"))
    cases = Case.objects.filter(links__conversation__in=conversations).select_related("day_key").distinct()
    made = {
        "made_at": now.isoformat(),
        "contact": {
            "channel": contact.channel,
            "address": contact.open_address(),
            "known_since": contact.created_at.isoformat(),
            "opted_out_at": _time(contact.opted_out_at),
            "not_safe_at": _time(contact.not_safe_at),
        },
        "conversations": [_conversation(row) for row in conversations],
        "cases": [_case(row) for row in cases],
    }
    with transaction.atomic():
        for row in conversations:
            audit.record("contact_exported", now, actor=Actor.SYSTEM, staff=staff, conversation_uid=row.uid)
    return made


def erase_contact(contact_id: int, staff: Staff | None, now: datetime, *, actor: Actor = Actor.STAFF) -> int:
    """Erase every conversation of a contact, and with them the contact. Return how many there were."""
    numbers = list(Conversation.objects.filter(contact=contact_id).values_list("pk", flat=True))
    return sum(erase_conversation(number, "asked", actor, now, staff=staff) for number in numbers)


def _conversation(row: Conversation) -> dict[str, Any]:
    key = row.open_key()
    record = AssessmentRecord.objects.filter(conversation=row).first()
    return {
        "number": row.pk,
        "started_at": row.started_at.isoformat(),
        "closed_at": _time(row.closed_at),
        "language": row.language,
        "consent": row.consent,
        "level": row.level,
        "reasons": list(row.handoff_reasons),
        "outcome": row.outcome,
        "messages": sorted((*_incoming(row, key), *_outgoing(row, key)), key=lambda one: str(one["at"])),
        "notes": [
            {"at": one.written_at.isoformat(), "text": one.open_text(key)}
            for one in Note.objects.filter(conversation=row)
        ],
        "noted": record.open_facts(key) if record else None,
    }


def _incoming(row: Conversation, key: bytes) -> Iterator[dict[str, Any]]:
    for one in InboxMessage.objects.filter(conversation=row):
        payload = one.open_payload(key)
        yield {
            "at": one.received_at.isoformat(),
            "from": "contact",
            "text": payload["text"],
            "button": payload["button"],
        }


def _outgoing(row: Conversation, key: bytes) -> Iterator[dict[str, Any]]:
    for one in OutboxMessage.objects.filter(conversation=row):
        yield {
            "at": (one.sent_at or one.not_before).isoformat(),
            "from": one.author,
            "text": one.open_payload(key)[0],
            "status": one.status,
        }


def _case(row: Case) -> dict[str, Any]:
    key = row.open_key()
    return {
        "number": row.pk,
        "state": row.state,
        "opened_at": row.opened_at.isoformat(),
        "closed_at": _time(row.closed_at),
        "facts": row.open_facts(key),
        "notes": [{"at": one.at.isoformat(), **one.opened(key)} for one in CaseNote.objects.filter(case=row)],
        "consents": [
            {"at": one.at.isoformat(), "kind": one.kind, "given": one.given, **one.opened(key)}
            for one in CaseConsent.objects.filter(case=row)
        ],
        "referrals": [
            {"at": one.at.isoformat(), "state": one.state, **one.opened(key)}
            for one in CaseReferral.objects.filter(case=row)
        ],
    }


def _time(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
