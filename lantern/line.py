"""The whole line in one process: intake, lane, delivery and clock on one database, the clock passed in.

For `talk` and for tests: the real rooms, no sockets, no waiting.
"""

from __future__ import annotations

import asyncio
import secrets
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot import intake
from bot.clock import Clock, next_wait
from bot.delivery import Delivery
from bot.runner import Lane
from bot.turn import Turns
from channels.base import Address, Inbound, Kind, Outbound, Pace, Sent, Trace
from records.messages.turns import load_conversation
from records.models import AssessmentRecord, Conversation
from records.states import Owner


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """One message that reached a phone."""

    key: str
    text: str = field(repr=False)
    buttons: tuple[tuple[str, str], ...] = field(repr=False)
    at: datetime


class Phones:
    """A channel that hands each message to the phone it is for."""

    can_find_sent = True
    chat_gap_s = 0.0

    def __init__(self, name: str, clock: Callable[[], datetime]) -> None:
        self.name = name
        self.paces: dict[str, Pace] = {}
        self._clock = clock
        self.received: dict[str, list[tuple[Outbound, datetime]]] = {}
        self._sent: dict[str, Sent] = {}

    async def send(self, message: Outbound) -> Sent:
        """Put the message on the phone."""
        self.received.setdefault(message.recipient.value, []).append((message, self._clock()))
        self._sent[message.uid] = Sent(message.uid)
        return self._sent[message.uid]

    async def find_sent(self, message: Outbound) -> Sent | None:
        """Return what became of an earlier try."""
        return self._sent.get(message.uid)

    def cost(self, message: Outbound) -> float:
        """Nothing is counted."""
        return 0.0

    async def erase(self, trace: Trace) -> bool:
        """Nothing is kept outside the database."""
        return True

    async def close(self) -> None:
        """Nothing to close."""


class Line:
    """The line, with a clock that is set by hand."""

    def __init__(self, turns: Turns, now: datetime) -> None:
        self.now = now
        self.channels = {name: Phones(name, lambda: self.now) for name in ("sms", "telegram")}
        self._lane = Lane(turns, holder="line", clock=lambda: self.now)
        self._delivery = Delivery(tuple(self.channels.values()), "line", lambda: self.now)
        self._clock = Clock()
        self._loop = asyncio.new_event_loop()
        weakref.finalize(self, self._loop.close)

    def receives(self, channel: str, sender: str, text: str, **more: Any) -> None:
        """A message arrives now; everything that follows from it is done."""
        message = Inbound(
            channel=channel,
            provider_id=more.pop("provider_id", secrets.token_hex(8)),
            sender=Address(channel, sender),
            text=text,
            kind=more.pop("kind", Kind.TEXT),
            received_at=self.now,
            **more,
        )
        intake.receive(message, self.now)
        self.runs_until_idle()

    def runs_until_idle(self) -> None:
        """Take all turns and send all that may go out now."""
        while self._lane.run_until_idle() + self._loop.run_until_complete(self._delivery.run_once()):
            pass

    def passes(self, until: datetime) -> None:
        """Time passes; what is due on the way happens at its time."""
        while (due := self._next_due()) is not None and due <= until:
            self.now = max(self.now, due)
            if not self._clock.tick(self.now):
                self.now += timedelta(seconds=1)
            self.runs_until_idle()
        self.now = max(self.now, until)
        self._clock.tick(self.now)
        self.runs_until_idle()

    def _next_due(self) -> datetime | None:
        waiting = Conversation.objects.filter(owner=Owner.QUEUE).values_list("pk", flat=True)
        due = [moment for pk in waiting if (moment := next_wait(load_conversation(pk)))]
        return min(due, default=None)

    def takes_received(self, channel: str, sender: str) -> list[Outbound]:
        """Return what the phone received since it was last asked."""
        return [message for message, _ in self.takes(channel, sender)]

    def takes(self, channel: str, sender: str) -> list[tuple[Outbound, datetime]]:
        """Return what the phone received since it was last asked, with the times."""
        return self.channels[channel].received.pop(sender, [])


def state_of(conversation: Conversation | None) -> dict[str, Any]:
    """Return what the line knows of a conversation, as `talk` shows it."""
    if conversation is None:
        return {
            "language": None, "role": "none", "stage": "opening", "owner": "bot", "level": None, "indicators": [],
            "possible": [], "risks": [], "handoff": False,
        }  # fmt: skip
    record = AssessmentRecord.objects.filter(conversation=conversation).first()
    facts: dict[str, Any] = record.open_facts(conversation.open_key()) if record and not conversation.sealed_at else {}
    return {
        "language": conversation.language or None,
        "role": conversation.role or "none",
        "stage": facts.get("flow", "opening"),
        "owner": conversation.owner,
        "level": conversation.level,
        "indicators": sorted(facts.get("indicators", {})),
        "possible": sorted(facts.get("possible", {})),
        "risks": sorted(facts.get("risks", {})),
        "handoff": bool(conversation.handoff_reasons),
    }
