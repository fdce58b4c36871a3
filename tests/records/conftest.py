"""A line in a real database file: threads, locks and the write-ahead log are as in service."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from itertools import count

import pytest
from django.db import connection

from records.messages import queries, turns
from records.messages.intake import StoredInbound, store_inbound
from records.messages.outcome import OutboxDraft, TurnOutcome
from records.models import Contact, Conversation, InboxMessage, OutboxMessage, Staff

START = datetime(2026, 11, 20, 12, 0, tzinfo=timezone.utc)
ANA = "+15005550006"
MIN = timedelta(minutes=1)


@dataclass
class Line:
    """The whole line without its processes: what they would call, a test calls."""

    now: datetime = START
    _ids: count = field(default_factory=count)

    def receives(self, text="hola", *, address=ANA, channel="sms", provider_id=None, **fields) -> StoredInbound:
        return store_inbound(
            channel=channel,
            provider_id=provider_id or f"SM{next(self._ids)}",
            address=address,
            kind=fields.pop("kind", "text"),
            text=text,
            received_at=self.now,
            **fields,
        )

    def claims(self, holder="runner-1", lane=0, lanes=1, **fields) -> queries.ClaimedTurn | None:
        return queries.claim_next_turn(holder, lane, lanes, self.now, **fields)

    def answers(self, *lines, claimed=None, **fields) -> queries.ClaimedTurn:
        """One whole turn: claim, load, commit."""
        claimed = claimed or self.claims()
        material = turns.load_turn(claimed)
        drafts = tuple(self.draft(line) if isinstance(line, str) else line for line in lines)
        outcome = TurnOutcome(
            version=material.conversation.version, next_seq=material.next_seq, outbox=drafts, **fields
        )
        turns.commit_turn(claimed, outcome, self.now)
        return claimed

    def draft(self, text="hello", **fields) -> OutboxDraft:
        return OutboxDraft(**{"key": "greeting", "text": text, "valid_for_s": 600, **fields})

    def takes(self, holder="delivery-1", channels=("sms",), **fields) -> queries.ClaimedDelivery | None:
        return queries.claim_next_delivery(holder, channels, self.now, **fields)

    def sends(self, provider_id="SMout", **fields) -> queries.ClaimedDelivery:
        """Send one message as delivery does, without a network."""
        claimed = self.takes(**fields)
        queries.begin_send(claimed)
        queries.finish_send(claimed, provider_id, self.now)
        return claimed

    def waits(self, **by) -> None:
        self.now += timedelta(**by)

    def conversation(self, stored=None) -> Conversation:
        rows = Conversation.objects.order_by("-pk")
        return rows.get(pk=stored.conversation_id) if stored else rows.first()

    def contact(self) -> Contact:
        return Contact.objects.order_by("-pk").first()

    def inbox(self) -> list[InboxMessage]:
        return list(InboxMessage.objects.order_by("pk"))

    def outbox(self) -> list[OutboxMessage]:
        return list(OutboxMessage.objects.order_by("pk"))


@pytest.fixture
def line(transactional_db) -> Line:
    return Line()


@pytest.fixture
def mara(line) -> Staff:
    return Staff.objects.create_user("mara", alias="Mara")


@pytest.fixture
def tomas(line) -> Staff:
    return Staff.objects.create_user("tomas", alias="Tomas")


@pytest.fixture
def together():
    """Run calls at the same time, each in a thread with a connection of its own; return their results."""
    from concurrent.futures import ThreadPoolExecutor
    from threading import Barrier

    def run(*calls):
        barrier = Barrier(len(calls))

        def one(call):
            try:
                connection.ensure_connection()
                barrier.wait(timeout=10)
                return call()
            finally:
                connection.close()

        with ThreadPoolExecutor(len(calls)) as pool:
            return [future.result(timeout=60) for future in [pool.submit(one, call) for call in calls]]

    return run


@pytest.fixture
def quick_passwords(monkeypatch):
    """Argon2id with little work: what is tested is what opens, not how long a guess takes."""
    from records.sealing import staff_keys

    monkeypatch.setattr(staff_keys, "_MEMORY_KIB", 64)
    monkeypatch.setattr(staff_keys, "_PASSES", 1)


@pytest.fixture
def with_key(line, quick_passwords):
    """A member of staff with a key pair, and the key unwrapped."""
    from records.sealing import staff_keys
    from records.states import StaffRole

    def make(name, role=StaffRole.WORKER):
        staff = Staff.objects.create_user(name, alias=name.title(), role=role)
        return staff, staff_keys.make_key(staff, f"{name}-password", line.now)

    return make
