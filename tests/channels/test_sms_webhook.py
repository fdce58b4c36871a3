"""Twilio's requests: only Twilio's are believed, and each shape is read."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from channels.base import Address, Kind, SendState
from channels.errors import BadPayload
from channels.sms_webhook import SmsWebhook
from tests.channels.conftest import NOW, payload, webhook_request

TOKEN = "token-of-a-test"
PUBLIC = "https://line.example.org"
TWILIO = SmsWebhook(TOKEN, PUBLIC)


def signed(fields, *, url=f"{PUBLIC}/channels/sms", token=TOKEN, **request):
    signature = RequestValidator(token).compute_signature(url, fields)
    return webhook_request(urlencode(fields).encode(), headers={"x-twilio-signature": signature}, **request)


@pytest.mark.parametrize(
    "shape", ["twilio_number", "twilio_messaging_service", "twilio_media_only", "twilio_empty_body"]
)
def test_what_twilio_signed_is_believed(shape):
    assert TWILIO.verify(signed(payload(shape)))


def test_the_signature_is_the_one_that_twilio_describes():
    fields = payload("twilio_number")
    plain = f"{PUBLIC}/channels/sms" + "".join(f"{name}{fields[name]}" for name in sorted(fields))
    by_hand = base64.b64encode(hmac.new(TOKEN.encode(), plain.encode(), hashlib.sha1).digest()).decode()

    assert TWILIO.verify(webhook_request(urlencode(fields).encode(), headers={"x-twilio-signature": by_hand}))


@pytest.mark.parametrize(
    ("public", "called"),
    [
        ("https://line.example.org", "https://line.example.org:443/channels/sms"),
        ("https://line.example.org:443", "https://line.example.org/channels/sms"),
        ("https://line.example.org:8443", "https://line.example.org:8443/channels/sms"),
        ("http://line.example.org", "http://line.example.org:80/channels/sms"),
        ("https://line.example.org/behind/proxy/", "https://line.example.org/behind/proxy/channels/sms"),
    ],
)
def test_ports_and_proxies_do_not_break_the_signature(public, called):
    assert SmsWebhook(TOKEN, public).verify(signed(payload("twilio_number"), url=called))


@pytest.mark.parametrize(
    "request_",
    [
        webhook_request(urlencode(payload("twilio_number")).encode()),
        signed(payload("twilio_number"), token="another"),
        signed(payload("twilio_number"), url="https://elsewhere.example.org/channels/sms"),
        signed(payload("twilio_number"), query="extra=1"),
        webhook_request(b"From=%2B1&MessageSid=SM1", headers=dict(signed(payload("twilio_number")).headers)),
        webhook_request(b"", headers={"x-twilio-signature": "\N{SNOWMAN}"}),
    ],
    ids=["unsigned", "other token", "other address", "query added", "body changed", "not even base64"],
)
def test_what_twilio_did_not_sign_is_refused(request_):
    assert not TWILIO.verify(request_)


def test_without_token_or_public_address_nothing_is_believed():
    request = signed(payload("twilio_number"))

    assert not SmsWebhook(None, PUBLIC).verify(request)
    assert not SmsWebhook(TOKEN, None).verify(request)


def test_a_get_is_signed_with_its_query():
    query = urlencode(payload("twilio_number"))
    signature = RequestValidator(TOKEN).compute_signature(f"{PUBLIC}/channels/sms?{query}", {})
    request = webhook_request(method="GET", query=query, headers={"x-twilio-signature": signature})

    assert TWILIO.verify(request)
    assert TWILIO.decode(request, NOW).text == "they keep my passport"


def test_json_is_signed_by_its_hash():
    body = json.dumps(payload("twilio_number")).encode()
    query = f"bodySHA256={hashlib.sha256(body).hexdigest()}"
    signature = RequestValidator(TOKEN).compute_signature(f"{PUBLIC}/channels/sms?{query}", {})
    request = webhook_request(
        body, query=query, content_type="application/json; charset=utf-8", headers={"x-twilio-signature": signature}
    )
    changed = webhook_request(body + b" ", query=query, content_type="application/json", headers=request.headers)

    assert TWILIO.verify(request)
    assert TWILIO.decode(request, NOW).sender == Address("sms", "+6281234567890")
    assert not TWILIO.verify(changed)


def test_json_without_its_hash_is_refused():
    signature = RequestValidator(TOKEN).compute_signature(f"{PUBLIC}/channels/sms", {})
    request = webhook_request(b"{}", content_type="application/json", headers={"x-twilio-signature": signature})

    assert not TWILIO.verify(request)


@pytest.mark.parametrize(
    ("shape", "text", "kind", "media"),
    [
        ("twilio_number", "they keep my passport", Kind.TEXT, ()),
        ("twilio_messaging_service", "they keep my passport", Kind.TEXT, ()),
        ("twilio_empty_body", "", Kind.TEXT, ()),
        ("twilio_media_only", "", Kind.MEDIA, ("image/jpeg", "audio/amr")),
        ("twilio_stop_advanced", "arret", Kind.OPT_OUT, ()),
        ("twilio_stop_word", " Stop ", Kind.OPT_OUT, ()),
        ("twilio_start", "START", Kind.OPT_IN, ()),
        ("twilio_help", "HELP", Kind.TEXT, ()),
        ("twilio_unknown_fields", "they keep my passport", Kind.TEXT, ()),
    ],
)
def test_each_shape_is_read(shape, text, kind, media):
    found = TWILIO.decode(signed(payload(shape)), NOW)

    assert (found.text, found.kind, found.media) == (text, kind, media)
    assert found.provider_id == payload(shape)["MessageSid"]
    assert found.sender == Address("sms", "+6281234567890")


def test_stop_in_a_sentence_is_no_opt_out():
    found = TWILIO.decode(signed({**payload("twilio_number"), "Body": "make him stop"}), NOW)

    assert found.kind is Kind.TEXT


def test_ten_thousand_letters_are_read_whole():
    text = "\N{MYANMAR LETTER KA}" * 10_000

    assert TWILIO.decode(signed({**payload("twilio_number"), "Body": text}), NOW).text == text


@pytest.mark.parametrize("missing", ["MessageSid", "From"])
def test_a_message_without_id_or_sender_is_a_bad_payload(missing):
    fields = payload("twilio_number")
    del fields[missing]

    with pytest.raises(BadPayload):
        TWILIO.decode(signed(fields), NOW)


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"null", b'{"a":' * 2000])
def test_json_that_is_no_message_is_a_bad_payload(body):
    with pytest.raises(BadPayload):
        TWILIO.decode(webhook_request(body, content_type="application/json"), NOW)


@given(
    body=st.binary(max_size=300), kind=st.sampled_from(["application/json", "", "text/plain", "multipart/form-data"])
)
def test_nothing_posted_can_do_more_than_be_refused(body, kind):
    request = webhook_request(body, content_type=kind, headers={"x-twilio-signature": "x"})

    assert not TWILIO.verify(request)
    with pytest.raises(BadPayload):
        TWILIO.decode(request, NOW)


def test_a_repr_shows_no_words_and_no_number():
    shown = repr(TWILIO.decode(signed(payload("twilio_number")), NOW)) + repr(signed(payload("twilio_number")))

    assert "passport" not in shown
    assert "6281234567890" not in shown


@pytest.mark.parametrize(
    ("shape", "state", "cause"),
    [
        ("twilio_status_delivered", SendState.DELIVERED, None),
        ("twilio_status_undelivered", SendState.FAILED, "PhoneUnreachable"),
    ],
)
def test_a_status_is_read_with_our_own_id(shape, state, cause):
    found = TWILIO.decode_status(signed(payload(shape), path="/channels/sms/status", query="uid=u-1"))

    assert (found.provider_id, found.state, found.cause, found.uid) == (
        payload(shape)["MessageSid"],
        state,
        cause,
        "u-1",
    )


def test_a_status_in_between_says_nothing():
    assert TWILIO.decode_status(signed(payload("twilio_status_queued"))) is None
