"""Delivery: takes messages from the outbox and hands each to its channel.

One lane a provider, so that one that is down never holds up another. Every message is
checked at the moment it goes (law 8); what fails is tried again while it may still be sent,
and a message whose fate is unknown is looked for before it is sent a second time.
Knows nothing of providers: the channel has named the failure.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import random
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from typing import TypeVar

from asgiref.sync import sync_to_async
from django.db import Error as StorageError
from django.db import close_old_connections

from bot import figures, signals
from bot.budget import Budgets
from bot.intake import OPTED_OUT, bring_in_if_told
from bot.now import wall_clock
from channels.base import Address, Button, Channel, Outbound, Sent
from channels.errors import Blocked, FateUnknown, OptedOut, ProviderFailing, ProviderUnreachable, SendError
from content.questions import asking
from records.errors import LostClaim
from records.messages import providers
from records.messages.queries import (
    ClaimedDelivery,
    Held,
    ask_later,
    begin_send,
    claim_next_delivery,
    drop_send,
    fail_send,
    finish_send,
    leave_unknown,
    may_send,
    other_provider_ids,
)
from records.states import NOT_REACHED

log = logging.getLogger(__name__)
T = TypeVar("T")
Clock = Callable[[], datetime]

AT_ONCE = 8  # messages of one provider on their way at a time
LAPSE_S = 60.0  # how long a claim holds; longer than try, question and second try together
FIRST_PAUSE_S, LONGEST_PAUSE_S = 2.0, 60.0
LONGEST_PAUSE_OF_URGENT_S = 5.0  # of one of unknown fate: it is there when the provider is back
ASK_AFTER_S = 2.0  # a provider needs a moment until it lists what it has just taken
LOOK_EVERY_S = 1.0  # for messages that become due by the clock alone
TRIES_A_CLAIM = 2  # more only after another claim, so that a claim never lapses under a try
SECOND = 2  # the claim after one that died while sending
DOUBTS = 2  # tries of unknown fate in a row that make the provider the one who fails
KEEP_TRIES = 5  # to write down that a message went out

_random = random.SystemRandom()


class Delivery:
    """All lanes of one process."""

    def __init__(
        self,
        channels: Sequence[Channel],
        holder: str,
        clock: Clock = wall_clock,
        *,
        ask_after_s: float = ASK_AFTER_S,
        redis_url: str | None = None,
    ) -> None:
        budgets = Budgets(redis_url)
        self._lanes = tuple(Lane(channel, holder, clock, ask_after_s, budgets) for channel in channels)
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

    def __init__(self, channel: Channel, holder: str, clock: Clock, ask_after_s: float, budgets: Budgets) -> None:
        self._channel = channel
        self._holder = holder
        self._clock = clock
        self._ask_after_s = ask_after_s
        self._budgets = budgets
        self._failures = 0  # of the provider, one after another, as all processes count them
        self._doubts = 0  # tries of unknown fate, one after another, in this process

    async def run_until_idle(self, stop: asyncio.Event | None = None) -> int:
        """Work on all that is due; several conversations at once, one message of each."""
        on_their_way: set[asyncio.Task[None]] = set()
        done = 0
        try:
            while True:
                claimed = await self._claim(len(on_their_way)) if not _is_set(stop) else None
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

    async def _claim(self, on_their_way: int) -> ClaimedDelivery | None:
        if on_their_way >= (1 if self._failures else AT_ONCE):  # a provider that failed is tried with one message
            return None
        return await _in_db(self._claim_now)

    def _claim_now(self) -> ClaimedDelivery | None:
        """The next message that may go now: the provider is not left alone, and its sender has time left."""
        now = self._clock()
        known = providers.pause_of(self._channel.name)
        self._failures = known.failures
        # A longer pause than any is of before the clock was set back.
        if known.until is not None and now < known.until <= now + providers.LONGEST_REST:
            return None
        held = self._held(now)
        if held is None:
            return None
        claimed = claim_next_delivery(self._holder, (self._channel.name,), now, lapse_s=LAPSE_S, held=held)
        if claimed is not None:
            self._spend(claimed, now)
        return claimed

    def _held(self, now: datetime) -> Held | None:
        """Whose messages must wait; None if nobody's can go."""
        gap_s, paces = self._channel.chat_gap_s, self._channel.paces
        spent = [line for line, pace in paces.items() if not self._budgets.free(self._budget(line), pace, now)]
        if not spent:
            return Held(chat_gap_s=gap_s)
        if len(spent) == len(paces):
            return None
        if next(iter(paces)) not in spent:
            return Held(lines=tuple(spent), chat_gap_s=gap_s)
        # The first serves all who wrote to a number that we do not have any more.
        return Held(all_but=tuple(line for line in paces if line not in spent), chat_gap_s=gap_s)

    def _spend(self, claimed: ClaimedDelivery, now: datetime, *, back: bool = False) -> None:
        paces = self._channel.paces
        if paces:
            line = claimed.line if claimed.line in paces else next(iter(paces))
            cost = self._channel.cost(_outbound(claimed, now))
            self._budgets.spend(self._budget(line), paces[line], -cost if back else cost, now)

    def _budget(self, line: str) -> str:
        return f"{self._channel.name}:{line}"

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
        # Still in doubt: either settled now, or asked again in a while.
        await self._settled_as_lost(claimed, once_more=False)

    async def _try(self, claimed: ClaimedDelivery) -> bool:
        """Make one try. True if nobody knows what became of it; all else is written down already."""
        if not await _in_db(lambda: _cleared(claimed, self._clock())):
            await _in_db(lambda: self._spend(claimed, self._clock(), back=True))
            return False
        started = self._clock()
        try:
            sent = await self._channel.send(_outbound(claimed, started))
        except FateUnknown as problem:
            log.warning("delivery_in_doubt outbox=%s cause=%s", claimed.outbox_id, problem.code)
            figures.deliveries.labels(claimed.channel, "in_doubt").inc()
            await self._doubted(problem)
            return True
        except SendError as problem:
            figures.deliveries.labels(claimed.channel, problem.name).inc()
            await self._failed(claimed, problem, started)
            return False
        except Exception as bug:
            # A fault of ours in a channel; whether the message went out before it, nobody knows.
            log.error("delivery_fault outbox=%s cause=%s", claimed.outbox_id, type(bug).__name__)
            figures.deliveries.labels(claimed.channel, "fault").inc()
            return True
        await self._went_out(claimed, sent)
        figures.deliveries.labels(claimed.channel, "sent").inc()
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
            asks = not asking().isdisjoint(claimed.key.split())
            await _in_db(lambda: leave_unknown(claimed, FateUnknown.__name__, asks=asks, now=self._clock()))
            _tell_desk(claimed)
            return False
        message = _outbound(claimed, self._clock(), await _in_db(lambda: other_provider_ids(claimed)))
        try:
            found = await self._channel.find_sent(message)
        except SendError as problem:
            await _in_db(functools.partial(self._ask_later, claimed, problem))
            return False
        if found is not None:
            await self._went_out(claimed, found)
        return found is None

    def _ask_later(self, claimed: ClaimedDelivery, problem: SendError) -> None:
        """Not settled: the row stays `sending`. Not until the claim lapses: an urgent one would be the last of all."""
        if problem.fate_unknown:  # a question has no fate: who answers none is away, for all messages
            answered = (problem.code or "").isdigit()
            problem = ProviderFailing(problem.code) if answered else ProviderUnreachable(problem.code)
        paused_until = self._note_failure(problem)
        pause_s = min(backoff_s(claimed.attempts), LONGEST_PAUSE_OF_URGENT_S if claimed.urgent else LONGEST_PAUSE_S)
        ask_later(claimed, paused_until or self._clock() + timedelta(seconds=pause_s))

    async def _went_out(self, claimed: ClaimedDelivery, sent: Sent) -> None:
        self._doubts = 0
        for tries_left in reversed(range(KEEP_TRIES)):
            try:
                await _in_db(lambda: finish_send(claimed, sent.provider_id, self._clock()))
                break
            except StorageError:  # what went out and is not written down would go out twice
                if not tries_left:
                    raise
                await asyncio.sleep(0.2)
        if self._failures:
            self._failures = 0
            await _in_db(lambda: providers.well(self._channel.name))
            signals.wake(signals.DESK)
        _tell_desk(claimed)

    async def _failed(self, claimed: ClaimedDelivery, problem: SendError, started: datetime) -> None:
        retry_at = await _in_db(lambda: self._keep_failure(claimed, problem, started))
        log.warning(
            "delivery_failed outbox=%s channel=%s cause=%s code=%s again=%s",
            claimed.outbox_id,
            claimed.channel,
            problem.name,
            problem.code,
            retry_at is not None,
        )
        if retry_at is None:
            reason = OPTED_OUT if isinstance(problem, (OptedOut, Blocked)) else NOT_REACHED
            await _in_db(lambda: bring_in_if_told(claimed.conversation_id, self._clock(), reason))
        if retry_at is None or problem.our_fault:
            _tell_desk(claimed)

    def _keep_failure(self, claimed: ClaimedDelivery, problem: SendError, started: datetime) -> datetime | None:
        """Write the failure down; return when to try again, or None: it would not help, or would come too late."""
        now = self._clock()
        paused_until = self._note_failure(problem)
        retry_at: datetime | None = None
        if problem.retryable:
            retry_at = now + timedelta(seconds=problem.retry_after_s or backoff_s(claimed.attempts))
            if paused_until is not None:
                retry_at = paused_until
            last = max(claimed.created_at, claimed.facts.not_before) + timedelta(seconds=claimed.valid_for_s)
            retry_at = retry_at if retry_at < last else None
        # From when we tried: what they write after that is news.
        opted_out_at = started if isinstance(problem, (OptedOut, Blocked)) else None
        fail_send(claimed, problem.name, retry_at, sent_id=problem.sent_id, opted_out_at=opted_out_at, now=now)
        return retry_at

    def _note_failure(self, problem: SendError) -> datetime | None:
        """Leave the provider alone, in all processes, if the failure is the provider's; return until when."""
        if not problem.whole_provider:
            return None
        now = self._clock()
        self._failures += 1
        until = now + timedelta(seconds=problem.retry_after_s or backoff_s(self._failures))
        providers.pause(self._channel.name, until, problem.name, now)
        signals.wake(signals.DESK)  # every reply that waits on this channel is told why
        return until

    async def _doubted(self, problem: SendError) -> None:
        """One broken connection is this message's; the next in a row is the provider's."""
        self._doubts += 1
        if self._doubts < DOUBTS:
            return
        now = self._clock()
        until = now + timedelta(seconds=backoff_s(self._doubts - DOUBTS + 1))
        await _in_db(lambda: providers.pause(self._channel.name, until, problem.name, now))
        signals.wake(signals.DESK)


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
    drop_send(claimed, reason, now=now)
    figures.deliveries.labels(claimed.channel, "dropped").inc()
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
        line=claimed.line,
        heard_at=claimed.heard_at,
        tried_at=claimed.created_at,  # no try can be older
        other_ids=other_ids,
    )


def _tell_desk(claimed: ClaimedDelivery) -> None:
    signals.publish(signals.DESK, (claimed.conversation_id,))


def _is_set(stop: asyncio.Event | None) -> bool:
    return stop is not None and stop.is_set()


async def _in_db(call: Callable[[], T]) -> T:
    return await sync_to_async(call)()
