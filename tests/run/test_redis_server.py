"""Redis for one machine: named, found, or done without."""

from __future__ import annotations

import time

import pytest

from lantern import redis_server
from lantern.supervisor import Supervisor


def test_the_one_that_is_named_is_used_and_none_is_started(tmp_path):
    plan = redis_server.plan("redis://127.0.0.1:6379/3", tmp_path)

    assert plan == redis_server.RedisPlan(url="redis://127.0.0.1:6379/3")


def test_without_any_there_is_none(tmp_path, monkeypatch):
    monkeypatch.setattr(redis_server, "_server", lambda: None)

    assert redis_server.plan(None, tmp_path) == redis_server.RedisPlan(url=None)


@pytest.mark.parametrize("folder", ["data", "a folder", "x" * 120])
def test_one_of_our_own_listens_on_no_port_and_leaves_nothing_on_disk(tmp_path, folder):
    data = tmp_path / folder
    data.mkdir()
    plan = redis_server.plan(None, data)
    if plan.program is None:
        pytest.skip("no Redis on this machine")
    supervisor = Supervisor(lambda _line: None)
    supervisor.start(plan.program)
    try:
        deadline = time.monotonic() + 10
        while not redis_server.answers(plan.url):
            assert time.monotonic() < deadline
            supervisor.step(0.05)
    finally:
        supervisor.end()

    assert {path.name for path in data.iterdir()} <= {"redis.log"}
    assert plan.program.command[1:3] == ("--port", "0")
    assert not redis_server.answers(plan.url)
