"""Live: a stream of server-sent events that says which conversations moved. Ids only.

The page then fetches its fragments again, through the same locks as before. Without
Redis the stream looks at the tables itself; one look serves all streams of the process.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from typing import ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from django.db.models import Max, Sum
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone

from bot import signals
from records.models import AuditEvent, Conversation, InboxMessage, OutboxMessage, Staff
from records.staff.seats import be_here
from records.states import Owner

# A stream ends after this time and the browser opens it anew, so a right that was withdrawn ends it too.
STREAM_S = 600.0
LOOK_S = 0.4  # how old another stream's look may be
SEEN_EVERY_S = 60.0
RECENT = 100  # the newest outgoing messages, whose delivery may still change

Look = Callable[[], Awaitable[str]]
P = ParamSpec("P")
T = TypeVar("T")


async def events(request: HttpRequest) -> StreamingHttpResponse:
    """The stream of one open desk; while it is open, its reader is seen."""
    user = await request.auser()
    return stream(user if isinstance(user, Staff) else None)


def stream(staff: Staff | None = None) -> StreamingHttpResponse:
    """Changes as an answer that stays open, past any proxy that would collect it."""
    response = StreamingHttpResponse(changes(look, staff=staff), content_type="text/event-stream")
    response["X-Accel-Buffering"] = "no"
    return response


async def changes(look_: Look, stream_s: float = STREAM_S, *, staff: Staff | None = None) -> AsyncIterator[str]:
    """Events as text: at once for a signal, and for what was changed without one.

    The ids are conversations that moved; `w` before one says that somebody writes in it; none: look at everything.
    """
    yield "retry: 2000\n\n"
    seen = await look_()
    ends = time.monotonic() + stream_s
    told = 0.0
    async with aclosing(signals.listen(signals.DESK)) as published:  # type: ignore[type-var]
        async for ids in published:
            if time.monotonic() >= ends:
                return
            if staff is not None and time.monotonic() - told > SEEN_EVERY_S:
                told = time.monotonic()
                await _at_the_tables(be_here, staff, timezone.now(), active=False)
            now_seen = await look_()
            if ids or now_seen != seen:
                seen = now_seen
                yield f"event: desk\ndata: {','.join(ids)}\n\n"
            else:
                yield ": still here\n\n"


class _LastLook:
    at = 0.0  # when it began
    mark = ""
    going: asyncio.Task[str] | None = None


async def look() -> str:
    """A mark that differs when anything that a desk shows may have changed; never from before the last signal."""
    not_before = max(time.monotonic() - LOOK_S, signals.told_at(signals.DESK))
    while _LastLook.at < not_before:
        going = _LastLook.going
        if going is None or going.done() or going.get_loop() is not asyncio.get_running_loop():
            going = _LastLook.going = asyncio.get_running_loop().create_task(_look())
        # Who comes meanwhile waits for this look, and looks again if it began too early for them.
        await asyncio.shield(going)
    return _LastLook.mark


async def _look() -> str:
    began = time.monotonic()
    _LastLook.mark = await _at_the_tables(_mark)
    _LastLook.at = began
    return _LastLook.mark


async def _at_the_tables(act: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
    """What a stream does there, on a connection that goes back by the rules of a request: no request ends here."""

    def and_hand_back() -> T:
        try:
            return act(*args, **named)
        finally:
            close_old_connections()

    return await sync_to_async(and_hand_back)()


def _mark() -> str:
    # With the bot alone, whatever changes comes with a message: those are many, and a sum over them would be slow.
    with_staff = Conversation.objects.filter(owner__in=(Owner.QUEUE, Owner.STAFF))
    versions = with_staff.aggregate(newest=Max("pk"), versions=Sum("version"))
    newest = [model.objects.aggregate(newest=Max("pk"))["newest"] for model in (InboxMessage, AuditEvent)]
    sending = list(OutboxMessage.objects.order_by("-pk").values_list("pk", "status")[:RECENT])
    return str(hash((*versions.values(), *newest, tuple(sending))))
