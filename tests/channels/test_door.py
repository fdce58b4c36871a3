"""The door answers the providers as Django would, without what Django does for people, and lets everybody else pass."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import logging
from urllib.parse import urlencode

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.conf import settings as django_settings
from django.urls import get_resolver
from twilio.request_validator import RequestValidator

from lantern import door, webhooks
from lantern.asgi import application
from records.models import InboxMessage
from tests.channels.conftest import payload

TOKEN, SECRET, PUBLIC = "twilio-token", "telegram-secret", "https://line.example.org"


class Here:
    """Stores in the thread of the test, which holds its database."""

    async def do(self, work):
        return await sync_to_async(work)()


@pytest.fixture(autouse=True)
def real_channels(settings, monkeypatch):
    settings.LANTERN = dataclasses.replace(
        django_settings.LANTERN,
        public_url=PUBLIC,
        twilio_auth_token=TOKEN,
        telegram_token="666:token",
        telegram_secret=SECRET,
    )
    settings.ALLOWED_HOSTS = ["line.example.org"]
    monkeypatch.setattr(door, "storing", Here)


def calls(path, body=b"", *, method="POST", host="line.example.org", query="", **headers):
    """Status, headers and body of one call, as the server hands it over."""
    raw = [(b"host", host.encode())] + [
        (name.replace("_", "-").encode(), one.encode()) for name, one in headers.items()
    ]
    scope = {"type": "http", "method": method, "path": path, "headers": raw, "query_string": query.encode()}
    given, sent = [{"type": "http.request", "body": body, "more_body": False}], []

    async def receive():
        return given.pop() if given else await asyncio.Future()

    async def send(message):
        sent.append(message)

    async_to_sync(application)(scope, receive, send)
    return sent[0]["status"], dict(sent[0]["headers"]), sent[1]["body"]


def sms(**changed):
    fields = {**payload("twilio_number"), **changed}
    signature = RequestValidator(TOKEN).compute_signature(f"{PUBLIC}/channels/sms", fields)
    form = {"content_type": "application/x-www-form-urlencoded", "x_twilio_signature": signature}
    return calls("/channels/sms", urlencode(fields).encode(), **form)


def telegram(update, **more):
    headers = {"content_type": "application/json", "x_telegram_bot_api_secret_token": SECRET, **more}
    return calls("/channels/telegram", json.dumps(update).encode(), **headers)


def test_every_address_of_a_provider_has_its_door_and_no_other_has():
    addresses = {f"/{one.pattern}" for one in get_resolver().url_patterns if str(one.pattern).startswith("channels/")}

    assert {path for _, path in webhooks.HANDLES} == addresses


@pytest.mark.django_db
def test_what_comes_in_by_the_door_is_stored_and_answered():
    status, headers, body = sms()
    tapped = telegram(payload("telegram_tap"))

    assert (status, headers[b"content-type"], int(headers[b"content-length"])) == (200, b"text/xml", len(body))
    assert body.endswith(b"<Response></Response>")
    assert headers[b"x-content-type-options"] == b"nosniff"
    assert json.loads(tapped[2])["method"] == "answerCallbackQuery"
    assert InboxMessage.objects.count() == 2


@pytest.mark.django_db
def test_a_get_is_signed_by_its_query():
    query = urlencode(payload("twilio_number"))
    signature = RequestValidator(TOKEN).compute_signature(f"{PUBLIC}/channels/sms?{query}", {})

    got = [
        calls("/channels/sms", method="GET", query=query + more, x_twilio_signature=signature)[0]
        for more in ("", "&x=1")
    ]

    assert got == [200, 403]


@pytest.mark.django_db
def test_what_cannot_be_believed_or_read_is_refused_by_its_code():
    unsigned = calls("/channels/sms", b"From=1", content_type="application/x-www-form-urlencoded")[0]
    joined = telegram(payload("telegram_text"), X_Telegram_Bot_Api_Secret_Token="another")[0]  # the header twice

    assert (unsigned, joined) == (403, 403)
    assert telegram({})[0] == 400
    assert not InboxMessage.objects.exists()


@pytest.mark.django_db
def test_another_method_and_another_host_are_djangos():
    assert calls("/channels/sms", method="PUT")[0] == 405
    assert calls("/channels/sms", host="elsewhere.example.org")[0] == 400
    assert calls("/channels/other")[0] == 404


@pytest.mark.django_db
def test_what_breaks_is_asked_for_again_and_told_in_the_log(monkeypatch, caplog):
    caplog.set_level(logging.WARNING)

    def breaks(*_):
        raise RuntimeError("they keep my passport")

    monkeypatch.setattr(webhooks, "_heard_by_twilio", breaks)

    assert sms()[0] == 500
    assert "webhook_broke view=sms" in caplog.text
