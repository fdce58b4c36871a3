"""The clock: the truth about waiting, only where it is safe, and erasing what need not be kept."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.clock import Clock, next_wait, tell_waits
from content.triage import triage
from records.messages.turns import load_conversation
from records.models import Conversation, OutboxMessage, Staff
from records.staff import seats, shifts
from records.states import DropReason, Presence, ShiftKind, StaffRole
from tests.bot.conftest import greets, hands_off

ANA = "+12025550177"
MIN = timedelta(minutes=1)


def in_queue(line_that, *, safe="yes"):
    line = line_that(
        lambda known, heard: (["handoff.asked"], known.with_(reasons=("ask_human",), flow="queue", safe=safe))
    )
    line.receives("sms", ANA, "hello")
    line.takes("sms", ANA)
    return line


def at_the_desk(now):
    staff = Staff.objects.create_user("mara", "a long enough password", alias="Mara", role=StaffRole.WORKER)
    seats.set_presence(staff, Presence.HERE, now)
    return staff


def keys(line):
    return [OutboxMessage.objects.get(uid=message.uid).key for message, _ in line.takes("sms", ANA)]


def test_who_waits_is_told_the_truth_at_each_wait_and_then_left_alone(line_that):
    line = in_queue(line_that)
    at_the_desk(line.now)
    first, second = (timedelta(minutes=wait.after) for wait in triage().waits)

    line.passes(line.now + first)
    after_first = keys(line)
    line.passes(line.now + second - first)
    after_second = keys(line)
    line.passes(line.now + timedelta(hours=6))

    assert after_first == ["handoff.waiting"]
    assert after_second in (["handoff.waiting.long"], ["handoff.waiting.long.no_number"])
    assert keys(line) == []


@pytest.mark.parametrize("country", ["US", None])
def test_where_nobody_is_on_duty_they_are_told_that_it_may_take_long_with_numbers(line_that, country):
    line = line_that(
        lambda known, heard: (
            ["handoff.asked"],
            known.with_(reasons=("ask_human",), flow="queue", safe="yes", country=country),
        )
    )
    line.receives("sms" if country else "telegram", ANA if country else "42", "hello")
    line.passes(line.now + timedelta(minutes=triage().waits[0].after))

    told = OutboxMessage.objects.order_by("pk").last()

    assert told.key == ("handoff.closed numbers" if country else "handoff.closed")


def test_whose_shift_runs_may_still_join(line_that):
    line = in_queue(line_that)
    staff = at_the_desk(line.now)
    seats.set_presence(staff, Presence.AWAY, line.now)
    shifts.add(staff, line.now - timedelta(hours=1), line.now + timedelta(hours=1), ShiftKind.DESK, staff, line.now)

    line.passes(line.now + timedelta(minutes=triage().waits[0].after))

    assert keys(line) == ["handoff.waiting"]


def test_nothing_is_told_without_a_safety_yes(line_that):
    for safe in (None, "unsure"):
        line = in_queue(line_that, safe=safe)
        line.passes(line.now + timedelta(hours=1))
        assert keys(line) == []
        Conversation.objects.all().delete()


def test_nothing_is_told_when_the_safety_yes_is_old(line_that):
    line = in_queue(line_that)
    Conversation.objects.update(safe_at=line.now - timedelta(minutes=triage().valid_minutes["sms"]))

    line.passes(line.now + timedelta(minutes=triage().waits[0].after))

    assert keys(line) == []


def test_who_had_the_chat_erased_is_told_nothing_until_they_write_again(line_that):
    line = in_queue(line_that)
    Conversation.objects.update(erase_at=line.now)

    line.passes(line.now + triage().waits[0].after * MIN)
    while_hidden = keys(line)
    line.receives("sms", ANA, "are you there?")
    line.takes("sms", ANA)
    line.passes(line.now + (triage().waits[1].after - triage().waits[0].after) * MIN)

    assert while_hidden == []
    assert len(keys(line)) == 1


def test_a_wait_that_was_on_its_way_when_they_had_the_chat_erased_does_not_go(line_that):
    line = in_queue(line_that)
    at_the_desk(line.now)
    line.now += triage().waits[0].after * MIN
    tell_waits(line.now)
    Conversation.objects.update(erase_at=line.now)

    line.passes(line.now)

    assert keys(line) == []
    assert OutboxMessage.objects.get(timed=True).reason == DropReason.CHAT_ERASED


def test_a_wait_is_told_once_however_often_the_clock_ticks(line_that):
    line = in_queue(line_that)
    line.now += triage().waits[0].after * MIN

    assert tell_waits(line.now) == 1
    assert tell_waits(line.now) == 0


def test_nobody_else_is_waiting(line_that):
    line = line_that(greets)
    line.receives("sms", ANA, "hello")

    assert next_wait(load_conversation(Conversation.objects.get().pk)) is None
    assert tell_waits(line.now + timedelta(hours=1)) == 0


def test_who_never_agreed_is_forgotten_after_a_day(line_that):
    line = line_that(greets)
    line.receives("sms", ANA, "hello")

    Clock().tick(line.now + timedelta(hours=23))
    assert Conversation.objects.exists()
    Clock().tick(line.now + timedelta(hours=25))

    assert not Conversation.objects.exists()


def test_who_waits_for_a_person_is_not_forgotten_meanwhile(line_that):
    line = line_that(lambda known, heard: (["handoff.urgent"], hands_off(known, heard)[1]))
    line.receives("sms", ANA, "i want to kill myself")

    Clock().tick(line.now + timedelta(hours=25))

    assert Conversation.objects.exists()


def test_who_is_near_the_end_of_their_strength_is_kept_company(line_that):
    line = line_that(
        lambda known, heard: (
            ["handoff.urgent"],
            known.with_(reasons=("risk.suicide_self_harm",), flow="queue", safe="yes"),
        )
    )
    line.receives("sms", ANA, "hello")
    line.takes("sms", ANA)
    told = []

    for minute in range(1, 12):
        line.passes(Conversation.objects.get().queued_at + minute * MIN)
        told += [(minute, key) for key in keys(line)]

    assert [one for one in told if one[1].startswith(("risk.stay", "stay"))] == [
        (2, "risk.stay"),
        (5, "risk.stay.breathe"),
        (7, "stay.here"),
        (9, "stay.any"),
    ]
    assert [key for minute, key in told if minute == 3] in (["handoff.closed"], ["handoff.closed numbers"])


def test_after_an_outage_of_ours_the_waits_that_were_missed_are_not_told_in_a_burst(line_that):
    line = line_that(
        lambda known, heard: (
            ["handoff.urgent"],
            known.with_(reasons=("risk.suicide_self_harm",), flow="queue", safe="yes"),
        )
    )
    line.receives("telegram", "7001", "hello")
    back = Conversation.objects.get().queued_at + 20 * MIN

    told = [Clock().tick(back + timedelta(seconds=5 * tick)) for tick in range(6)]

    assert told == [1, 0, 0, 0, 0, 0]
    assert OutboxMessage.objects.filter(timed=True).count() == 1
