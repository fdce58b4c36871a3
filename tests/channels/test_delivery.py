"""Delivery: each message once, checked at the moment it goes, tried again while it may, its failure named."""

from __future__ import annotations

import asyncio
from unittest import mock

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.db import OperationalError

from bot import signals
from bot.delivery import backoff_s
from channels.base import Sent
from channels.errors import (
    Blocked,
    Credentials,
    FateUnknown,
    OptedOut,
    PhoneUnreachable,
    ProviderBusy,
    ProviderUnreachable,
    WrongAddress,
)
from records.messages import providers
from records.messages.queries import begin_send, claim_next_delivery
from records.models import Contact, Conversation
from records.staff.notices import open_notices
from tests.channels.conftest import FakeChannel


def texts(channel):
    return [message.text for message in channel.taken]


def test_what_is_due_goes_out_once(outbox):
    channel = FakeChannel()
    outbox.add("one", buttons=(("yes@1", "Yes"),))

    delivery = outbox.delivers(channel)
    outbox.again(delivery)

    assert [(m.text, [(b.id, b.label) for b in m.buttons]) for m in channel.taken] == [("one", [("yes@1", "Yes")])]
    assert outbox.states() == [("sent", "")]


def test_messages_of_a_conversation_go_in_order(outbox):
    channel, conversation = FakeChannel(), outbox.conversation()
    for text in ("one", "two", "three"):
        outbox.add(text, conversation=conversation)

    outbox.delivers(channel)

    assert texts(channel) == ["one", "two", "three"]


def test_a_message_that_must_wait_keeps_back_the_ones_after_it(outbox):
    channel, conversation = FakeChannel("sms", PhoneUnreachable()), outbox.conversation()
    outbox.add("one", conversation=conversation)
    outbox.add("two", conversation=conversation)

    delivery = outbox.delivers(channel)
    first = texts(channel)
    outbox.waits(seconds=5)
    outbox.again(delivery)

    assert first == []
    assert texts(channel) == ["one", "two"]


@pytest.mark.parametrize(
    ("table", "change", "reason"),
    [
        (Contact, {"opted_out_at": 1}, "opted_out"),
        (Contact, {"ended_at": 1}, "ended"),
        (Contact, {"not_safe_at": 1}, "not_safe"),
        (Conversation, {"owner": "staff"}, "staff_has_it"),
    ],
)
def test_law_8_is_asked_at_the_moment_of_sending(outbox, table, change, reason):
    channel = FakeChannel()
    outbox.add()
    outbox.waits(seconds=1)
    table.objects.update(**{name: outbox.now if value == 1 else value for name, value in change.items()})

    outbox.delivers(channel)

    assert channel.taken == []
    assert outbox.states() == [("dropped", reason)]


def test_a_message_that_became_too_old_is_dropped(outbox):
    channel = FakeChannel()
    outbox.add(valid_for_s=600)
    outbox.waits(seconds=601)

    outbox.delivers(channel)

    assert channel.taken == []
    assert outbox.states() == [("dropped", "too_old")]


def test_the_provider_gets_what_is_left_of_the_time(outbox):
    channel = FakeChannel()
    outbox.add(valid_for_s=600)
    outbox.waits(seconds=500)

    outbox.delivers(channel)

    assert channel.taken[0].valid_for_s == 100


@pytest.mark.parametrize("problem", [OptedOut(21610), Blocked(403)])
def test_what_no_try_can_help_is_closed_with_its_cause(outbox, problem):
    channel = FakeChannel("sms", problem)
    outbox.add()

    delivery = outbox.delivers(channel)
    outbox.waits(seconds=100)
    outbox.again(delivery)

    assert channel.taken == []
    assert outbox.states() == [("failed", problem.name)]


@pytest.mark.parametrize(
    ("problem", "marked"), [(OptedOut(21610), True), (Blocked(403), True), (WrongAddress(), False)]
)
def test_who_refuses_our_messages_gets_no_more_of_them(outbox, problem, marked):
    channel, conversation = FakeChannel("sms", problem), outbox.conversation()
    outbox.add("one", conversation=conversation)
    outbox.add("two", conversation=conversation)

    outbox.delivers(channel)

    assert Contact.objects.get().opted_out_at == (outbox.now if marked else None)
    assert outbox.states()[1] == (("dropped", "opted_out") if marked else ("sent", ""))


def test_a_busy_provider_is_left_alone_as_long_as_it_asks(outbox):
    busy, other = FakeChannel("sms", ProviderBusy(429, retry_after_s=30)), FakeChannel("telegram")
    outbox.add("one")
    outbox.add("two", channel="telegram")

    delivery = outbox.delivers(busy, other)
    outbox.add("three")
    outbox.waits(seconds=29)
    outbox.again(delivery)
    before = texts(busy)
    outbox.waits(seconds=2)
    outbox.again(delivery)

    assert (before, texts(other)) == ([], ["two"])
    assert sorted(texts(busy)) == ["one", "three"]


