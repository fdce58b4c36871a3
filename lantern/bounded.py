"""Bounded: a request to the webhooks has so many bytes and so many seconds, whoever sends it.

Django reads a body to its end before a view sees it; here it is cut while it comes in, so that nobody fills the
disk or holds connections open by sending slowly.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

PREFIX = "/channels/"
MAX_BYTES = 256 * 1024  # as Django's own limit: 10,000 letters of four bytes, form-encoded, fit
SECONDS = 10.0  # Twilio gives up after 15


def bounded(app: App, *, max_bytes: int = MAX_BYTES, seconds: float = SECONDS) -> App:
    """The same application, whose webhooks get whole, small bodies in time, or nothing."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await app(scope, receive, send)
            return
        try:
            body = await asyncio.wait_for(_whole(receive, max_bytes), seconds)
        except asyncio.TimeoutError:
            await _refuse(send, 408)
            return
        if body is None:
            await _refuse(send, 413)
            return
        await app(scope, _given(body, receive), send)

    return wrapped


async def _whole(receive: Receive, max_bytes: int) -> bytes | None:
    """The body, or None if it is too large. One who hangs up half-way sends an empty one."""
    found = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b""
        found += message.get("body", b"")
        if len(found) > max_bytes:
            return None
        if not message.get("more_body"):
            return bytes(found)


def _given(body: bytes, receive: Receive) -> Receive:
    given = False

    async def once() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return once


async def _refuse(send: Send, status: int) -> None:
    headers = [(b"content-length", b"0"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
