"""Signals: a tap on the shoulder between processes, never the message itself.

Redis publish/subscribe when there is one, polling when there is none or it has gone.
Only ids travel, and every signal may be lost: whoever waits looks in the database after
each wait. A lost signal costs seconds (`POLL_S` without Redis, `LOOK_S` with it), never a message.
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import functools
import json
import os
import re
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import redis
from django.conf import settings
from redis.exceptions import RedisError

TURN = "turn"  # an inbox row waits for the runner
DELIVERY = "delivery"  # an outbox row waits for delivery
DESK = "desk"  # something that staff may be looking at has changed
TOPICS = (TURN, DELIVERY, DESK)

POLL_S = 0.5  # how often a waiter looks for itself without Redis
LOOK_S = 5.0  # and with Redis, in case a signal was lost
RETRY_S = 2.0  # how long Redis is left alone after it failed: a webhook must not wait for it
TIMEOUT_S = 0.5

_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_GONE = (RedisError, OSError, ValueError)  # ValueError: a URL that redis-py cannot read, or a closed socket

Ids = tuple[str, ...]
Call = Callable[[str, Ids], None]


class Waiter:
    """Waits for `wake(topic)` in a plain thread. A wake between two waits is kept."""

    def __init__(self, topic: str) -> None:
        self._woken = threading.Event()
        self._leave = _exchange().join(topic, lambda _topic, _ids: self._woken.set())

    def wait(self, timeout_s: float) -> bool:
        """Return True when woken, False when it is time to look anyway: after `timeout_s` or sooner."""
        woken = self._woken.wait(min(timeout_s, _exchange().patience_s()))
        self._woken.clear()
        return woken

    def close(self) -> None:
        self._leave()


class AsyncWaiter:
    """The same for a coroutine; also gives the ids that were published."""

    def __init__(self, topic: str) -> None:
        self._loop = asyncio.get_running_loop()
        self._woken = asyncio.Event()
        self._ids: dict[str, None] = {}  # keeps the order, drops repeats
        self._leave = _exchange().join(topic, self._from_any_thread)

    async def wait(self, timeout_s: float) -> bool:
        """Return True when woken, False when it is time to look anyway: after `timeout_s` or sooner."""
        try:
            await asyncio.wait_for(self._woken.wait(), min(timeout_s, _exchange().patience_s()))
        except asyncio.TimeoutError:
            return False
        self._woken.clear()
        return True

    def take_ids(self) -> Ids:
        """The ids published since the last call."""
        ids = tuple(self._ids)
        self._ids.clear()
        return ids

    def close(self) -> None:
        self._leave()

    def _from_any_thread(self, _topic: str, ids: Ids) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended; nobody waits any more
            self._loop.call_soon_threadsafe(self._set, ids)

    def _set(self, ids: Ids) -> None:
        self._ids.update(dict.fromkeys(ids))
        self._woken.set()


def wake(topic: str) -> None:
    """Tell whoever waits on `topic` to look now. Never raises, never waits long."""
    publish(topic, ())


def publish(topic: str, ids: Sequence[str | int]) -> None:
    """Tell whoever waits on `topic` to look now, and which rows moved. Never waits long.

    Raises:
        ValueError: something that is not an id was about to leave the database.
    """
    publish_all({topic: ids})


def publish_all(moved: Mapping[str, Sequence[str | int]]) -> None:
    """Publish on several topics, in one way to Redis and back.

    Raises:
        ValueError: something that is not an id was about to leave the database.
    """
    named = {topic: tuple(map(str, ids)) for topic, ids in moved.items()}
    if not all(_ID.fullmatch(name) for names in named.values() for name in names):
        raise ValueError("only ids travel as signals")
    _exchange().send(named)


def told_at(topic: str) -> float:
    """When this process last heard a signal of `topic`, on the monotonic clock."""
    return _exchange().told_at.get(topic, float("-inf"))


async def listen(topic: str, *, beat_s: float = LOOK_S) -> AsyncIterator[Ids]:
    """Yield the ids published on `topic`; an empty tuple says: look for yourself."""
    waiter = AsyncWaiter(topic)
    try:
        while True:
            await waiter.wait(beat_s)
            yield waiter.take_ids()
    finally:
        waiter.close()


def listen_sync(topic: str, *, beat_s: float = LOOK_S) -> Iterator[Ids]:
    """`listen` for a plain thread."""
    found: collections.deque[str] = collections.deque()
    woken = threading.Event()

    def on_call(_topic: str, ids: Ids) -> None:
        found.extend(ids)
        woken.set()

    leave = _exchange().join(topic, on_call)
    try:
        while True:
            woken.wait(min(beat_s, _exchange().patience_s()))
            woken.clear()
            yield tuple(dict.fromkeys(found.popleft() for _ in range(len(found))))
    finally:
        leave()


def channel_prefix(url: str) -> str:
    """Return what the names of our channels begin with.

    Published messages reach every database of a Redis; the number in its address keeps two lines on one server apart.
    """
    return f"lantern:{urlsplit(url).path.strip('/') or '0'}:"


class Exchange:
    """One per process: hands signals to the waiters in it, and to and from Redis."""

    def __init__(self, url: str | None) -> None:
        self._url = url
        self._prefix = channel_prefix(url) if url else ""
        self._lock = threading.Lock()
        self._calls: dict[str, list[Call]] = {}
        self._away_until = 0.0
        self._publisher: redis.Redis[Any] | None = None
        self._thread: threading.Thread | None = None
        self.connected = False
        self.told_at: dict[str, float] = {}

    def patience_s(self) -> float:
        """How long a waiter may rely on being woken."""
        return LOOK_S if self.connected else POLL_S

    def join(self, topic: str, call: Call) -> Callable[[], None]:
        """Have `call` called on each signal of `topic`; returns the way out."""
        with self._lock:
            self._calls.setdefault(topic, []).append(call)
            if self._url and self._thread is None:
                self._thread = threading.Thread(target=self._receive_forever, name="signals", daemon=True)
                self._thread.start()

        def leave() -> None:
            with self._lock, contextlib.suppress(ValueError):
                self._calls[topic].remove(call)

        return leave

    def send(self, named: Mapping[str, Ids]) -> None:
        for topic, ids in named.items():
            self._hand_out(topic, ids)
        if self._url is None or time.monotonic() < self._away_until:
            return
        try:
            if self._publisher is None:
                self._publisher = self._client()
            with self._publisher.pipeline(transaction=False) as together:
                for topic, ids in named.items():
                    together.publish(self._prefix + topic, json.dumps(ids))
                together.execute()
        except _GONE:
            self._away_until = time.monotonic() + RETRY_S

    def _client(self) -> redis.Redis[Any]:
        return redis.Redis.from_url(
            str(self._url), socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S, health_check_interval=5
        )

    def _hand_out(self, topic: str, ids: Ids) -> None:
        with self._lock:
            calls = tuple(self._calls.get(topic, ()))
        self.told_at[topic] = time.monotonic()
        for call in calls:
            call(topic, ids)

    def _everybody_looks(self) -> None:
        for topic in TOPICS:
            self._hand_out(topic, ())

    def _receive_forever(self) -> None:
        while True:
            with contextlib.suppress(*_GONE):
                self._receive()
            if self.connected:
                self.connected = False
                self._everybody_looks()  # their long waits end here; from now on they poll
            time.sleep(RETRY_S)

    def _receive(self) -> None:
        with self._client().pubsub(ignore_subscribe_messages=True) as pubsub:
            heard: set[str] = set()
            while True:
                with self._lock:
                    new = self._calls.keys() - heard
                if new:  # what nobody here waits for would wake us for nothing
                    pubsub.subscribe(*(self._prefix + topic for topic in new))
                    pubsub.get_message(timeout=TIMEOUT_S)
                    heard |= new
                    self.connected = True
                    self._everybody_looks()  # for what was signalled while we were away
                message = pubsub.get_message(timeout=1.0)
                if message is not None and message["type"] == "message":
                    topic = message["channel"].decode().removeprefix(self._prefix)
                    self._hand_out(topic, tuple(json.loads(message["data"])))


def _exchange() -> Exchange:
    # By process: a lane forked off its parent needs connections and a thread of its own.
    url = settings.LANTERN.redis_url
    return _exchange_of(os.getpid(), str(url) if url else None)


@functools.lru_cache(maxsize=4)
def _exchange_of(_pid: int, url: str | None) -> Exchange:
    return Exchange(url)