def test_tries_end_with_the_messages_time(outbox):
    channel = FakeChannel("sms", *[ProviderUnreachable()] * 100)
    outbox.add(valid_for_s=600)

    delivery = outbox.delivers(channel)
    for _ in range(40):
        outbox.waits(seconds=30)
        outbox.again(delivery)

    assert outbox.states()[0][0] in ("failed", "dropped")
    assert 5 < 100 - len(channel.script) < 25


def test_a_pause_longer_than_the_messages_time_fails_it_at_once(outbox):
    channel = FakeChannel("sms", ProviderBusy(429, retry_after_s=7200))
    outbox.add(valid_for_s=600)

    outbox.delivers(channel)

    assert outbox.states() == [("failed", "ProviderBusy")]


def test_a_wrong_password_is_tried_again_later(outbox):
    channel = FakeChannel("sms", Credentials(20003))
    outbox.add()

    delivery = outbox.delivers(channel)
    outbox.waits(seconds=5)
    outbox.again(delivery)

    assert outbox.states() == [("sent", "")]


def test_a_try_of_unknown_fate_is_looked_for_and_not_repeated(outbox):
    channel = FakeChannel("sms", FateUnknown(), found=Sent("SM-found"))
    row = outbox.add()

    outbox.delivers(channel)

    row.refresh_from_db()
    assert channel.taken == []
    assert (row.status, row.provider_id) == ("sent", "SM-found")


def test_a_try_that_the_provider_never_saw_is_made_again(outbox):
    channel = FakeChannel("sms", FateUnknown())
    outbox.add("one")

    outbox.delivers(channel)

    assert (texts(channel), len(channel.asked)) == (["one"], 1)


def test_while_the_provider_cannot_be_asked_nothing_is_sent_twice(outbox):
    channel = FakeChannel("sms", FateUnknown(), found=ProviderUnreachable())
    outbox.add()

    delivery = outbox.delivers(channel)
    states = outbox.states()
    outbox.waits(seconds=61)
    channel.found = Sent("SM-found")
    outbox.again(delivery)

    assert states == [("sending", "")]
    assert channel.taken == []
    assert outbox.states() == [("sent", "")]


@pytest.mark.parametrize("asked", [ProviderUnreachable(), FateUnknown(500)])
def test_what_was_on_its_way_when_the_provider_failed_goes_soon_and_urgent_first(outbox, asked):
    channel = FakeChannel("sms", FateUnknown(500), FateUnknown(500), found=asked)
    outbox.add("later", conversation=outbox.conversation(address="+15005550007"))
    outbox.add("call 911", urgent=True)

    delivery = outbox.delivers(channel)
    sent, channel.found = texts(channel), None
    outbox.waits(seconds=5)
    outbox.again(delivery)

    assert sent == []
    assert texts(channel) == ["call 911", "later"]


@pytest.mark.parametrize("found", [FateUnknown(20500), None])
def test_a_provider_that_answers_500_to_everything_is_known_as_failing_and_recovers(outbox, found):
    channel = FakeChannel("sms", *[FateUnknown(20500)] * 40, found=found)
    for number in range(3):
        outbox.add(f"text {number}", conversation=outbox.conversation(address=f"+1500555000{number}"))

    delivery = outbox.delivers(channel)
    for _ in range(3):
        outbox.waits(seconds=5)
        outbox.again(delivery)
    down, sent = providers.down(outbox.now), texts(channel)
    cause = providers.failing("sms")[1]
    channel.script, channel.found = [], None
    for _ in range(5):
        outbox.waits(seconds=62)
        outbox.again(delivery)

    assert ([one.channel for one in down], sent) == (["sms"], [])
    if found is not None:
        assert cause == "ProviderFailing", "it was reached, and answered"
    assert sorted(texts(channel)) == ["text 0", "text 1", "text 2"]
    assert providers.failing("sms") == (None, "")


@pytest.mark.parametrize(("key", "told"), [("ack.thanks ask.story", ["question_not_sent"]), ("ack.thanks", [])])
def test_staff_are_told_of_a_question_that_perhaps_nobody_saw(outbox, key, told):
    outbox.add(channel="telegram", key=key)

    outbox.delivers(FakeChannel("telegram", FateUnknown(), can_find_sent=False))

    assert [notice.kind for notice in open_notices()] == told


def test_a_message_with_the_same_words_is_not_taken_for_this_one(outbox):
    channel, conversation = FakeChannel("sms", None, FateUnknown()), outbox.conversation()
    outbox.add("same", conversation=conversation)
    outbox.add("same", conversation=conversation)

    outbox.delivers(channel)

    assert channel.asked[0].other_ids == {"sms-1"}


@pytest.mark.parametrize(("urgent", "sent", "state"), [(True, 1, "sent"), (False, 0, "unknown")])
def test_where_nobody_can_be_asked_only_an_urgent_message_goes_again(outbox, urgent, sent, state):
    channel = FakeChannel("telegram", FateUnknown(), can_find_sent=False)
    outbox.add(channel="telegram", urgent=urgent)

    outbox.delivers(channel)

    assert (len(channel.taken), outbox.states()[0][0]) == (sent, state)


