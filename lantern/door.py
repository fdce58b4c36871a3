"""The door: a call of a provider goes straight to what stores it, past all that Django does for people.

Sessions, languages, tokens of forms and the like cost three times what storing a message costs, and a webhook has a
signature instead. What is no call of a provider to our own address is Django's.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.http.request import split_domain_port, validate_host

from channels.base import WebhookRequest
from lantern.storing import storing
from lantern.webhooks import HANDLES, answered

log = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


def with_door(app: App) -> App:
    """The same application; `bounded` stands before it, so that a body comes whole and small."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        handle = HANDLES.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        if handle is None:
            await app(scope, receive, send)
            return
        headers = _headers(scope)
        if not validate_host(split_domain_port(headers.get("host", ""))[0], settings.ALLOWED_HOSTS):
            await app(scope, receive, send)
            return
        request = WebhookRequest(
            method=scope["method"],
            path=scope["path"],
            query=scope.get("query_string", b"").decode("latin-1"),
            content_type=headers.get("content-type", ""),
            headers=headers,
            body=(await receive()).get("body", b""),
        )
        try:
            answer = await answered(handle, request, storing().do)
        except Exception:  # whatever it is, the provider must come again
            log.warning("webhook_broke view=%s", handle.__name__, exc_info=True)
            answer = HttpResponse(status=500)
        await _tell(answer, send)

    return wrapped


def _headers(scope: Scope) -> dict[str, str]:
    """By lower-case name; what came twice is joined, as everywhere in HTTP."""
    found: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        found[name] = f"{found[name]},{value}" if name in found else value
    return found


async def _tell(answer: HttpResponse, send: Send) -> None:
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.items()]
    headers.append((b"content-length", str(len(answer.content)).encode()))
    await send({"type": "http.response.start", "status": answer.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": answer.content})
