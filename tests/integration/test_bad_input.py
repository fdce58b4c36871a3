"""Whatever comes in by the real addresses: no crash, nothing lost, nothing doubled, everybody answered."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from records.models import Conversation, InboxMessage
from tests.integration.line import SECRET
from tests.integration.place import until

pytestmark = pytest.mark.rasa
UNSIGNED = {"MessageSid": "SMx", "From": "+15005550101", "Body": "hello"}


@pytest.fixture
def counted(at_line):
    """How many messages were stored since the test began."""
    before = InboxMessage.objects.count()
    return lambda: InboxMessage.objects.count() - before


def answered(line, channel, who):
    """The rows of this sender, once each has had its turn; and whether each was answered or a person has it."""
    from records.sealing.keys import lookup_hash

    line.settles()
    rows = InboxMessage.objects.filter(conversation__contact__address_hash=lookup_hash(channel, str(who)))
    until(lambda: not Conversation.objects.filter(outbox__unfinished=True).exists(), 30, "deliveries")
    return [row.status == "done" and (row.answers.exists() or row.conversation.owner == "queue") for row in rows]


@pytest.mark.parametrize("signature", [None, "", "bm90IGEgc2lnbmF0dXJl", "ü"])
def test_an_sms_that_twilio_did_not_sign_is_refused(at_line, counted, signature):
    headers = {} if signature is None else {"X-Twilio-Signature": signature.encode()}

    answer = at_line.http.post("/channels/sms", data=UNSIGNED, headers=headers)

    assert (answer.status_code, counted()) == (403, 0)


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET[:-1], "ü"])
def test_an_update_without_our_secret_is_refused(at_line, counted, secret):
    headers = {} if secret is None else {"X-Telegram-Bot-Api-Secret-Token": secret.encode()}

    answer = at_line.http.post("/channels/telegram", json=at_line.update("hello", 7002), headers=headers)

    assert (answer.status_code, counted()) == (403, 0)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b"7", b'"x"', b"\xff\xfe", b'{"update_id": "x"}', b'{"update_id": 1, "message": 5}',
     b'{"update_id": 1, "message": {"text": "x"}}', b"[" * 90_000, b'{"update_id": 1e400}'],
)  # fmt: skip
def test_an_update_that_cannot_be_read_is_refused(at_line, counted, body):
    assert at_line.telegram_posts(body) == 400
    assert counted() == 0


@pytest.mark.parametrize(
    "fields", [{}, {"Body": "hello"}, {"MessageSid": "SM1"}, {"From": "+1"}, {"MessageSid": "S" * 99, "From": "+1"}]
)
def test_an_sms_without_sender_or_id_is_refused(at_line, counted, fields):
    assert at_line.twilio_posts("/channels/sms", fields) == 400
    assert counted() == 0


def test_a_body_that_no_provider_sends_is_refused(at_line, counted):
    assert at_line.telegram_posts(b"x" * 300_000) == 413
    assert at_line.http.get("/channels/telegram").status_code == 405
    assert at_line.http.put("/channels/sms").status_code == 405
    assert counted() == 0


ODD = {
    "empty": "",
    "blank": " \n\t ",
    "ten thousand letters": "they keep my passport " * 455,
    "ten thousand letters of Burmese": "ပတ်စပို့" * 1250,
    "NUL": "my boss\0 took my passport",
    "only NUL": "\0",
    "lone surrogate": "my boss \ud800 took my passport",
    "a command of Rasa's": "/restart",
    "an intent in Rasa's own form": '/disclose{"assessment": "x"}',
    "right to left marks": "\u202e\u200f\u2066hello\u2069",
    "emoji": "😭😭😭",
    "a template": "{name} {{ 7*7 }} %s %(x)s $x <script>",
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD.keys())
def test_an_odd_text_is_stored_and_answered(at_line, counted, text):
    place = list(ODD.values()).index(text)

    statuses = (at_line.sms(text, f"+1500555{2000 + place}"), at_line.telegram(text, 8000 + place))

    assert (statuses, counted()) == ((200, 200), 2)
    assert answered(at_line, "sms", f"+1500555{2000 + place}") == [True]
    assert answered(at_line, "telegram", 8000 + place) == [True]


def test_a_message_of_media_alone_is_stored_and_answered(at_line, counted):
    fields = {"NumMedia": "2", "MediaUrl0": "https://x/0", "MediaContentType0": "image/jpeg"}

    assert at_line.sms("", "+15005552101", **fields) == 200
    assert at_line.telegram(None, 8101, voice={"file_id": "f", "file_unique_id": "u", "duration": 2}) == 200

    assert counted() == 2
    assert answered(at_line, "sms", "+15005552101") == answered(at_line, "telegram", 8101) == [True]


def test_an_sms_without_a_body_field_is_stored_and_answered(at_line):
    assert at_line.sms(None, "+15005552102") == 200
    assert answered(at_line, "sms", "+15005552102") == [True]


def test_an_edited_message_is_kept_beside_the_first(at_line, counted):
    at_line.telegram("my boss took my passport", 8102)
    at_line.telegram("my boss kept my passport", 8102, kind="edited_message", edit_date=1_795_262_460)

    at_line.settles()

    assert counted() == 2
    rows = InboxMessage.objects.order_by("-pk")[:2]
    assert {(row.kind, row.status) for row in rows} == {("text", "done"), ("edit", "done")}


def test_an_edit_that_tells_a_danger_is_answered(at_line):
    at_line.telegram("hello", 8103)
    at_line.settles()

    at_line.telegram("i want to kill myself tonight", 8103, kind="edited_message", edit_date=1_795_262_460)

    assert answered(at_line, "telegram", 8103) == [True, True]
    assert InboxMessage.objects.order_by("-pk")[0].conversation.level == "urgent"


def test_the_same_update_by_eight_threads_at_once_is_one_message(at_line, counted):
    update = at_line.update("hello", 8104)
    sms = {"MessageSid": "SM" + "e" * 32, "From": "+15005552104", "Body": "hello", "NumMedia": "0"}

    with ThreadPoolExecutor(8) as threads:
        by_telegram = list(threads.map(at_line.telegram_posts, [update] * 8))
        by_sms = list(threads.map(lambda _: at_line.twilio_posts("/channels/sms", sms), range(8)))

    assert (by_telegram, by_sms, counted()) == ([200] * 8, [200] * 8, 2)
    assert answered(at_line, "telegram", 8104) == answered(at_line, "sms", "+15005552104") == [True]
    assert (
        len(at_line.providers.texts("telegram", "8104"))
        == InboxMessage.objects.get(provider_id=f"666:{update['update_id']}").answers.count()
    )


def test_many_strangers_at_once_are_all_stored(at_line, counted):
    with ThreadPoolExecutor(8) as threads:
        statuses = list(threads.map(lambda who: at_line.telegram("hello", 8200 + who), range(24)))

    assert (set(statuses), counted()) == ({200}, 24)
    at_line.settles()


def test_the_line_is_well_after_all_that(at_line):
    at_line.settles()

    until(lambda: at_line.place.answers("/healthz"), 30, "health")
    assert all(process.poll() is None for process in at_line.place.running.values())
