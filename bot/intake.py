"""Intake: makes a message that arrived a row of the inbox, and says so.

Promise: when `receive` returns, the message is on disk, once, whatever the provider does
next. What the message means is left to the runner; nothing here reads it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot import signals
from channels.base import Inbound
from records import intake

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one delivered message."""

    created: bool  # False: the same message was already here
    conversation_id: int
    inbox_id: int


def receive(inbound: Inbound, now: datetime) -> Receipt:
    """Store one message and wake the runner; the same message twice is one row.

    Raises:
        django.db.Error: nothing was stored; the provider must be told to try again.
    """
    stored = intake.store_inbound(
        channel=inbound.channel,
        provider_id=storable(inbound.provider_id),
        address=storable(inbound.sender.value),
        text=storable(inbound.text),
        kind=inbound.kind.value,
        button=None if inbound.button is None else storable(inbound.button),
        hint_language=None if inbound.hint_language is None else storable(inbound.hint_language),
        media=tuple(storable(name) for name in inbound.media),
        received_at=inbound.received_at,
    )
    if stored.created:
        signals.wake(signals.TURN)
    return Receipt(created=stored.created, conversation_id=stored.conversation_id, inbox_id=stored.inbox_id)


def storable(text: str) -> str:
    """The text as a database takes it: NUL removed, a lone surrogate shown as U+FFFD, all else kept."""
    return text.replace("\0", "").encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
