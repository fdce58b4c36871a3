"""Together: many desks read the list once, and what one of them is shown was read after it had asked."""

from __future__ import annotations

import threading
import time
from itertools import count

from django.test import RequestFactory
from django.utils import timezone

from desk.board import Filters, board
from desk.together import ALONE, Reading, Together, note_arrival, reading_of
from records.staff import desk, seats


def test_requests_that_came_before_the_reading_share_it_and_a_later_one_reads_anew():
    together, reads = Together(), count(1)
    early, also_early = (Reading(time.monotonic(), together) for _ in range(2))

    first = [one.part("list", lambda: next(reads)) for one in (early, also_early, early)]
    later = Reading(time.monotonic(), together).part("list", lambda: next(reads))

    assert (first, later) == ([1, 1, 1], 2)


def test_of_many_that_wait_for_one_reading_none_is_given_what_was_read_before_it_came():
    together, began, go_on = Together(), threading.Event(), threading.Event()
    shown = []

    def slow():
        began.set()
        go_on.wait(10)
        return "before the change"

    def late():
        shown.append(Reading(came, together).part("list", lambda: "after the change"))

    first = threading.Thread(target=lambda: Reading(time.monotonic(), together).part("list", slow))
    first.start()
    began.wait(10)
    came = time.monotonic()
    others = [threading.Thread(target=late) for _ in range(5)]
    for one in others:
        one.start()
    go_on.set()
    for one in (first, *others):
        one.join(10)

    assert shown == ["after the change"] * 5


def test_a_reading_that_fails_leaves_nothing_behind():
    reading = Reading(time.monotonic(), Together())

    def fails():
        raise OSError

    for read, found in ((fails, OSError), (lambda: "read", "read")):
        try:
            answer = reading.part("list", read)
        except OSError as problem:
            answer = type(problem)
        assert answer is found


def test_a_request_reads_since_it_came_in_and_one_that_nobody_noted_reads_alone():
    scope, reads = {}, count(1)
    note_arrival(scope)
    request = RequestFactory().get("/")

    alone = [reading_of(request).part("list", lambda: next(reads)) for _ in range(2)]
    request.scope = scope
    together = [reading_of(request).part("list", lambda: next(reads)) for _ in range(2)]

    assert (alone, together) == ([1, 2], [3, 3])


def test_what_is_read_together_is_the_list_that_each_would_have_read_alone(hotline, staff):
    sara, ben = staff("sara", languages=["km"]), staff("ben", languages=["es"])
    waits, held, drafted = (hotline.conversation(language=language) for language in ("es", "km", "es"))
    now = timezone.now()
    desk.claim(held, ben, now)
    desk.claim(drafted, sara, now)
    desk.save_draft(drafted, sara, "I have read", now)
    reading, mine = Reading(time.monotonic()), Filters.of({"language": "mine"})

    for one in (sara, ben):
        for filters in (Filters(), mine, Filters(only_mine=True)):
            shared, own = board(one, now, waits, filters, reading=reading), board(one, now, waits, filters)
            assert (shared.sections, shared.mark, shared.hidden) == (own.sections, own.mark, own.hidden)


def test_a_claim_is_on_the_next_list_of_everybody(hotline, staff):
    sara, ben = staff("sara"), staff("ben")
    seats.seat_of(sara, timezone.now())
    for round_ in range(20):
        waits = hotline.conversation()
        before = board(ben, timezone.now(), reading=Reading(time.monotonic()))
        desk.claim(waits, sara, timezone.now())
        after = board(ben, timezone.now(), reading=Reading(time.monotonic()))

        assert (before.waiting, after.waiting, len(_cards(after, "others"))) == (1, 0, round_ + 1)


def test_alone_reads_each_time():
    reads = count(1)

    assert [ALONE.part("list", lambda: next(reads)) for _ in range(2)] == [1, 2]


def _cards(shown, section):
    return next(one for one in shown.sections if one.id == section).cards
