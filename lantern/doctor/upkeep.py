"""Doctor for what runs beside: is a provider away, does one still keep what was erased, did anything come late?"""

from __future__ import annotations

from collections.abc import Iterator

from django.db import Error as StorageError

from bot.now import wall_clock
from channels.errors import cause_named
from lantern.doctor import UNREAD, Finding
from records.counted import counted
from records.erasure.traces import oldest_open, open_traces
from records.messages.providers import ChannelHealth, channel_health

OVERDUE_HOURS = 24


class UpkeepCheck:
    """What this line's own tables say about the providers."""

    name = "Upkeep"

    def judge(self) -> Iterator[Finding]:
        """Say which channel is not well, and what is still to be erased at a provider."""
        now = wall_clock()
        try:
            unwell, waiting, oldest = channel_health(now), open_traces(), oldest_open()
        except StorageError:
            yield UNREAD
            return
        for one in unwell:
            yield from _of(one)
        if oldest is not None:
            hours = int((now - oldest).total_seconds() // 3600)
            yield Finding(
                sentence=f"{counted(waiting, 'erased message is', 'erased messages are')} still at their provider, the"
                f" oldest for {counted(hours, 'hour', 'hours')}; it is asked again by itself while"
                " `./run delivery` is up",
                wrong=hours >= OVERDUE_HOURS,
            )


def _of(one: ChannelHealth) -> Iterator[Finding]:
    if one.failing_since is not None:
        cause = cause_named(one.cause)
        yield Finding(
            sentence=f"{one.channel}: not well since {one.failing_since:%H:%M} UTC,"
            f" {counted(one.waiting, 'message waits', 'messages wait')}."
            f" {cause.sentence() if cause else one.cause}"
        )
    if one.late and one.late_since is not None:
        yield Finding(
            sentence=f"{one.channel}: {counted(one.late, 'message', 'messages')} came late in the last day; the first"
            f" was written at {one.late_since:%Y-%m-%d %H:%M} UTC. Staff have them",
            wrong=False,
        )
