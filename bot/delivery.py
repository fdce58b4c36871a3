"""Delivery: takes messages from the outbox and hands each to its channel.

One lane a provider, so that one that is down never holds up another. Every message is
checked at the moment it goes (law 8); what fails is tried again while it may still be sent,
and a message whose fate is unknown is looked for before it is sent a second time.
Knows nothing of providers: the channel has named the failure.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from datetime import datetime, timedelta, timezone
from typing import TypeVar

from asgiref.sync import sync_to_async
from django.db import Error as StorageError
from django.db import close_old_connections

from bot import signals
from channels.base import Address, Button, Channel, Outbound, Sent
from channels.errors import Blocked, FateUnknown, OptedOut, SendError
from records.errors import LostClaim
from records.queries import (
    ClaimedDelivery,
    begin_send,
    claim_next_delivery,
    drop_send,
    fail_send,
    finish_send,
    leave_unknown,
    may_send,
    other_provider_ids,
)

log = logging.getLogger(__name__)
T = TypeVar("T")
Clock = Callable[[], datetime]

AT_ONCE = 8  # messages of one provider on their way at a time
LAPSE_S = 60.0  # how long a claim holds; longer than try, question and second try together
FIRST_PAUSE_S, LONGEST_PAUSE_S = 2.0, 60.0
ASK_AFTER_S = 2.0  # a provider needs a moment until it lists what it has just taken
LOOK_EVERY_S = 1.0  # for messages that become due by the clock alone
TRIES_A_CLAIM = 2  # more only after another claim, so that a claim never lapses under a try
SECOND = 2  # the claim after one that died while sending
KEEP_TRIES = 5  # to write down that a message went out

_random = random.SystemRandom()


def wall_clock() -> datetime:
    """The time, in UTC."""
    return datetime.now(timezone.utc)


class Delivery:
    """All lanes of one process."""

    def __init__(
        self, channels: Sequence[Channel], holder: str, clock: Clock = wall_clock, *, ask_after_s: float = ASK_AFTER_S
    ) -> None:
        self._lanes = tuple(Lane(channel, holder, clock, ask_after_s) for channel in channels)
        self._channels = tuple(channels)

    async def run_once(self) -> int:
        """Send all that is due now and can go; return how many messages were worked on."""
        return sum(await asyncio.gather(*(lane.run_until_idle() for lane in self._lanes)))

    async def run_forever(self, stop: asyncio.Event) -> None:
        """Send what comes due until `stop` is set; then finish what is on its way, and close the channels."""
        async with AsyncExitStack() as at_end:
            for channel in self._channels:
                at_end.push_async_callback(channel.close)
            await asyncio.gather(*(lane.run_forever(stop) for lane in self._lanes))


class Lane:
    """Everything that goes out through one provider."""

    def __init__(self, channel: Channel, holder: str, clock: Clock, ask_after_s: float) -> None:
        self._channel = channel
        self._holder = holder
        self._clock = clock
        self._ask_after_s = ask_after_s
        self._paused_until: datetime | None = None
        self._failures = 0  # of the provider, one after another

    async def run_until_idle(self, stop: asyncio.Event | None = None) -> int:
        """Work on all that is due; several conversations at once, one message of each."""
        on_their_way: set[asyncio.Task[None]] = set()
        done = 0
        try:
            while True:
                claimed = await self._claim() if len(on_their_way) < AT_ONCE and not _is_set(stop) else None
                if claimed is not None:
                    on_their_way.add(asyncio.create_task(self._deliver(claimed)))
                    done += 1
                elif not on_their_way:
                    return done
                else:
                    # Not only until one ends: while one hangs, the others' messages are still looked for.
                    _, on_their_way = await asyncio.wait(on_their_way, timeout=0.1, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if on_their_way:
                await asyncio.wait(on_their_way)

    async def run_forever(self, stop: asyncio.Event) -> None:
        waiter = signals.AsyncWaiter(signals.DELIVERY)
        try:
            while not stop.is_set():
                try:
                    await self.run_until_idle(stop)
                except Exception as problem:
                    # The outer loop outlives whatever befell it, above all a database that is away.
                    log.error("delivery_lane_broke_off channel=%s cause=%s", self._channel.name, type(problem).__name__)
                    await _in_db(close_old_connections)
                await waiter.wait(LOOK_EVERY_S)
        finally:
            waiter.close()

    async def _claim(self) -> ClaimedDelivery | None:
        now = self._clock()
        if self._paused_until is not None and now < self._paused_until:
            return None
        return await _in_db(lambda: claim_next_delivery(self._holder, (self._channel.name,), now, lapse_s=LAPSE_S))

    async def _deliver(self, claimed: ClaimedDelivery) -> None:
        try:
            await self._bring_out(claimed)
        except LostClaim:
            log.info("delivery_lost_claim outbox=%s", claimed.outbox_id)  # dropped, erased, or held by another now
        except Exception as problem:
            # The row stays as it is; its claim lapses and the next holder asks what became of it. No traceback:
            # its last line can quote what was written.
            log.error("delivery_broke_off outbox=%s cause=%s", claimed.outbox_id, type(problem).__name__)
            await _in_db(close_old_connections)

    async def _bring_out(self, claimed: ClaimedDelivery) -> None:
        in_doubt = claimed.earlier_try
        once_more = not in_doubt or claimed.attempts <= SECOND
        for _ in range(TRIES_A_CLAIM):
            if in_doubt:
                await asyncio.sleep(self._ask_after_s)
                if not await self._settled_as_lost(claimed, once_more=once_more):
                    return
                once_more = False
            in_doubt = await self._try(claimed)
            if not in_doubt:
                return
        await asyncio.sleep(self._ask_after_s)
        # Still in doubt: either settled now, or the claim lapses and the next holder asks.
        await self._settled_as_lost(claimed, once_more=False)

    async def _try(self, claimed: ClaimedDelivery) -> bool:
        """Make one try. True if nobody knows what became of it; all else is written down already."""
        if not await _in_db(lambda: _cleared(claimed, self._clock())):
            return False
        started = self._clock()
        try:
            sent = await self._channel.send(_outbound(claimed, started))
        except FateUnknown as problem:
            log.warning("delivery_in_doubt outbox=%s cause=%s", claimed.outbox_id, problem.code)
            return True
        except SendError as problem:
            await self._failed(claimed, problem, started)
            return False
        except Exception as bug:
            # A fault of ours in a channel; whether the message went out before it, nobody knows.
            log.error("delivery_fault outbox=%s cause=%s", claimed.outbox_id, type(bug).__name__)
            return True
        await self._went_out(claimed, sent)
        log.info(
            "delivered outbox=%s channel=%s attempts=%s ms=%d",
            claimed.outbox_id,
            claimed.channel,
            claimed.attempts,
            (self._clock() - started).total_seconds() * 1000,
        )
        return False

    async def _settled_as_lost(self, claimed: ClaimedDelivery, *, once_more: bool) -> bool:
        """Settle a try of unknown fate. True if the message may be sent (again).

        By asking the provider. Where it cannot be asked, by urgency: an urgent message goes `once_more`,
        any other is closed as perhaps sent, and staff see it.
        """
        if not self._channel.can_find_sent:
            if claimed.urgent and once_more:
                return True
            await _in_db(lambda: leave_unknown(claimed, FateUnknown.__name__))
            _tell_desk(claimed)
            return False
        message = _outbound(claimed, self._clock(), await _in_db(lambda: other_provider_ids(claimed)))
        try:
            found = await self._channel.find_sent(message)
        except SendError as problem:
            # Not settled: the row stays `sending` and is asked about again when the claim has lapsed.
            self._note_failure(problem)
            return False
        if found is not None:
            await self._went_out(claimed, found)
        return found is None

    async def _went_out(self, claimed: ClaimedDelivery, sent: Sent) -> None:
        self._failures = 0
        for tries_left in reversed(range(KEEP_TRIES)):
            try:
                await _in_db(lambda: finish_send(claimed, sent.provider_id, self._clock()))
                break
            except StorageError:  # what went out and is not written down would go out twice
                if not tries_left:
                    raise
                await asyncio.sleep(0.2)
        _tell_desk(claimed)

    async def _failed(self, claimed: ClaimedDelivery, problem: SendError, started: datetime) -> None:
        now = self._clock()
        retry_at = self._retry_at(claimed, problem, now)
        # From when we tried: what they write after that is news.
        opted_out_at = started if isinstance(problem, (OptedOut, Blocked)) else None
        await _in_db(lambda: fail_send(claimed, problem.name, retry_at, opted_out_at=opted_out_at))
        log.warning(
            "delivery_failed outbox=%s channel=%s cause=%s code=%s again=%s",
            claimed.outbox_id,
            claimed.channel,
            problem.name,
            problem.code,
            retry_at is not None,
        )
        if retry_at is None or problem.our_fault:
            _tell_desk(claimed)

    def _retry_at(self, claimed: ClaimedDelivery, problem: SendError, now: datetime) -> datetime | None:
        """When to try again, or None: a try would not help, or would come after the message's time."""
        self._note_failure(problem)
        if not problem.retryable:
            return None
        wait_s = problem.retry_after_s or backoff_s(claimed.attempts)
        retry_at = now + timedelta(seconds=wait_s)
        if problem.whole_provider and self._paused_until is not None:
            retry_at = max(retry_at, self._paused_until)
        last = max(claimed.created_at, claimed.facts.not_before) + timedelta(seconds=claimed.valid_for_s)
        return retry_at if retry_at < last else None

    def _note_failure(self, problem: SendError) -> None:
        """Leave the provider alone for a while, if the failure is the provider's and not this message's."""
        if problem.whole_provider:
            self._failures += 1
            pause_s = problem.retry_after_s or backoff_s(self._failures)
            self._paused_until = self._clock() + timedelta(seconds=pause_s)


