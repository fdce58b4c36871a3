"""Live: a stream of server-sent events that says which conversations moved. Ids only.

The page then fetches its fragments again, through the same locks as before. Without
Redis the stream looks at the tables itself; one look serves all streams of the process.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing

from asgiref.sync import sync_to_async
from django.db.models import Max, Sum
from django.http import HttpRequest, StreamingHttpResponse

from bot import signals
from records.models import AuditEvent, Conversation, InboxMessage, OutboxMessage
from records.states import Owner

# A stream ends after this time and the browser opens it anew, so a right that was withdrawn ends it too.
STREAM_S = 600.0
LOOK_S = 0.4  # how old another stream's look may be
RECENT = 100  # the newest outgoing messages, whose delivery may still change

Look = Callable[[], Awaitable[str]]


async def events(request: HttpRequest) -> StreamingHttpResponse:
    """The stream of one open desk."""
    return stream()


def stream() -> StreamingHttpResponse:
    """Changes as an answer that stays open, past any proxy that would collect it."""
    response = StreamingHttpResponse(changes(look), content_type="text/event-stream")
    response["X-Accel-Buffering"] = "no"
    return response


async def changes(look_: Look, stream_s: float = STREAM_S) -> AsyncIterator[str]:
    """Events as text: at once for a signal, and for what was changed without one."""
    yield "retry: 2000\n\n"
    seen = await look_()
    ends = time.monotonic() + stream_s
    async with aclosing(signals.listen(signals.DESK)) as published:  # type: ignore[type-var]
        async for ids in published:
            if time.monotonic() >= ends:
                return
            now_seen = await look_()
            if ids or now_seen != seen:
                seen = now_seen
                yield f"event: desk\ndata: {','.join(ids)}\n\n"
            else:
                yield ": still here\n\n"


class _LastLook:
    at = 0.0
    mark = ""


async def look() -> str:
    """A mark that differs when anything that a desk shows may have changed."""
    if time.monotonic() - _LastLook.at > LOOK_S:
        _LastLook.at = time.monotonic()
        _LastLook.mark = await sync_to_async(_mark)()
    return _LastLook.mark


def _mark() -> str:
    versions = Conversation.objects.exclude(owner=Owner.CLOSED).aggregate(newest=Max("pk"), versions=Sum("version"))
    newest = [model.objects.aggregate(newest=Max("pk"))["newest"] for model in (InboxMessage, AuditEvent)]
    sending = list(OutboxMessage.objects.order_by("-pk").values_list("pk", "status")[:RECENT])
    return str(hash((*versions.values(), *newest, tuple(sending))))
