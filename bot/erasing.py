"""Eraser: what was erased here is erased at the provider too, asked again until it is done or known to be kept.

A provider that cannot be asked is asked later, longer and longer apart; how it went is audited with the last
message of each conversation.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from asgiref.sync import sync_to_async

from channels.base import Channel, Trace
from channels.errors import SendError
from records.erasure import traces

log = logging.getLogger(__name__)

AT_ONCE = 50
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)
# Telegram lets bots delete for 48 hours; Twilio may need 14 days until a message can be deleted (error 20009).
GIVEN_UP_AFTER = timedelta(days=30)


class Eraser:
    """Asks the providers of these channels."""

    def __init__(self, channels: Sequence[Channel], clock: Callable[[], datetime]) -> None:
        self._channels = tuple(channels)
        self._clock = clock

    async def erase_due(self) -> int:
        """Erase what is due on every channel; return how many messages were settled."""
        settled = 0
        for channel in self._channels:
            settled += await self._of_channel(channel)
        await sync_to_async(traces.forget_old)(self._clock())
        return settled

    async def _of_channel(self, channel: Channel) -> int:
        settled = 0
        for trace in await sync_to_async(traces.due)(channel.name, self._clock(), AT_ONCE):
            try:
                gone = await channel.erase(Trace(trace.message_id, trace.address))
            except SendError as problem:
                await self._later(trace, problem.name, problem.code, problem.retry_after_s)
                if problem.whole_provider:
                    break  # the others come back by themselves
                continue
            except Exception as problem:  # one that cannot even be asked for must not keep back those behind it
                await self._later(trace, type(problem).__name__)
                continue
            await sync_to_async(traces.settle)(trace, self._clock(), gone=gone)
            settled += 1
        if settled:
            log.info("erased_at_provider channel=%s erased=%s", channel.name, settled)
        return settled

    async def _later(
        self, trace: traces.DueTrace, cause: str, code: str | None = None, retry_after_s: float | None = None
    ) -> None:
        now = self._clock()
        log.warning("erasing_failed channel=%s cause=%s code=%s", trace.channel, cause, code)
        if now - trace.erased_at > GIVEN_UP_AFTER:
            await sync_to_async(traces.settle)(trace, now, gone=False)
            return
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(trace.attempts - 1, 10))
        await sync_to_async(traces.try_again)(trace, now + max(pause, timedelta(seconds=retry_after_s or 0)))
