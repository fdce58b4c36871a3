"""Recorded payloads, and a line whose outbox can be filled without a bot."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from itertools import count
from pathlib import Path

import pytest
from asgiref.sync import async_to_sync

from bot.delivery import Delivery
from channels.base import Sent, WebhookRequest

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=timezone.utc)
PAYLOADS = Path(__file__).parent / "payloads"


def payload(name: str) -> dict:
    """One recorded request of a provider."""
    return json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8"))


def webhook_request(body: bytes = b"", **fields) -> WebhookRequest:
    return WebhookRequest(
        **{
            "method": "POST",
            "path": "/channels/sms",
            "query": "",
            "content_type": "application/x-www-form-urlencoded",
            "headers": {},
            "body": body,
            **fields,
        }
    )


class FakeChannel:
    """A provider in memory: does what `script` says, one entry a try; takes everything after that."""

    def __init__(self, name="sms", *script, can_find_sent=True, found=None):
        self.name, self.can_find_sent = name, can_find_sent
        self.script, self.found = list(script), found
        self.taken, self.asked, self.before_send = [], [], None
        self.closed = False
        self.paces, self.chat_gap_s, self.erased = {}, 0.0, []

    def cost(self, message):
        return 1.0

    async def erase(self, trace):
        step = self.script.pop(0) if self.script else True
        if isinstance(step, BaseException):
            raise step
        self.erased.append((trace.provider_id, trace.address))
        return step

    async def send(self, message):
        if self.before_send:
            await self.before_send(message)
        step = self.script.pop(0) if self.script else None
        if isinstance(step, BaseException):
            raise step
        self.taken.append(message)
        return Sent(f"{self.name}-{len(self.taken)}")

    async def find_sent(self, message):
        self.asked.append(message)
        if isinstance(self.found, BaseException):
            raise self.found
        return self.found

    async def close(self):
        self.closed = True


class Outbox:
    """Puts messages into the outbox and lets delivery work on them, with the clock in hand."""

    def __init__(self):
        from records.messages.intake import store_inbound
        from records.models import Conversation, OutboxMessage

        self.now, self._ids = NOW, count(1)
        self._store, self._conversations, self._rows = store_inbound, Conversation, OutboxMessage

    def conversation(self, channel="sms", address="+15005550006"):
        stored = self._store(
            channel=channel,
            provider_id=f"in-{next(self._ids)}",
            address=address,
            kind="text",
            text="hello",
            received_at=self.now,
        )
        return self._conversations.objects.get(pk=stored.conversation_id)

    def add(self, text="We are here.", *, conversation=None, channel="sms", buttons=(), **fields):
        conversation = conversation or self.conversation(channel)
        row = self._rows(
            conversation=conversation,
            channel=channel,
            **{
                "author": "bot",
                "created_at": self.now,
                "not_before": self.now,
                "valid_for_s": 600,
                **fields,
            },
        )
        row.seal_payload(conversation.open_key(), text, buttons)
        row.save()
        return row

    def delivers(self, *channels, holder="d1"):
        delivery = Delivery(channels, holder, lambda: self.now, ask_after_s=0)
        async_to_sync(delivery.run_once)()
        return delivery

    def again(self, delivery):
        async_to_sync(delivery.run_once)()

    def waits(self, **by):
        self.now += timedelta(**by)

    def states(self):
        return [(row.status, row.reason) for row in self._rows.objects.order_by("pk")]


@pytest.fixture
def outbox(db):
    return Outbox()
