"""A provider that is down for minutes: what is still wanted goes out afterwards, in order, once; nothing else does."""

from __future__ import annotations

from datetime import timedelta

import pytest

from channels.errors import ProviderUnreachable
from records.messages import providers
from records.models import Contact, OutboxMessage
from records.staff import notices
from tests.channels.conftest import FakeChannel

STEP = timedelta(seconds=20)


class Down(FakeChannel):
    """Unreachable until it is not."""

    def __init__(self, name):
        super().__init__(name)
        self.is_down, self.tries = True, 0

    async def send(self, message):
        self.tries += 1
        if self.is_down:
            raise ProviderUnreachable
        return await super().send(message)


def waits_out(outbox, channel, minutes, holder=None):
    until = outbox.now + timedelta(minutes=minutes)
    delivery = outbox.delivers(channel)
    while outbox.now + STEP <= until:
        outbox.now += STEP
        outbox.again(delivery)
    channel.is_down = False
    for _ in range(6):
        outbox.now += STEP
        outbox.again(delivery)
    return delivery


def fill(outbox, channel, count, **fields):
    """`count` messages of four a conversation; the number of each is its place."""
    people = [outbox.conversation(channel, f"+1500{fields['first']}{n:04}") for n in range(count // 4)]
    for n in range(count):
        person = people[n % len(people)]
        outbox.add(f"{person.pk}:{n}", conversation=person, channel=channel, valid_for_s=fields["valid_for_s"])
    return people


def in_order(channel):
    taken = {}
    for message in channel.taken:
        person, place = message.text.split(":")
        taken.setdefault(person, []).append(int(place))
    return all(places == sorted(set(places)) for places in taken.values())


COUNTS = [80, pytest.param(1000, marks=pytest.mark.long)]


@pytest.mark.parametrize("count", COUNTS)
def test_after_8_minutes_all_goes_out_in_order_and_once_but_to_those_who_are_not_safe(outbox, count):
    channel = Down("sms")
    people = fill(outbox, "sms", count, first=1, valid_for_s=600)
    unsafe = people[: count // 40]
    Contact.objects.filter(conversations__in=unsafe).update(not_safe_at=outbox.now + timedelta(minutes=2))

    waits_out(outbox, channel, 8)

    sent = len(channel.taken)
    assert sent == count - 4 * len(unsafe)
    assert len({message.uid for message in channel.taken}) == sent
    assert in_order(channel)
    dropped = OutboxMessage.objects.filter(conversation__in=unsafe)
    assert set(dropped.values_list("status", "reason")) == {("dropped", "not_safe")}
    assert channel.tries < sent + 40  # it was left alone meanwhile


@pytest.mark.parametrize("count", COUNTS)
def test_after_30_minutes_what_is_too_old_is_not_sent_and_the_desk_knows(outbox, count):
    channel = Down("telegram")
    fill(outbox, "telegram", count // 2, first=1, valid_for_s=1200)
    outbox.delivers(channel)
    outbox.now += timedelta(minutes=15)
    fill(outbox, "telegram", count // 2, first=2, valid_for_s=1800)
    urgent = outbox.add("urgent", channel="telegram", valid_for_s=600, urgent=True)

    [health] = providers.channel_health(outbox.now)
    waits_out(outbox, channel, 15)

    assert (health.channel, health.cause, health.waiting) == ("telegram", "ProviderUnreachable", count + 1)
    states = OutboxMessage.objects.exclude(pk=urgent.pk).order_by("pk").values_list("status", flat=True)
    assert len(channel.taken) == count // 2
    assert in_order(channel)
    assert list(states[count // 2 :]) == ["sent"] * (count // 2)
    assert set(states[: count // 2]) <= {"dropped", "failed"}
    assert "" not in OutboxMessage.objects.exclude(status="sent").values_list("reason", flat=True)
    assert [(notice.kind, notice.conversation_id) for notice in notices.open_notices()] == [
        ("urgent_not_sent", urgent.conversation_id)
    ]
    assert providers.channel_health(outbox.now) == ()


def test_one_provider_down_leaves_the_other_alone(outbox):
    down, well = Down("sms"), FakeChannel("telegram")
    for n in range(20):
        outbox.add(channel="sms" if n % 2 else "telegram", conversation=outbox.conversation(
            "sms" if n % 2 else "telegram", f"+1500555{n:04}"))  # fmt: skip

    outbox.delivers(down, well)

    assert len(well.taken) == 10
    assert down.tries <= 8
