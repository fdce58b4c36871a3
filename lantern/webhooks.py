"""Where the providers reach us: verify, decode, store, answer at once.

200 means stored. 403 is not from the provider, 400 cannot be read, 413 is too large, and
503 asks the provider to come again because nothing was stored. Bodies are never logged.
"""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import wraps
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.handlers.asgi import ASGIRequest
from django.db import Error as StorageError
from django.db import close_old_connections, connection
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from bot import intake, signals
from channels.base import Inbound, SendState, WebhookRequest
from channels.errors import BadPayload
from channels.sms_webhook import SMS, SmsWebhook
from channels.telegram_updates import TelegramWebhook
from records.errors import RecordsError
from records.queries import apply_status

log = logging.getLogger(__name__)

Handle = Callable[[WebhookRequest], HttpResponse]
View = Callable[[HttpRequest], Coroutine[Any, Any, HttpResponse]]

# Twilio reads instructions in the answer: there are none, the reply comes by its API.
EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'
COME_AGAIN_S = 5


def webhook(handle: Handle) -> View:
    """A view that hands `handle` the request as channels know it, and answers what went wrong by a code."""

    @csrf_exempt
    @wraps(handle)
    async def view(request: HttpRequest) -> HttpResponse:
        try:
            plain = _plain(request)
            if isinstance(request, ASGIRequest):
                return await asyncio.get_running_loop().run_in_executor(_storing(), _in_thread, handle, plain)
            return await sync_to_async(handle)(plain)
        except RequestDataTooBig:
            return HttpResponse(status=413)
        except (BadPayload, UnreadablePostError):
            return HttpResponse(status=400)
        except (StorageError, RecordsError, OSError) as problem:
            log.error("webhook_not_stored view=%s cause=%s", handle.__name__, type(problem).__name__)
            return HttpResponse(status=503, headers={"Retry-After": str(COME_AGAIN_S)})

    return view


@functools.cache
def _storing() -> ThreadPoolExecutor:
    """Threads that keep their database connection: Django's own would open one for each request.

    SQLite has one writer; a second thread would only wait for the first, in longer steps.
    """
    return ThreadPoolExecutor(1 if connection.vendor == "sqlite" else 4, thread_name_prefix="webhook")


def _in_thread(handle: Handle, request: WebhookRequest) -> HttpResponse:
    close_old_connections()  # only those that broke or are past their age
    return handle(request)


@require_http_methods(["GET", "POST"])
@webhook
def sms(request: WebhookRequest) -> HttpResponse:
    """A text message, from Twilio."""
    twilio = _twilio()
    if not twilio.verify(request):
        return _refused("sms")
    _receive(twilio.decode(request, timezone.now()))
    return HttpResponse(EMPTY_TWIML, content_type="text/xml")


@require_http_methods(["GET", "POST"])
@webhook
def sms_status(request: WebhookRequest) -> HttpResponse:
    """What became of a message that we sent, from Twilio."""
    twilio = _twilio()
    if not twilio.verify(request):
        return _refused("sms_status")
    status = twilio.decode_status(request)
    if status is not None:
        moved = apply_status(SMS, status.provider_id, status.state.value, status.cause or "", uid=status.uid)
        if moved and status.state is SendState.FAILED:
            log.warning("sms_undelivered provider_id=%s cause=%s", status.provider_id, status.cause)
            signals.wake(signals.DESK)
    return HttpResponse(EMPTY_TWIML, content_type="text/xml")


@require_POST
@webhook
def telegram(request: WebhookRequest) -> HttpResponse:
    """One update, from Telegram."""
    bot = TelegramWebhook(settings.LANTERN.telegram_token, settings.LANTERN.telegram_secret)
    if not bot.verify(request):
        return _refused("telegram")
    decoded = bot.decode(request, timezone.now())
    if decoded.inbound is not None:
        _receive(decoded.inbound)
    return JsonResponse(decoded.webhook_answer)


def _twilio() -> SmsWebhook:
    return SmsWebhook(settings.LANTERN.twilio_auth_token, settings.LANTERN.public_url)


def _receive(inbound: Inbound) -> None:
    receipt = intake.receive(inbound, timezone.now())
    log.info("received channel=%s inbox=%s new=%s", inbound.channel, receipt.inbox_id, receipt.created)


def _refused(name: str) -> HttpResponse:
    log.warning("webhook_refused view=%s", name)
    return HttpResponse(status=403)


def _plain(request: HttpRequest) -> WebhookRequest:
    return WebhookRequest(
        method=request.method or "",
        path=request.path_info,
        query=request.META.get("QUERY_STRING", ""),
        content_type=request.META.get("CONTENT_TYPE", ""),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=request.body,
    )
