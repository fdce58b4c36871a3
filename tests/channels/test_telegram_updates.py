"""Telegram's updates: only Telegram's are believed, and each shape is read."""

from __future__ import annotations

import json

import pytest

from channels.base import Address, Kind
from channels.errors import BadPayload
from channels.telegram_updates import TelegramWebhook, decode_update
from tests.channels.conftest import NOW, PAYLOADS, payload, webhook_request

SECRET = "a-secret_1"
BOT = TelegramWebhook("666:token", SECRET)


def posted(body, secret=SECRET):
    return webhook_request(body, content_type="application/json", headers={"x-telegram-bot-api-secret-token": secret})


def read(name):
    return decode_update(payload(name), "666", NOW).inbound


@pytest.mark.parametrize(
    ("shape", "text", "kind", "media"),
    [
        ("telegram_text", "gaji saya ditahan", Kind.TEXT, ()),
        ("telegram_start", "start", Kind.COMMAND, ()),
        ("telegram_restart_command", "/restart", Kind.TEXT, ()),
        ("telegram_edited", "gaji saya dibayar", Kind.EDIT, ()),
        ("telegram_tap", "No", Kind.BUTTON, ()),
        ("telegram_tap_old_message", "", Kind.BUTTON, ()),
        ("telegram_photo", "my room", Kind.MEDIA, ("photo",)),
        ("telegram_voice", "", Kind.MEDIA, ("voice",)),
        ("telegram_location", "geo:3.139,101.6869", Kind.MEDIA, ("location",)),
        ("telegram_contact", "tel:+60123456789", Kind.MEDIA, ("contact",)),
        ("telegram_sticker", "😢", Kind.MEDIA, ("sticker",)),
        ("telegram_blocked", "", Kind.BLOCKED, ()),
        ("telegram_unblocked", "", Kind.OPT_IN, ()),
    ],
)
def test_each_shape_is_read(shape, text, kind, media):
    found = read(shape)

    assert (found.text, found.kind, found.media) == (text, kind, media)
    assert found.sender == Address("telegram", "77")
    assert found.provider_id == f"666:{payload(shape)['update_id']}"


@pytest.mark.parametrize("shape", ["telegram_group", "telegram_channel_post", "telegram_unknown_update"])
def test_what_is_not_for_us_is_passed_over(shape):
    decoded = decode_update(payload(shape), "666", NOW)

    assert decoded.inbound is None
    assert decoded.webhook_answer(thinking=True) == {}


def test_a_tap_carries_its_data_and_is_answered_in_the_200():
    decoded = decode_update(payload("telegram_tap"), "666", NOW)

    assert decoded.inbound.button == "no@3"
    assert decoded.webhook_answer(thinking=True) == {
        "method": "answerCallbackQuery",
        "callback_query_id": "4382bfdwdsb323b2d9",
    }


def test_the_phones_language_is_a_hint():
    assert read("telegram_text").hint_language == "id"
    assert read("telegram_no_sender_language").hint_language is None
    spoilt = payload("telegram_text")
    spoilt["message"]["from"]["language_code"] = ["id"]
    assert decode_update(spoilt, "666", NOW).inbound.hint_language is None


@pytest.mark.parametrize("shape", sorted(path.stem for path in PAYLOADS.glob("telegram_*.json")))
def test_names_are_kept_nowhere(shape):
    found = decode_update(payload(shape), "666", NOW)

    everything = repr(found) + (repr((found.inbound.text, found.inbound.sender.value)) if found.inbound else "")
    assert not any(name in everything for name in ("Ada", "Lovelace", "adal"))


def test_only_our_secret_opens():
    assert BOT.verify(posted(b"{}"))
    assert not BOT.verify(posted(b"{}", secret="another"))
    assert not BOT.verify(posted(b"{}", secret="gehe\u00efm"))
    assert not BOT.verify(webhook_request(b"{}"))


@pytest.mark.parametrize(("token", "secret"), [("666:t", None), ("666:t", ""), (None, SECRET)])
def test_without_a_secret_nothing_is_believed(token, secret):
    assert not TelegramWebhook(token, secret).verify(posted(b"{}", secret=""))


def test_a_lone_surrogate_is_read():
    body = json.dumps(payload("telegram_text")).replace("gaji", "\\ud83d").encode()

    assert BOT.decode(posted(body), NOW).inbound.text == "\ud83d saya ditahan"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"update_id": "7"}',
        b'{"update_id": true}',
        b'{"update_id": -1}',
        b'{"update_id": 1, "message": 5}',
        b'{"update_id": 1, "message": {"message_id": 1}}',
        b'{"update_id": 1, "message": {"message_id": 1, "date": 1e30, "chat": {"id": 1, "type": "private"}}}',
        b'{"update_id": 1, "edited_message": {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}, "text": [1], "from": {"id": 1, "is_bot": false, "first_name": "A"}}}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_update_is_a_bad_payload(body):
    with pytest.raises(BadPayload):
        BOT.decode(posted(body), NOW)


def test_the_delete_command_is_the_word():
    found = read("telegram_delete_command")

    assert (found.kind, found.text) == (Kind.TEXT, "delete")


def test_when_it_was_written_and_what_it_is_called_are_kept_for_later():
    found = read("telegram_text")

    assert found.written_at.timestamp() == payload("telegram_text")["message"]["date"]
    assert found.message_id == str(payload("telegram_text")["message"]["message_id"])


def test_a_tap_names_the_message_whose_buttons_are_used_up():
    decoded = decode_update(payload("telegram_tap"), "666", NOW)

    assert decoded.tapped.message_id == payload("telegram_tap")["callback_query"]["message"]["message_id"]
    assert decoded.inbound.pressed_on == str(decoded.tapped.message_id)
