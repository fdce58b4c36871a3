"""Browsers: what a page of another site may not do here, and what ours tell a browser.

Fetch metadata refuses what other sites send before anything looks at it; the rest are headers that Django and
django-csp do not set, or that what is refused before Django would lack. Webhooks come from machines, which send no
Fetch metadata.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_OURS = frozenset({b"same-origin", b"none"})  # none: typed by a person, or a bookmark
_HEADERS = (
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (
        b"permissions-policy",
        (
            b"accelerometer=(), autoplay=(self), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
            b"magnetometer=(), microphone=(), midi=(), payment=(), usb=(), "
            b"publickey-credentials-create=(self), publickey-credentials-get=(self)"
        ),
    ),
    (b"x-robots-tag", b"noindex, nofollow, noarchive"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"),
)


def guarded(app: App) -> App:
    """Return the application behind these rules."""

    async def guard(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        if comes_from_elsewhere(scope):
            await _refuse(send)
            return

        async def with_headers(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                had = {name.lower() for name, _ in message.get("headers", ())}
                message = {**message, "headers": [*message["headers"], *(h for h in _HEADERS if h[0] not in had)]}
            await send(message)

        await app(scope, receive, with_headers)

    return guard


def comes_from_elsewhere(scope: Scope) -> bool:
    """True for what a page of another site makes a browser send, but for a plain link to one of our pages."""
    headers = {name.lower(): value for name, value in scope["headers"]}
    site = headers.get(b"sec-fetch-site")
    if site is None or site in _OURS:
        return False
    link = headers.get(b"sec-fetch-mode") == b"navigate" and headers.get(b"sec-fetch-dest") == b"document"
    return not (link and scope["method"] == "GET")


async def _refuse(send: Send) -> None:
    await send({"type": "http.response.start", "status": 403, "headers": [(b"content-length", b"0"), *_HEADERS]})
    await send({"type": "http.response.body", "body": b""})
