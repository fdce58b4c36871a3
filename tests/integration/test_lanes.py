"""What one bad message may do to a lane: not silence, not an endless loop, not a wait for everybody else."""

from __future__ import annotations

import os
import signal
import time
from datetime import datetime, timedelta, timezone

import pytest
from django.db import connections

from bot import intake
from bot.runner import MAX_DEATHS, Lane
from bot.turn import Turns
from records.models import Conversation, InboxMessage, OutboxMessage
from tests.integration.conftest import written


class FakeTurns(Turns):
    """Turns by safety words alone; `before` is called with each material."""

    def __init__(self, understanding, before=lambda material: None):
        super().__init__(understanding, None)
        self._before = before

    def take(self, material, now):
        self._before(material)
        return super().take(material, now)


class Clock:
    def __init__(self):
        self.now = datetime.now(timezone.utc)

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def receives(text, who, clock):
    receipt = intake.receive(written(text, who=who, provider_id=f"SM{who}"), clock.now)
    return receipt.conversation_id


def runs(lane, clock, rounds=8):
    for _ in range(rounds):
        lane.run_until_idle()
        clock.now += timedelta(minutes=1)


def owner(conversation_id):
    return Conversation.objects.get(pk=conversation_id).owner


def test_a_message_that_fails_each_time_goes_to_a_person_with_the_truth(transactional_db, clock, rules_only):
    def fails(material):
        raise ZeroDivisionError

    conversation = receives("hello", "+15005550001", clock)

    runs(Lane(FakeTurns(rules_only, fails), holder="h", clock=clock), clock)

    assert InboxMessage.objects.get().status == "failed"
    assert owner(conversation) == "queue"
    assert [row.key for row in OutboxMessage.objects.all()] == ["technical"]


def test_a_message_that_does_not_open_goes_to_a_person_and_holds_up_nobody(transactional_db, clock, rules_only):
    broken = receives("one", "+15005550001", clock)
    InboxMessage.objects.update(payload=b"\x01" + bytes(40))
    receives("two", "+15005550002", clock)

    runs(Lane(FakeTurns(rules_only), holder="h", clock=clock), clock)

    assert owner(broken) == "queue"
    assert list(InboxMessage.objects.order_by("pk").values_list("status", flat=True)) == ["failed", "done"]


def test_a_conversation_whose_key_is_lost_holds_up_nobody(transactional_db, clock, rules_only):
    receives("one", "+15005550001", clock)
    Conversation.objects.update(wrapped_key=b"\x01" + bytes(60))
    receives("two", "+15005550002", clock)

    runs(Lane(FakeTurns(rules_only), holder="h", clock=clock), clock)

    assert list(InboxMessage.objects.order_by("pk").values_list("status", flat=True)) == ["new", "done"]


def test_a_message_that_kills_the_lane_each_time_goes_to_a_person_unread(transactional_db, clock, rules_only):
    def dies(material):
        pytest.fail("it was taken again")

    conversation = receives("hello", "+15005550001", clock)
    InboxMessage.objects.update(attempts=MAX_DEATHS)

    runs(Lane(FakeTurns(rules_only, dies), holder="h", clock=clock), clock)

    row = Conversation.objects.get(pk=conversation)
    assert (row.owner, row.level) == ("queue", "priority")


def test_a_turn_that_hangs_ends_the_lane_before_its_claim_lapses(transactional_db, clock, rules_only):
    receives("hello", "+15005550001", clock)
    connections.close_all()

    pid = os.fork()
    if pid == 0:
        Lane(FakeTurns(rules_only, lambda material: time.sleep(30)), holder="h").run_until_idle(hangs_after_s=1)
        os._exit(0)
    _, status = os.waitpid(pid, 0)

    assert os.WTERMSIG(status) == signal.SIGALRM
    assert InboxMessage.objects.get().status == "new"
