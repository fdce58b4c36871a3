"""What the one who wrote can have seen of our newest lines."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from records.messages.recent import Recent, RecentLine
from records.states import Author, OutboxStatus

READ = datetime(2026, 11, 23, 12, 0, tzinfo=timezone.utc)
ASKED = frozenset({"ask.role"})


def line(status, *, made_s=-3.0, taken_s=None):
    sent_at = None if taken_s is None else READ + timedelta(seconds=taken_s)
    return RecentLine(1, "ask.role", status, 7, Author.BOT, READ + timedelta(seconds=made_s), sent_at)


@pytest.mark.parametrize(
    ("asked", "crossed"),
    [
        (line(OutboxStatus.SENT, taken_s=-2), False),
        (line(OutboxStatus.DELIVERED, taken_s=-2), False),
        (line(OutboxStatus.DELIVERED), False),
        (line(OutboxStatus.SENT, taken_s=2), True),
        (line(OutboxStatus.WAITING), True),
        (line(OutboxStatus.SENDING), True),
        (line(OutboxStatus.SENT, made_s=1, taken_s=2), True),
    ],
)
def test_a_message_answers_only_what_the_provider_took_before_it(asked, crossed):
    assert Recent(lines=(asked,), read_at=READ).crossed(ASKED) is crossed


@pytest.mark.parametrize("status", [OutboxStatus.WAITING, OutboxStatus.SENDING, OutboxStatus.UNKNOWN])
def test_what_stands_still_or_is_in_doubt_is_lost_and_asked_anew(status):
    assert Recent(lines=(line(status, made_s=-40),), read_at=READ).lost(ASKED) == ASKED
    assert not Recent(lines=(line(status, made_s=-3),), read_at=READ).lost(ASKED)


@pytest.mark.parametrize("status", [OutboxStatus.WAITING, OutboxStatus.SENDING])
def test_what_was_made_only_long_after_they_wrote_and_is_not_out_is_asked_anew(status):
    assert Recent(lines=(line(status, made_s=40),), read_at=READ).lost(ASKED) == ASKED
    assert not Recent(lines=(line(status, made_s=3),), read_at=READ).lost(ASKED)


def told(number, status, ids, key="ask.role"):
    return RecentLine(number, key, status, number, Author.BOT, READ, READ, ids)


@pytest.mark.parametrize(
    ("newest", "tries", "pressed_on", "answers"),
    [
        (told(3, OutboxStatus.SENT, "31"), 1, "31", True),
        (told(3, OutboxStatus.SENT, "30,31"), 1, "31", True),
        (told(3, OutboxStatus.SENT, "31"), 1, "11", False),
        (told(3, OutboxStatus.SENT, "31"), 2, "11", True),  # asked a second time while it waits: either is pressed
        (told(3, OutboxStatus.WAITING, ""), 1, "11", False),
        (told(3, OutboxStatus.SENDING, ""), 1, "11", False),
        (told(3, OutboxStatus.SENDING, ""), 1, "31", True),  # the answer came before what the provider calls it
        (told(3, OutboxStatus.SENT, "31"), 1, "", True),
    ],
)
def test_a_button_answers_only_the_message_that_it_stands_under(newest, tries, pressed_on, answers):
    other, older = told(2, OutboxStatus.SENT, "21", "ack.ok"), told(1, OutboxStatus.SENT, "11")

    assert Recent(lines=(newest, other, older), read_at=READ).stands_under(pressed_on, ASKED, tries) is answers
