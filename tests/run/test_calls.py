"""Calls that are refused for their signature are told by the doctor, wherever the web process counted them."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from bot import calls, figures
from channels.base import WebhookRequest
from lantern.config import Settings
from lantern.doctor.calls import CallsCheck
from lantern.webhooks import HANDLES, answered
from records.figures.beats import WEB, beat

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    class Clock:
        now = 1_000_000.0

    monkeypatch.setattr(calls.time, "time", lambda: Clock.now)
    monkeypatch.setattr(calls, "_minutes", {})
    monkeypatch.setattr(calls, "_last", {})
    return Clock


def told(**line):
    beat(WEB, "here:1", datetime.now(timezone.utc), calls.samples())
    return [(one.wrong, one.sentence) for one in CallsCheck(Settings(**line)).judge()]


def test_calls_whose_signature_does_not_fit_are_counted_and_told():
    calls.count("sms", refused=False)
    for _ in range(8):
        calls.count("sms", refused=True)

    [(wrong, sentence)] = told()

    assert wrong
    assert sentence == (
        "8 of 9 calls to /channels/sms in the last hour were refused: their signature does not fit; is"
        " LANTERN_PUBLIC_URL exactly the address in Twilio's console, or was the token changed?"
    )


def test_a_stranger_who_knocked_between_calls_that_fit_is_only_worth_knowing(clock):
    calls.count("sms", refused=True)
    clock.now += 1
    calls.count("sms", refused=False)

    [(wrong, sentence)] = told()

    assert (wrong, "1 of 2 calls" in sentence) == (False, True)


def test_what_was_refused_more_than_an_hour_ago_is_forgotten(clock):
    calls.count("sms", refused=True)
    clock.now += 3601

    assert told() == []


def test_a_secret_of_telegram_that_does_not_fit_is_told():
    calls.count("telegram", refused=True)

    [(wrong, sentence)] = told()

    assert (wrong, "LANTERN_TELEGRAM_SECRET" in sentence) == (True, True)


@pytest.mark.parametrize("path", ["/channels/sms", "/channels/sms/status", "/channels/whatsapp",
                                  "/channels/whatsapp/status", "/channels/telegram"])  # fmt: skip
def test_every_webhook_counts_what_it_refuses_and_it_goes_along_with_the_beats(path):
    import asyncio

    request = WebhookRequest(method="POST", path=path, query="", content_type="", headers={}, body=b"{}")

    async def at_once(work):
        return work()

    answer = asyncio.run(answered(HANDLES["POST", path], request, at_once))

    assert answer.status_code == 403
    assert any(name == calls.LATELY and labels["answer"] == calls.REFUSED for name, labels, _ in figures.snapshot())
    assert path in told()[0][1]


def test_a_stranger_who_knocks_while_telegram_is_asked_for_messages_is_only_worth_knowing():
    calls.count("telegram", refused=True)

    [(wrong, sentence)] = told(telegram_token="666:APP")

    assert (wrong, "secret changed" in sentence, "strangers" in sentence) == (False, False, True)


@pytest.mark.parametrize(("line", "wrong"), [({}, [True]), ({"whatsapp_from": "+15005550006"}, [])])
def test_whatsapp_that_arrives_and_is_not_set_up_is_wrong(line, wrong):
    calls.count("whatsapp", refused=False)

    assert [one for one, _ in told(**line)] == wrong
