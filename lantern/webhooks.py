"""Where the providers reach us: verify, decode, store, answer at once.

200 means stored. 403 is not from the provider, 400 cannot be read, 413 is too large, and
503 asks the provider to come again because nothing was stored. Bodies are never logged.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial, wraps
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import Error as StorageError
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from bot import calls, figures, intake, signals
from channels.base import Inbound, SendState, WebhookRequest
from channels.errors import BadPayload
from channels.sms_webhook import SmsWebhook
from channels.telegram_updates import TelegramWebhook
from channels.whatsapp import WhatsAppWebhook
from lantern import telegram_chores
from records.errors import RecordsError
from records.messages.queries import apply_status, conversations_of
from records.states import NOT_REACHED

log = logging.getLogger(__name__)

Handle = Callable[[WebhookRequest], HttpResponse]
View = Callable[[HttpRequest], Coroutine[Any, Any, HttpResponse]]
Do = Callable[[Callable[[], HttpResponse]], Awaitable[HttpResponse]]

# Twilio reads instructions in the answer: there are none, the reply comes by its API.
EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'
COME_AGAIN_S = 5
REFUSED = 403  # who calls is not the provider, as far as we can tell

HANDLES: dict[tuple[str, str], Handle] = {}  # by method and path: `lantern.door` calls them without a view


def webhook(at: str, *methods: str) -> Callable[[Handle], View]:
    """Make a view that hands `handle` the request as channels know it."""

    def made(handle: Handle) -> View:
        HANDLES.update({(method, at): handle for method in methods})

        @csrf_exempt
        @require_http_methods(methods)
        @wraps(handle)
        async def view(request: HttpRequest) -> HttpResponse:
            try:
                plain = _plain(request)
            except RequestDataTooBig:
                return HttpResponse(status=413)
            except UnreadablePostError:
                return HttpResponse(status=400)
            return await answered(handle, plain, lambda work: sync_to_async(work)())

        return view

    return made


async def answered(handle: Handle, plain: WebhookRequest, do: Do) -> HttpResponse:
    """What `handle` answers when it is done by `do`, or a code that says what went wrong."""
    try:
        answer = await do(partial(handle, plain))
    except BadPayload:
        answer = HttpResponse(status=400)
    except (StorageError, RecordsError, OSError) as problem:
        log.error("webhook_not_stored view=%s cause=%s", handle.__name__, type(problem).__name__)
        answer = HttpResponse(status=503, headers={"Retry-After": str(COME_AGAIN_S)})
    figures.webhooks.labels(handle.__name__, str(answer.status_code)).inc()
    calls.count(handle.__name__, refused=answer.status_code == REFUSED)
    return answer


@webhook("/channels/sms", "GET", "POST")
def sms(request: WebhookRequest) -> HttpResponse:
    """A text message, from Twilio."""
    return _heard_by_twilio(request, _twilio(SmsWebhook))


@webhook("/channels/sms/status", "GET", "POST")
def sms_status(request: WebhookRequest) -> HttpResponse:
    """What became of a message that we sent, from Twilio."""
    return _status_by_twilio(request, _twilio(SmsWebhook))


@webhook("/channels/whatsapp", "GET", "POST")
def whatsapp(request: WebhookRequest) -> HttpResponse:
    """A WhatsApp message, from Twilio."""
    return _heard_by_twilio(request, _twilio(WhatsAppWebhook))


@webhook("/channels/whatsapp/status", "GET", "POST")
def whatsapp_status(request: WebhookRequest) -> HttpResponse:
    """What became of a WhatsApp message that we sent, from Twilio."""
    return _status_by_twilio(request, _twilio(WhatsAppWebhook))


@webhook("/channels/telegram", "POST")
def telegram(request: WebhookRequest) -> HttpResponse:
    """One update, from Telegram."""
    bot = TelegramWebhook(settings.LANTERN.telegram_token, settings.LANTERN.telegram_secret)
    if not bot.verify(request):
        return _refused("telegram")
    decoded = bot.decode(request, timezone.now())
    thinking = decoded.inbound is not None and _receive(decoded.inbound)
    if decoded.tapped is not None:
        telegram_chores.begin(decoded)
    return JsonResponse(decoded.webhook_answer(thinking=thinking))


def _heard_by_twilio(request: WebhookRequest, twilio: SmsWebhook) -> HttpResponse:
    if not twilio.verify(request):
        return _refused(twilio.channel)
    set_up = twilio.channel != WhatsAppWebhook.channel or bool(settings.LANTERN.whatsapp_from)
    _receive(twilio.decode(request, timezone.now()), answered=set_up)
    return HttpResponse(EMPTY_TWIML, content_type="text/xml")


def _status_by_twilio(request: WebhookRequest, twilio: SmsWebhook) -> HttpResponse:
    if not twilio.verify(request):
        return _refused(f"{twilio.channel}_status")
    status = twilio.decode_status(request)
    if status is not None:
        moved = apply_status(
            twilio.channel,
            status.provider_id,
            status.state.value,
            status.cause or "",
            uid=status.uid,
            now=timezone.now(),
            opted_out=status.opted_out,
        )
        if moved and status.state is SendState.FAILED:
            log.warning("not_delivered provider_id=%s cause=%s", status.provider_id, status.cause)
            why = intake.OPTED_OUT if status.opted_out else NOT_REACHED
            theirs = conversations_of(twilio.channel, status.provider_id)
            for conversation_id in theirs:
                intake.bring_in_if_told(conversation_id, timezone.now(), why)
            signals.publish(signals.DESK, theirs)  # the thread too: a reply box may have closed
    return HttpResponse(EMPTY_TWIML, content_type="text/xml")


def _twilio(kind: type[SmsWebhook]) -> SmsWebhook:
    line = settings.LANTERN
    return kind(
        line.twilio_auth_token, line.public_url, next_token=line.twilio_auth_token_next, senders=line.twilio_senders
    )


def _receive(inbound: Inbound, *, answered: bool = True) -> bool:
    """Store it; True if the bot is going to answer it now. What no channel of ours answers goes to a person."""
    receipt = intake.receive(inbound, timezone.now())
    if not answered and receipt.created:
        intake.hand_to_staff(receipt.conversation_id, timezone.now(), NOT_REACHED)
    log.info("received channel=%s inbox=%s new=%s", inbound.channel, receipt.inbox_id, receipt.created)
    return receipt.thinking


def _refused(name: str) -> HttpResponse:
    log.warning("webhook_refused view=%s", name)
    return HttpResponse(status=REFUSED)


def _plain(request: HttpRequest) -> WebhookRequest:
    return WebhookRequest(
        method=request.method or "",
        path=request.path_info,
        query=request.META.get("QUERY_STRING", ""),
        content_type=request.META.get("CONTENT_TYPE", ""),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=request.body,
    )
