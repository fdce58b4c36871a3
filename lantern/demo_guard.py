"""Demo guard: a demo answers this machine only, never what a proxy or a tunnel has passed on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

PASSED_ON = frozenset(
    {b"forwarded", b"via", b"x-real-ip", b"cf-connecting-ip", b"x-forwarded-for", b"x-forwarded-host",
     b"x-forwarded-proto", b"x-forwarded-port", b"x-forwarded-server", b"x-original-host"}
)  # fmt: skip
_SENTENCE = (
    b"This is a demo of Lantern. It answers only on the machine it runs on, and refuses requests passed on to it.\n"
)


def this_machine_only(app: App) -> App:
    """Return the application with requests that were passed on answered by 403."""

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and any(name.lower() in PASSED_ON for name, _ in scope["headers"]):
            headers = [
                (b"content-type", b"text/plain; charset=utf-8"),
                (b"content-length", str(len(_SENTENCE)).encode()),
            ]
            await send({"type": "http.response.start", "status": 403, "headers": headers})
            await send({"type": "http.response.body", "body": _SENTENCE})
            return
        await app(scope, receive, send)

    return guarded
