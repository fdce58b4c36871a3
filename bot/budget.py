"""Budgets: how fast our senders may go, shared by all processes: in Redis, else in the database.

One time a sender: up to when its pace is spent (the generic cell rate algorithm). A sender is free while that
time is not further ahead than its burst; what a message costs is spent when it goes.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from typing import Any

import redis
from redis.exceptions import RedisError

from bot import signals
from channels.base import Pace
from records.messages import providers

_GONE = (RedisError, OSError, ValueError)
_KEPT_S = 3600
# Reads, moves and writes in one step; times in seconds.
_SPEND = """
local spent = tonumber(redis.call('GET', KEYS[1]) or '0')
local now = tonumber(ARGV[1])
if spent < now then spent = now end
spent = spent + tonumber(ARGV[2])
redis.call('SET', KEYS[1], string.format('%.6f', spent), 'EX', ARGV[3])
return tostring(spent)
"""


class Budgets:
    """What our senders have left. With Redis away, the database is asked until it is back."""

    def __init__(self, redis_url: str | None) -> None:
        self._prefix = f"{signals.channel_prefix(redis_url)}budget:" if redis_url else ""
        self._redis: redis.Redis[Any] | None = (
            redis.Redis.from_url(redis_url, socket_timeout=signals.TIMEOUT_S, socket_connect_timeout=signals.TIMEOUT_S)
            if redis_url
            else None
        )
        self._away_until = 0.0

    def free(self, name: str, pace: Pace, now: datetime) -> bool:
        """True if this sender may send one more unit now."""
        spent = self._spent_to(name)
        allowed = timedelta(seconds=(pace.at_once - 1) / pace.per_s)
        return spent is None or spent - now <= allowed

    def spend(self, name: str, pace: Pace, units: float, now: datetime) -> None:
        """Spend what a message takes; less than nothing gives it back."""
        seconds = units / pace.per_s
        if self._there():
            try:
                self._client().eval(  # type: ignore[no-untyped-call]
                    _SPEND, 1, self._prefix + name, now.timestamp(), seconds, _KEPT_S
                )
            except _GONE:
                self._away()
            else:
                return
        providers.spend(name, timedelta(seconds=seconds), now)

    def _spent_to(self, name: str) -> datetime | None:
        if self._there():
            try:
                found = self._client().get(self._prefix + name)
            except _GONE:
                self._away()
            else:
                return datetime.fromtimestamp(float(found), timezone.utc) if found else None
        return providers.spent_to(name)

    def _client(self) -> redis.Redis[Any]:
        if self._redis is None:
            raise ValueError("no Redis")
        return self._redis

    def _there(self) -> bool:
        return self._redis is not None and time.monotonic() >= self._away_until

    def _away(self) -> None:
        self._away_until = time.monotonic() + signals.RETRY_S
