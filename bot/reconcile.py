"""Reconcile: after an outage, ask the providers what was written meanwhile, and store what is missing.

At start, every few minutes, and by `./run reconcile`. The same message twice is one, and one that was erased
stays erased, so asking too much does no harm.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from asgiref.sync import sync_to_async

from bot import intake
from channels.base import Inbound
from channels.telegram import LineBot, announce_webhook, fetch_pending, forget_webhook
from records.messages import providers

log = logging.getLogger(__name__)

OVERLAP = timedelta(minutes=10)  # their clock, ours, and what was on its way
FIRST_LOOK = timedelta(minutes=15)  # of an installation that has never asked
FURTHEST = timedelta(hours=24)  # longer ago nobody waits for an answer, and Telegram keeps nothing


@runtime_checkable
class Remembers(Protocol):
    """A channel whose provider can be asked what was written to us."""

    @property
    def name(self) -> str: ...

    async def heard_since(self, since: datetime, now: datetime) -> list[Inbound]: ...


@dataclass(frozen=True, slots=True)
class Found:
    """What one channel had for us."""

    channel: str
    since: datetime
    asked: int  # messages that the provider knows
    missing: int  # of them, those that were not here


async def reconcile(
    channels: Sequence[object], clock: Callable[[], datetime], *, since: datetime | None = None
) -> list[Found]:
    """Ask every provider that remembers.

    Raises:
        SendError: a provider could not be asked; what others had is stored.
    """
    return [await _one(channel, clock, since) for channel in channels if isinstance(channel, Remembers)]


async def _one(channel: Remembers, clock: Callable[[], datetime], since: datetime | None) -> Found:
    now = clock()
    known_to = await sync_to_async(providers.reconciled_to)(channel.name)
    begin = since or max(now - FURTHEST, (known_to - OVERLAP) if known_to else now - FIRST_LOOK)
    heard = await channel.heard_since(begin, now)
    missing = 0
    for inbound in heard:
        receipt = await sync_to_async(intake.receive)(inbound, clock())
        missing += receipt.created
        if receipt.created:
            log.warning("received_late channel=%s inbox=%s", inbound.channel, receipt.inbox_id)
    await sync_to_async(providers.set_reconciled)(channel.name, now)
    return Found(channel.name, begin, len(heard), missing)


async def fetch_telegram(bot: LineBot, clock: Callable[[], datetime], *, url: str | None, secret: str | None) -> int:
    """Take what waits at Telegram, also where a webhook is set: it is taken away for the while and set again.

    Raises:
        SendError: Telegram could not be asked.
    """

    async def store(inbound: Inbound) -> bool:
        return (await sync_to_async(intake.receive)(inbound, clock())).thinking

    await forget_webhook(bot)
    try:
        return await fetch_pending(bot, store, now=clock)
    finally:
        if url and secret:
            await announce_webhook(bot, url, secret)
