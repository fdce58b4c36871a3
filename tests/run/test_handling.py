"""Handling: a request is answered in one thread that stays, and a stream holds none."""

from __future__ import annotations

import asyncio
import threading

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import path

from lantern.handling import Handler

_seen: list[tuple[str, str]] = []
_wait = threading.Event()


def note_thread(get_response):
    def middleware(request):
        _seen.append(("middleware", threading.current_thread().name))
        return get_response(request)

    return middleware


def plain(_request):
    _seen.append(("view", threading.current_thread().name))
    return HttpResponse("here")


def slow(_request):
    _wait.wait(10)
    return HttpResponse("at last")


async def stream(_request):
    async def parts():
        yield b"first"
        await asyncio.Future()

    return StreamingHttpResponse(parts())


urlpatterns = [path("plain/", plain), path("slow/", slow), path("stream/", stream)]


@pytest.fixture
def handler(settings):
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = [f"{__name__}.note_thread", "django.middleware.common.CommonMiddleware"]
    _seen.clear()
    _wait.clear()
    yield Handler
    _wait.set()


async def asks(handler, address, sent=None):
    """Ask once and stay; what came as the body."""
    sent = [] if sent is None else sent
    given = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive():
        return given.pop() if given else await asyncio.Future()

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": address,
        "headers": [(b"host", b"127.0.0.1")],
        "query_string": b"",
    }
    await handler(scope, receive, send)
    return b"".join(one.get("body", b"") for one in sent)


async def test_middleware_and_view_of_a_request_share_a_thread_and_the_next_request_finds_it_again(handler):
    line = handler(threads=1)

    answers = [await asks(line, "/plain/") for _ in range(3)]

    assert answers == [b"here"] * 3
    assert len({thread for _, thread in _seen}) == 1
    assert threading.current_thread().name not in {thread for _, thread in _seen}


async def test_a_request_that_waits_holds_up_nobody_while_a_thread_is_free(handler):
    line = handler(threads=2)
    waiting = asyncio.ensure_future(asks(line, "/slow/"))
    while not line._threads[0].answering and not line._threads[1].answering:
        await asyncio.sleep(0)

    quick = [await asyncio.wait_for(asks(line, "/plain/"), 5) for _ in range(4)]

    assert quick == [b"here"] * 4
    assert not waiting.done()
    _wait.set()
    assert await waiting == b"at last"


async def test_an_open_stream_holds_no_thread(handler):
    line, sent = handler(threads=1), []
    streams = [asyncio.ensure_future(asks(line, "/stream/", sent)) for _ in range(3)]
    while sum(one.get("body") == b"first" for one in sent) < len(streams):
        await asyncio.sleep(0)

    assert await asyncio.wait_for(asks(line, "/plain/"), 5) == b"here"
    for one in streams:
        one.cancel()
    await asyncio.gather(*streams, return_exceptions=True)
