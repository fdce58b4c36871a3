"""SMS end to end, against Twilio's own contract: signed webhook in, judged API call out, report back."""

from __future__ import annotations

import asyncio
import urllib.error
import urllib.request
from urllib.parse import urlencode, urlsplit

import pytest
from twilio.request_validator import RequestValidator

from bot.delivery import Delivery
from bot.now import wall_clock
from bot.serving import channels_of
from channels.sms import SmsAccount, SmsChannel
from records.messages.queries import begin_send, claim_next_delivery
from records.models import InboxMessage, OutboxMessage
from tests.acceptance.conftest import OUR_SERVICE, PUBLIC, TWILIO_TOKEN, free_port
from tests.acceptance.twilio_standin import ACCOUNT
from tests.channels.conftest import payload

ANA = "+6281234567890"


def twilio_posts(line_address, fields, public=f"{PUBLIC}/channels/sms"):
    """Post as Twilio does: signed for our public address, whatever address that leads to."""
    signature = RequestValidator(TWILIO_TOKEN).compute_signature(public, fields)
    here = urlsplit(public)
    address = f"{line_address}{here.path}" + (f"?{here.query}" if here.query else "")
    request = urllib.request.Request(address, urlencode(fields).encode(), {"X-Twilio-Signature": signature})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.status


def deliver(*channels, rounds=1):
    async def run():
        delivery = Delivery(channels, "d1", wall_clock, ask_after_s=0)
        try:
            for _ in range(rounds):
                await delivery.run_once()
        finally:
            for channel in channels:
                await channel.close()

    asyncio.run(run())


def states():
    return [(row.status, row.reason) for row in OutboxMessage.objects.order_by("pk")]


@pytest.mark.parametrize("shape", ["twilio_number", "twilio_messaging_service"])
def test_a_message_comes_in_and_the_answer_goes_out_and_is_reported(line_address, by_sms, twilio, outbox, shape):
    assert twilio_posts(line_address, payload(shape)) == 200
    conversation = InboxMessage.objects.get().conversation
    outbox.add("We are here. Is it safe to write?", conversation=conversation)

    deliver(*channels_of(by_sms))
    [taken], [asked] = twilio.messages, twilio.requests
    reported = [
        twilio_posts(line_address, twilio.status_fields(taken, s), asked["StatusCallback"])
        for s in ("sent", "delivered")
    ]

    assert (taken["to"], taken["body"], taken["from"]) == (ANA, "We are here. Is it safe to write?", "+15005550006")
    assert asked["SmartEncoded"] == "true"
    assert 590 <= int(asked["ValidityPeriod"]) <= 600
    assert asked["StatusCallback"].startswith(f"{PUBLIC}/channels/sms/status?uid=")
    assert reported == [200, 200]
    assert states() == [("delivered", "")]


def test_a_report_of_failure_reaches_the_row(line_address, by_sms, twilio, outbox):
    outbox.add()
    deliver(*channels_of(by_sms))
    [taken], [asked] = twilio.messages, twilio.requests

    twilio_posts(line_address, twilio.status_fields(taken, "undelivered", 30007), asked["StatusCallback"])

    assert states() == [("failed", "Filtered")]


def test_a_messaging_service_sends(twilio, outbox):
    account = SmsAccount(account_sid=ACCOUNT, auth_token=TWILIO_TOKEN, senders=(OUR_SERVICE,), api_base=twilio.api)
    outbox.add("ကျွန်ုပ်တို့ ဒီမှာရှိပါတယ်။ 😀 {}")

    deliver(SmsChannel(account))

    assert twilio.messages[0]["messaging_service_sid"] == OUR_SERVICE
    assert twilio.messages[0]["body"] == "ကျွန်ုပ်တို့ ဒီမှာရှိပါတယ်။ 😀 {}"
    assert "From" not in twilio.requests[0]


@pytest.mark.parametrize(
    ("status", "code", "state"),
    [
        (400, 21610, ("failed", "OptedOut")),
        (400, 21211, ("failed", "WrongAddress")),
        (400, 21408, ("failed", "NotRouted")),
        (400, 99999, ("failed", "Refused")),
        (401, 20003, ("waiting", "Credentials")),
        (429, 20429, ("waiting", "ProviderBusy")),
        (400, 21611, ("waiting", "ProviderBusy")),
    ],
)
def test_each_refusal_is_named(by_sms, twilio, outbox, status, code, state):
    twilio.plan.append({"status": status, "code": code})
    outbox.add()

    deliver(*channels_of(by_sms))

    assert (twilio.messages, states()) == ([], [state])


@pytest.mark.parametrize("accident", ["take, then 500", "take, then hang up"])
def test_a_message_that_twilio_took_before_an_accident_is_not_sent_twice(by_sms, twilio, outbox, accident):
    twilio.plan.append(accident)
    outbox.add("We are here.")

    deliver(*channels_of(by_sms), rounds=2)

    assert len(twilio.messages) == 1
    assert OutboxMessage.objects.get().provider_id == twilio.messages[0]["sid"]
    assert states() == [("sent", "")]


@pytest.mark.parametrize("accident", ["hang up", {"status": 500, "code": 20500}])
def test_a_message_that_twilio_never_took_is_sent_again(by_sms, twilio, outbox, accident):
    twilio.plan.append(accident)
    outbox.add("We are here.")

    deliver(*channels_of(by_sms))

    assert [message["body"] for message in twilio.messages] == ["We are here."]
    assert states() == [("sent", "")]


def test_a_process_that_died_between_sending_and_writing_it_down_doubles_nothing(by_sms, twilio, outbox):
    earlier = outbox.add("We are here.")
    deliver(*channels_of(by_sms))
    died = outbox.add("We are here.", conversation=earlier.conversation)
    claimed = claim_next_delivery("dead", ("sms",), outbox.now, lapse_s=0)
    begin_send(claimed)
    taken = twilio._take({"To": "+15005550006", "Body": "We are here.", "From": "+15005550006"})

    deliver(*channels_of(by_sms))

    died.refresh_from_db()
    assert (died.status, died.provider_id) == ("sent", taken["sid"])
    assert len(twilio.messages) == 2


def test_a_twilio_that_is_away_is_tried_again(twilio, outbox):
    away = SmsAccount(
        account_sid=ACCOUNT,
        auth_token=TWILIO_TOKEN,
        senders=("+15005550006",),
        api_base=f"http://127.0.0.1:{free_port()}",
    )
    outbox.add()

    deliver(SmsChannel(away))

    assert states() == [("waiting", "ProviderUnreachable")]


def test_the_judge_is_awake(twilio):
    request = urllib.request.Request(
        f"{twilio.api}/2010-04-01/Accounts/{ACCOUNT}/Messages.json",
        b"Body=no+To",
        {"Authorization": "Basic YTpi", "Content-Type": "application/x-www-form-urlencoded"},
    )

    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)

    with refused.value as answer:
        assert answer.code == 422
