"""The self-test: a canary passes through everything, is told when it is lost, and is never taken for a person."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot import canary
from bot.delivery import Delivery
from bot.oncall import CouldNotSend
from bot.runner import Lane
from bot.turn import Turns
from channels.simulator import CANARY, SimulatorChannel
from records.figures import gauges, loads
from records.figures.beats import DELIVERY, RUNNER, beat
from records.messages import canary as kept
from records.models import (
    AuditEvent,
    Contact,
    Conversation,
    ErasedConversation,
    InboxMessage,
    OutboxMessage,
    ProviderTrace,
    Seat,
    SelfTest,
    Staff,
)
from records.staff import alerts, desk, reviews
from records.states import CANARY as CHANNEL
from records.states import AlertBy, Owner
from tests.bot.conftest import Told, greets, hands_off
from tests.dialogues.script import START

pytestmark = pytest.mark.django_db(transaction=True)


class SmallLine:
    """Lane, delivery and clock in this process, the clock set by hand."""

    def __init__(self, turns):
        self.now = START
        self.lane = Lane(turns, holder="lane-0", clock=lambda: self.now)
        self.delivery = Delivery((SimulatorChannel(CANARY),), "delivery", lambda: self.now)

    def ticks(self, times=1, *, taken=True, sent=True):
        for _ in range(times):
            self.now += timedelta(seconds=5)
            for name in (RUNNER, DELIVERY):
                beat(name, "here", self.now)
            canary.tick(self.now)
            if taken:
                self.lane.run_until_idle()
            if sent:
                asyncio.run(self.delivery.run_once())


@pytest.fixture
def line(rules_only):
    def made(answer=greets):
        return SmallLine(Turns(rules_only, Told(answer) if answer else None))

    return made


def test_a_canary_comes_back_once_an_hour_and_leaves_nothing(line):
    well = line()

    well.ticks(12)

    row = kept.last()
    assert (row.cause, row.began_at, row.step) == ("", None, len(canary.SAYS))
    assert row.came_back_at is not None
    for model in (
        Contact,
        Conversation.every,
        InboxMessage,
        OutboxMessage,
        AuditEvent,
        ErasedConversation,
        ProviderTrace,
    ):
        assert not getattr(model, "objects", model).exists(), model
    well.now = row.came_back_at + timedelta(minutes=59)
    well.ticks()
    assert kept.last().began_at is None
    well.now += timedelta(minutes=1)
    well.ticks()
    assert kept.last().began_at is not None


def test_while_it_flies_nobody_takes_it_for_a_person(line):
    """Also when the line would bring in a person for it, and whatever the desk is asked."""
    amara = Staff.objects.create_user("amara", alias="Amara")
    flies = line(hands_off)

    flies.ticks(1)

    row = Conversation.every.get()
    assert (row.canary, row.owner) == (True, Owner.QUEUE)
    assert not Conversation.objects.exists()
    assert desk.queue(flies.now) == desk.waiting() == desk.owned_by(Owner.QUEUE, flies.now) == []
    assert loads.demand(flies.now) == loads.late_handoffs(flies.now + timedelta(hours=1)) == []
    assert reviews.decisions(flies.now) == []
    assert alerts.climb(None, 0, timedelta(0), (AlertBy.DESK,), flies.now) == []
    assert not any(count for count, _ in gauges.queue(flies.now).values())
    assert gauges.lately(flies.now).received == {}
    assert not AuditEvent.objects.filter(conversation_uid__isnull=False).exists()
    assert amara.held.count() == 0


@pytest.mark.parametrize(
    ("answer", "at_work", "cause"),
    [
        (greets, {"taken": False}, "no_turn"),
        (greets, {"sent": False}, "not_sent"),
        (None, {}, "no_dialogue"),
    ],
)
def test_where_it_was_lost_is_told_and_it_is_tried_again_soon(line, answer, at_work, cause):
    ill = line(answer)

    while not kept.last().cause and ill.now < START + timedelta(minutes=3):
        ill.ticks(**at_work)

    row = kept.last()
    assert (row.cause, row.came_back_at) == (cause, None)
    assert not Conversation.every.exists()
    ill.now = row.ended_at + canary.AGAIN_AFTER - timedelta(seconds=5)
    ill.ticks(taken=False, sent=False)
    assert kept.last().began_at == ill.now


def test_a_lost_canary_is_told_once_an_hour_to_who_is_on_call(line):
    one = Staff.objects.create_user("oncall", alias="O", role="supervisor")
    Seat.objects.create(staff=one, presence="away", presence_at=START, on_call=True)
    alerts.set_address(one, AlertBy.EMAIL, "o@example.org", START)
    line(None).ticks(2)
    said = []

    def post(due, words):
        said.append((due.address, words))

    def broken(due, words):
        raise CouldNotSend("no_mail_server")

    assert [canary.alarm(START + timedelta(minutes=at), post) for at in (2, 30, 63)] == [1, 0, 1]
    assert canary.alarm(START + timedelta(hours=3), broken) == 0
    assert said[0][0] == "o@example.org"
    assert "no dialogue" in said[0][1]


def test_a_canary_of_a_clock_that_was_killed_is_swept(line):
    killed = line()
    killed.ticks(1)
    SelfTest.objects.update(began_at=None, ended_at=None, step=0)

    line().ticks(12)

    assert kept.last().cause == ""
    assert not Conversation.every.exists()


def test_before_the_runner_is_there_no_canary_is_lost(line):
    canary.tick(START)

    assert kept.last().began_at is None


def test_records_and_channels_mean_the_same_channel():
    assert CHANNEL == CANARY
