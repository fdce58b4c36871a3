"""A desk on a real database file, with conversations put there by the records' own functions."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.utils import timezone

from records.intake import store_inbound
from records.models import Conversation, OutboxMessage, Staff
from records.outcome import Changes, OutboxDraft, TurnOutcome
from records.states import Level, Owner, SafeAnswer, StaffRole
from records.step import apply_outcome, locked
from screening.assessment import Assessment

MARKED = "zebra-lamp-7781"  # a word that must not turn up where words of contacts may not stand


@dataclass
class Hotline:
    """Puts conversations on the desk."""

    _ids: count

    def conversation(
        self, *said, owner=Owner.QUEUE, level=Level.OFFER, language="es", channel="sms", reasons=("ask_human",),
        assessment=None, safe=None, bot_says=(), address=None,
    ) -> int:  # fmt: skip
        number = next(self._ids)
        now = timezone.now()
        for text in said or (f"hola {MARKED}",):
            stored = store_inbound(
                channel=channel,
                provider_id=f"desk-{next(self._ids)}",
                address=address or f"+1500555{number:04}",
                kind="text",
                text=text,
                received_at=now,
            )
        changes = {"level": level, "language": language, "handoff_reasons": tuple(reasons)}
        if owner != Owner.BOT:
            changes["owner"] = owner
        if safe:
            changes["safe_answer"] = SafeAnswer(safe)
        lines = tuple(OutboxDraft(text=text, valid_for_s=600) for text in bot_says)
        with transaction.atomic():
            row = locked(stored.conversation_id)
            known = (assessment or Assessment()).to_json()
            outcome = TurnOutcome(version=row.version, outbox=lines, assessment=known, changes=Changes(**changes))
            apply_outcome(row, outcome, now, inbox_id=None)
        return stored.conversation_id

    def owner(self, conversation_id) -> str:
        return Conversation.objects.get(pk=conversation_id).owner

    def replies(self, conversation_id) -> list[str]:
        rows = OutboxMessage.objects.filter(conversation=conversation_id, author="staff").order_by("pk")
        return [row.open_payload(row.conversation.open_key())[0] for row in rows]


@pytest.fixture
def hotline(db) -> Hotline:
    cache.clear()
    return Hotline(count(1))


@pytest.fixture
def staff(db):
    def make(name, role=StaffRole.WORKER, password=None, **fields) -> Staff:
        return Staff.objects.create_user(name, password, alias=name.title(), role=role, **fields)

    return make


@pytest.fixture
def seated(staff):
    """A client that is signed in as a new member of staff."""

    def sit_down(name="sara", role=StaffRole.WORKER) -> Client:
        client = Client()
        client.force_login(staff(name, role), backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sit_down
