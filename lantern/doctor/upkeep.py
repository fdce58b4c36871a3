"""Doctor for what runs beside: is a provider away, does one still keep what was erased, did anything come late?"""

from __future__ import annotations

from collections.abc import Iterator

from django.db import Error as StorageError

from bot.now import wall_clock
from channels.errors import cause_named
from lantern.doctor import Finding
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
            yield Finding(sentence="the database has no tables yet, or cannot be read; `./run` makes them", wrong=False)
            return
        for one in unwell:
            yield from _of(one)
        if oldest is not None:
            hours = int((now - oldest).total_seconds() // 3600)
            yield Finding(
                sentence=f"{waiting} erased messages are still at their provider, the oldest for {hours} hours;"
                " they are asked for again by themselves while `./run delivery` is up",
                wrong=hours >= OVERDUE_HOURS,
            )


def _of(one: ChannelHealth) -> Iterator[Finding]:
    if one.failing_since is not None:
        cause = cause_named(one.cause)
        yield Finding(
            sentence=f"{one.channel}: not well since {one.failing_since:%H:%M} UTC, {one.waiting} messages wait."
            f" {cause.sentence() if cause else one.cause}"
        )
    if one.late and one.late_since is not None:
        yield Finding(
            sentence=f"{one.channel}: {one.late} messages came late in the last day; the first was written at"
            f" {one.late_since:%Y-%m-%d %H:%M} UTC. Staff have them",
            wrong=False,
        )
