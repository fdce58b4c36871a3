"""A wait begins when they wrote, not when it reached us: the desk calls first for who waits longest."""

from __future__ import annotations

from datetime import timedelta

import pytest

from records.messages.outcome import Changes
from records.staff import desk
from records.staff.holding import holding
from records.states import Level, Owner
from tests.records.conftest import MIN

PERSON = Changes(owner=Owner.QUEUE, level=Level.PRIORITY, handoff_reasons=("ask_human",))


def since(line):
    [entry] = desk.queue(line.now)
    return entry.unanswered_since


def test_who_asked_while_the_line_was_away_waits_since_they_asked(line):
    wrote = line.now - 40 * MIN
    line.receives(written_at=wrote)
    line.answers(changes=PERSON)

    assert since(line) == wrote
    assert line.conversation().queued_at == line.now


def test_a_turn_that_came_late_takes_nothing_from_the_wait(line):
    line.receives()
    wrote = line.now
    line.waits(minutes=9)  # the runner was down
    line.answers(changes=PERSON)

    assert since(line) == wrote


def test_a_provider_whose_clock_goes_fast_makes_no_wait_of_tomorrow(line):
    line.receives(written_at=line.now + timedelta(days=1))
    line.answers(changes=PERSON)

    assert since(line) == line.now


@pytest.mark.parametrize("handed", [True, False])
def test_what_was_written_to_a_worker_while_the_line_was_away_waits_since_then(line, mara, handed):
    line.receives()
    line.answers(changes=PERSON)
    number = line.conversation().pk
    desk.claim(number, mara, line.now)
    line.waits(minutes=1)
    desk.reply(number, mara, "I am here", line.now, client_token="t")
    line.waits(minutes=40)
    wrote = line.now - 30 * MIN
    line.receives(written_at=wrote)
    if handed:
        desk.hand_back(number, mara, Owner.QUEUE, line.now)

    [waiting] = desk.queue(line.now) if handed else holding(mara, line.now)
    assert waiting.unanswered_since == wrote