def backoff_s(attempt: int) -> float:
    """Twice as long after each failure, up to a minute; a random part of it, so that not all come at once."""
    full: float = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** min(attempt - 1, 10))
    return float(full * _random.uniform(0.5, 1.0))


def _cleared(claimed: ClaimedDelivery, now: datetime) -> bool:
    """Law 8: look at the facts of this moment; then commit that the network is about to be touched."""
    reason = may_send(claimed, now)
    if reason is None:
        begin_send(claimed)
        return True
    drop_send(claimed, reason)
    log.info("delivery_dropped outbox=%s reason=%s", claimed.outbox_id, reason)
    _tell_desk(claimed)
    return False


def _outbound(claimed: ClaimedDelivery, now: datetime, other_ids: frozenset[str] = frozenset()) -> Outbound:
    age = now - max(claimed.created_at, claimed.facts.not_before)
    return Outbound(
        uid=str(claimed.uid),
        recipient=Address(claimed.channel, claimed.address),
        text=claimed.text,
        buttons=tuple(Button(option, label) for option, label in claimed.buttons),
        # What is left of it: the provider must not keep for ten minutes what is nine minutes old.
        valid_for_s=max(0, claimed.valid_for_s - max(0, int(age.total_seconds()))),
        urgent=claimed.urgent,
        tried_at=claimed.created_at,  # no try can be older
        other_ids=other_ids,
    )


def _tell_desk(claimed: ClaimedDelivery) -> None:
    signals.publish(signals.DESK, (claimed.conversation_id,))


def _is_set(stop: asyncio.Event | None) -> bool:
    return stop is not None and stop.is_set()


async def _in_db(call: Callable[[], T]) -> T:
    return await sync_to_async(call)()
