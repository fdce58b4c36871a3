"""Live: a signal becomes an event with ids; without a signal the stream finds changes itself."""

from __future__ import annotations

import asyncio
import itertools

from bot import signals
from desk import live


async def test_a_signal_becomes_an_event_with_ids_only():
    stream = live.changes(_same)
    await stream.__anext__()
    waiting = asyncio.ensure_future(_first_that_names_one(stream))
    await asyncio.sleep(0.05)

    signals.publish(signals.DESK, (12,))

    assert await asyncio.wait_for(waiting, 5) == "event: desk\ndata: 12\n\n"
    await stream.aclose()


async def _first_that_names_one(stream):
    """A connection to Redis that was just made says "look for yourself" first, without an id."""
    while (event := await stream.__anext__()) in ("event: desk\ndata: \n\n", ": still here\n\n"):
        pass
    return event


async def test_a_change_without_a_signal_is_found():
    marks = (str(count) for count in itertools.count())

    async def look():
        return next(marks)

    stream = live.changes(look)

    assert await stream.__anext__() == "retry: 2000\n\n"
    assert await asyncio.wait_for(_first_that_names_none(stream), 8) == "event: desk\ndata: \n\n"
    await stream.aclose()


async def _first_that_names_none(stream):
    """A signal of a test before this one may still be on its way through Redis."""
    while (event := await stream.__anext__()) == "event: desk\ndata: 12\n\n":
        pass
    return event


async def test_of_two_streams_that_look_at_once_none_is_told_what_was_before(monkeypatch):
    looks = []

    async def slow(act):
        looks.append(act)
        await asyncio.sleep(0.01)
        return "after the change"

    monkeypatch.setattr(live, "_at_the_tables", slow)
    monkeypatch.setattr(live._LastLook, "at", 0.0)
    monkeypatch.setattr(live._LastLook, "mark", "before the change")

    assert await asyncio.gather(live.look(), live.look(), live.look()) == ["after the change"] * 3
    assert looks == [live._mark]


async def test_a_look_that_began_before_the_signal_is_not_the_answer_to_it(monkeypatch):
    marks = iter(["before the change", "after the change"])
    begun = asyncio.Event()

    async def slow(_act):
        mark = next(marks)
        begun.set()
        await asyncio.sleep(0.01)
        return mark

    monkeypatch.setattr(live, "_at_the_tables", slow)
    monkeypatch.setattr(live._LastLook, "at", 0.0)
    first = asyncio.ensure_future(live.look())
    await begun.wait()

    signals.wake(signals.DESK)

    assert await live.look() == "after the change"
    await first


async def test_a_young_look_is_no_answer_to_a_signal_either(monkeypatch):
    marks = iter(["before the change", "after the change"])

    async def quick(_act):
        return next(marks)

    monkeypatch.setattr(live, "_at_the_tables", quick)
    monkeypatch.setattr(live._LastLook, "at", 0.0)
    seen = [await live.look(), await live.look()]

    signals.wake(signals.DESK)

    assert [*seen, await live.look()] == ["before the change", "before the change", "after the change"]


async def test_a_stream_ends_so_that_a_withdrawn_right_ends_it_too():
    stream = live.changes(_same, stream_s=0.0)

    lines = [line async for line in stream]

    assert lines == ["retry: 2000\n\n"]


async def _same():
    return "same"


def test_the_mark_changes_with_each_message_and_each_act(hotline, staff):
    before = live._mark()
    conversation = hotline.conversation()
    after_message = live._mark()
    live.Conversation.objects.filter(pk=conversation).update(version=99)

    assert len({before, after_message, live._mark()}) == 3
