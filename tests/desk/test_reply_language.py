"""A reply in another language than the contact's is asked about, once, and only when that is plain."""

from __future__ import annotations

import uuid

import pytest

from desk.reply_language import other_language


def test_a_reply_in_another_language_than_theirs_is_asked_about_once_in_a_conversation(hotline, seated):
    client, conversation = seated(), hotline.conversation("မင်္ဂလာပါ", language="my", safe="yes")
    client.post(f"/desk/c/{conversation}/claim/")
    form = {"text": "Can you tell me where you are?", "token": str(uuid.uuid4())}

    asked = client.post(f"/desk/c/{conversation}/reply/", form)
    page = asked.content.decode()
    sure = page.split('name="sure" value="')[1].split('"')[0]
    before = hotline.replies(conversation)
    client.post(f"/desk/c/{conversation}/reply/", {**form, "sure": sure})
    client.post(f"/desk/c/{conversation}/reply/", {"text": "I am here and I read what you write."})

    assert (asked.status_code, before) == (422, [])
    assert "They write Burmese. This reply looks English." in page
    assert hotline.replies(conversation) == [form["text"], "I am here and I read what you write."]


@pytest.mark.parametrize(
    ("text", "theirs", "looks"),
    [
        ("Can you tell me where you are?", "my", "en"),
        ("I read everything you wrote and will help", "es", "en"),
        ("Saya sudah membaca pesan Anda", "my", "id"),
        ("ตอนนี้ปลอดภัยไหม", "my", "th"),
        ("Saya sudah membaca pesan Anda, apakah aman?", "ms", ""),  # too near
        ("kya aap theek hain", "hi", ""),  # theirs in Latin letters
        ("ok", "my", ""),
        ("12 345", "my", ""),
        ("Вам безопасно писать?", "uk", ""),
        ("I am here with you now", "", ""),
    ],
)
def test_the_language_of_a_reply_is_named_only_when_it_is_plain(text, theirs, looks):
    assert other_language(text, theirs) == looks
