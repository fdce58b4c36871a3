"""WhatsApp through Twilio: recorded payloads in, one account out, and its window of 24 hours."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from twilio.request_validator import RequestValidator

from bot.words import look
from channels.base import Address, Kind, Outbound, SendState
from channels.errors import WindowClosed
from channels.sms import SmsAccount
from channels.whatsapp import WhatsAppChannel, WhatsAppWebhook
from tests.channels.conftest import NOW, FakeChannel, payload, webhook_request

TOKEN, PUBLIC = "token-of-a-test", "https://line.example.org"
ACCOUNT = SmsAccount(account_sid="AC1", auth_token=TOKEN, senders=("+15005550006",))
TWILIO = WhatsAppWebhook(TOKEN, PUBLIC)


def signed(fields, path="/channels/whatsapp"):
    signature = RequestValidator(TOKEN).compute_signature(PUBLIC + path, fields)
    return webhook_request(urlencode(fields).encode(), path=path, headers={"x-twilio-signature": signature})


@pytest.mark.parametrize(
    ("shape", "text", "kind", "media"),
    [
        ("whatsapp_text", "they keep my passport", Kind.TEXT, ()),
        ("whatsapp_stop_word", "STOP", Kind.TEXT, ()),
        ("whatsapp_opt_out", "STOP", Kind.OPT_OUT, ()),
        ("whatsapp_voice", "", Kind.MEDIA, ("audio/ogg",)),
        ("whatsapp_location", "geo:3.1390,101.6869", Kind.TEXT, ()),
        ("whatsapp_button", "Yes", Kind.TEXT, ()),
    ],
)
def test_each_shape_is_believed_and_read(shape, text, kind, media):
    request = signed(payload(shape))
    found = TWILIO.decode(request, NOW)

    assert TWILIO.verify(request)
    assert (found.text, found.kind, found.media) == (text, kind, media)
    assert found.sender == Address("whatsapp", "+6281234567890")
    assert found.line == "+15005550006"
    assert "Ada" not in repr(found) + found.text


def test_an_sms_and_a_whatsapp_message_of_one_number_are_two_contacts():
    assert TWILIO.decode(signed(payload("whatsapp_text")), NOW).channel != "sms"


@pytest.mark.parametrize(
    ("shape", "state", "cause"),
    [
        ("whatsapp_status_read", SendState.DELIVERED, None),
        ("whatsapp_status_window_closed", SendState.FAILED, "WindowClosed"),
    ],
)
def test_a_report_is_read(shape, state, cause):
    found = TWILIO.decode_status(signed(payload(shape)))

    assert (found.state, found.cause) == (state, cause)


class Twilio:
    """Keeps what it is asked to send."""

    def __init__(self):
        self.messages, self.asked = self, []

    async def create_async(self, **fields):
        self.asked.append(fields)
        return type("Made", (), {"sid": "SM1"})


@pytest.fixture
def channel():
    made = WhatsAppChannel(ACCOUNT)
    made._client = Twilio()
    made._now = lambda: NOW
    return made


def message(ago):
    return Outbound(
        uid="u-1", recipient=Address("whatsapp", "+6281234567890"), text="We are here.", valid_for_s=600, urgent=False,
        line="+15005550006", heard_at=NOW - ago,
    )  # fmt: skip


def test_within_the_window_our_words_go_out_under_marked_addresses(channel):
    asyncio.run(channel.send(message(timedelta(hours=23))))

    [asked] = channel._client.asked
    assert (asked["to"], asked["from_"]) == ("whatsapp:+6281234567890", "whatsapp:+15005550006")


def test_after_the_window_twilio_is_not_even_asked(channel):
    with pytest.raises(WindowClosed):
        asyncio.run(channel.send(message(timedelta(hours=24))))

    assert channel._client.asked == []
    assert "write first" in WindowClosed.sentence()


def test_a_closed_window_is_told_to_the_desk_and_not_tried_again(outbox):
    channel = FakeChannel("whatsapp", WindowClosed())
    outbox.add(channel="whatsapp", valid_for_s=3600)

    outbox.delivers(channel)

    assert outbox.states() == [("failed", "WindowClosed")]


def test_the_window_counts_from_their_last_message(outbox):
    channel, conversation = FakeChannel("whatsapp"), outbox.conversation("whatsapp")
    outbox.waits(hours=2)
    outbox.add(conversation=conversation, channel="whatsapp")

    outbox.delivers(channel)

    assert outbox.now - channel.taken[0].heard_at == timedelta(hours=2)


def test_answers_are_numbered_as_by_sms():
    assert look("whatsapp") == "sms"