def test_an_urgent_message_goes_again_only_once(outbox):
    channel = FakeChannel("telegram", *[FateUnknown()] * 5, can_find_sent=False)
    outbox.add(channel="telegram", urgent=True)

    delivery = outbox.delivers(channel)
    outbox.waits(seconds=61)
    outbox.again(delivery)
    outbox.waits(seconds=61)
    outbox.again(delivery)

    assert len(channel.script) == 3
    assert outbox.states() == [("unknown", "FateUnknown")]


def test_a_second_death_while_sending_where_nobody_can_be_asked_is_the_last(outbox):
    channel = FakeChannel("telegram", can_find_sent=False)
    outbox.add(channel="telegram", urgent=True)

    for _ in range(2):
        begin_send(claim_next_delivery("d1", ("telegram",), outbox.now))
        outbox.waits(seconds=61)
    outbox.delivers(channel)

    assert channel.taken == []
    assert outbox.states() == [("unknown", "FateUnknown")]


def test_a_holder_that_died_while_sending_leaves_a_question_not_a_second_message(outbox):
    outbox.add()
    begin_send(claim_next_delivery("d1", ("sms",), outbox.now))
    channel = FakeChannel("sms", found=Sent("SM-found"))

    early = outbox.delivers(channel, holder="d2")
    asked_early = len(channel.asked)
    outbox.waits(seconds=61)
    outbox.again(early)

    assert asked_early == 0
    assert (channel.taken, len(channel.asked)) == ([], 1)
    assert outbox.states() == [("sent", "")]


def test_a_fault_in_a_channel_is_a_doubt_not_a_crash(outbox):
    channel = FakeChannel("sms", TypeError("our own"))
    outbox.add("one")
    outbox.add("two")

    outbox.delivers(channel)

    assert sorted(texts(channel)) == ["one", "two"]


def test_what_went_out_is_written_down_even_if_the_database_hesitates(outbox):
    channel = FakeChannel()
    outbox.add()

    with mock.patch("bot.delivery.finish_send", side_effect=[OperationalError("locked"), True]) as kept:
        outbox.delivers(channel)

    assert kept.call_count == 2


def test_a_provider_that_hangs_does_not_hold_up_the_other(outbox):
    release = asyncio.Event()
    hangs, other = FakeChannel("sms"), FakeChannel("telegram")
    outbox.add("stuck")
    outbox.add("goes", channel="telegram")

    async def hang(_message):
        await asyncio.wait_for(release.wait(), 5)

    async def other_is_done(_message):
        release.set()

    hangs.before_send, other.before_send = hang, other_is_done
    outbox.delivers(hangs, other)

    assert (texts(hangs), texts(other)) == (["stuck"], ["goes"])


def test_one_phone_that_hangs_does_not_hold_up_the_next(outbox):
    release, channel = asyncio.Event(), FakeChannel()
    outbox.add("stuck")

    async def hang_until_a_later_message_goes(message):
        if message.text == "stuck":
            await sync_to_async(lambda: outbox.add("later", conversation=outbox.conversation(address="+15005550009")))()
            await asyncio.wait_for(release.wait(), 5)
        release.set()

    channel.before_send = hang_until_a_later_message_goes
    outbox.delivers(channel)

    assert texts(channel) == ["later", "stuck"]


def test_the_desk_is_told_by_ids(outbox):
    with mock.patch("bot.delivery.signals.publish") as told:
        row = outbox.add("they keep my passport")
        outbox.delivers(FakeChannel("sms", OptedOut(21610)))

    assert [call.args for call in told.call_args_list] == [("desk", (row.conversation_id,))]


def test_back_off_doubles_up_to_a_minute():
    waits = [backoff_s(attempt) for attempt in range(1, 20)]

    assert 1 <= waits[0] <= 2
    assert max(waits) <= 60
    assert min(waits[6:]) >= 30


@pytest.mark.django_db(transaction=True)
def test_run_forever_ends_when_told_and_closes_the_channels():
    from bot.delivery import Delivery
    from bot.now import wall_clock

    channel = FakeChannel()

    async def serve():
        stop = asyncio.Event()
        running = asyncio.create_task(Delivery((channel,), "d", wall_clock).run_forever(stop))
        await asyncio.sleep(0)
        stop.set()
        await asyncio.wait_for(running, 5)

    async_to_sync(serve)()

    assert channel.closed


def test_every_desk_is_told_when_a_provider_falls_away_and_when_it_is_back(outbox):
    channel = FakeChannel("sms", ProviderUnreachable())
    outbox.add()
    told = []
    with mock.patch("bot.delivery.signals.wake", told.append):
        delivery = outbox.delivers(channel)
        away = list(told)
        outbox.waits(seconds=60)
        outbox.again(delivery)

    assert away == [signals.DESK]
    assert told == [signals.DESK, signals.DESK]
    assert outbox.states() == [("sent", "")]
