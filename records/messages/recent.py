"""Recent: our newest lines as the one who writes can have seen them: what went out, and what stands on its way."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from records.states import REACHED_NOBODY, Author, OutboxStatus

_AWAY = timedelta(seconds=10)  # a line that waits longer than this to be sent stands still, or in a long row
_IDS = re.compile(r"\d+")  # of the pieces of one message, as Telegram counts


class RecentLine(NamedTuple):
    """One of the newest lines of ours, by the bot or by staff."""

    outbox_id: int
    key: str
    status: str
    inbox_id: int | None
    author: str
    created_at: datetime
    sent_at: datetime | None = None  # when the provider took it
    provider_id: str = ""  # what the provider calls it; several, where it went in pieces

    @property
    def ids(self) -> list[str]:
        """What the provider calls its pieces."""
        return _IDS.findall(self.provider_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recent:
    """The newest lines of ours, the newest first, as the one who wrote this message can have seen them."""

    lines: tuple[RecentLine, ...] = ()
    read_at: datetime | None = None  # when the message of this turn arrived
    provider_away: Callable[[], bool] = field(default=lambda: False)  # nothing goes out on this channel now

    def lost(self, keys: frozenset[str]) -> frozenset[str]:
        """Which sentences of the newest turn that said one of these never went out, or stand still on their way."""
        asked = self._newest(keys)
        if asked is None:
            return frozenset()
        turn = [line for line in self.lines if line.inbox_id == asked.inbox_id] if asked.inbox_id else [asked]
        still = (*self.away, *self.in_doubt)
        lost = [line for line in turn if line.status in REACHED_NOBODY or line in still]
        return frozenset(key for line in lost for key in line.key.split())

    def crossed(self, keys: frozenset[str]) -> bool:
        """True where the provider took the newest line that says one of these after this message, or never yet.

        A message is no answer to what was not on the phone when it was written.
        """
        asked = self._newest(keys)
        if asked is None or self.read_at is None:
            return False
        if asked.sent_at is None and asked.status != OutboxStatus.DELIVERED:  # news of it may come before the answer
            return True
        return max(asked.created_at, asked.sent_at or asked.created_at) > self.read_at

    def stands_under(self, pressed_on: str, keys: frozenset[str], tries: int = 1) -> bool:
        """True where a button of that message of ours belongs to the newest lines that say one of these.

        Also where nobody can tell: which message it is, or what the provider calls the line that it has just taken.

        Args:
            pressed_on: the provider's id of the message, empty if it tells none.
            keys: the sentences of the question that waits.
            tries: how often it was asked since it waits.
        """
        asking = [line for line in self.lines if not keys.isdisjoint(line.key.split())][:tries]
        if not pressed_on or not asking or any(pressed_on in line.ids for line in asking):
            return True
        on_its_way = asking[0].status in (OutboxStatus.SENDING, OutboxStatus.UNKNOWN)
        return on_its_way and not any(pressed_on in line.ids for line in self.lines)

    def goes(self, keys: frozenset[str]) -> bool:
        """True where the newest line that says one of these went out, or may still."""
        asked = self._newest(keys)
        return asked is not None and asked.status not in REACHED_NOBODY

    @property
    def in_doubt(self) -> tuple[RecentLine, ...]:
        """The bot's lines that a provider was given long ago and has not said to have taken."""
        doubt = (OutboxStatus.SENDING, OutboxStatus.UNKNOWN)
        return tuple(one for one in self.lines if one.status in doubt and one.author == Author.BOT and self._late(one))

    @property
    def away(self) -> tuple[RecentLine, ...]:
        """The bot's lines that stood still on their way when this message arrived, or were not even made long after."""
        waiting = self.waiting
        late = tuple(one for one in waiting if self._late(one))
        return waiting if len(late) < len(waiting) and self.provider_away() else late

    @property
    def waiting(self) -> tuple[RecentLine, ...]:
        """The bot's lines that nobody has begun to send."""
        return tuple(one for one in self.lines if one.status == OutboxStatus.WAITING and one.author == Author.BOT)

    @property
    def begun(self) -> tuple[RecentLine, ...]:
        """The bot's lines that a provider was given and may have taken."""
        return tuple(one for one in self.lines if one.status == OutboxStatus.SENDING and one.author == Author.BOT)

    def _late(self, one: RecentLine) -> bool:
        """True where it was made long before this message arrived, or, by a line that was away itself, long after."""
        return self.read_at is not None and abs(one.created_at - self.read_at) >= _AWAY

    def _newest(self, keys: frozenset[str]) -> RecentLine | None:
        return next((line for line in self.lines if not keys.isdisjoint(line.key.split())), None)
