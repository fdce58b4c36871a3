"""The whole product at once: `./run up`, a person on a phone, a worker at the desk, and peers we did not write.

One line with both channels: Telegram by polling, judged by the Bot API's description; SMS by signed webhook and
through Prism with Twilio's contract.
"""

from __future__ import annotations

import json
import unicodedata

import pytest
from django.utils import timezone

from bot.words import Line, word
from records.models import Conversation, InboxMessage, OutboxMessage, Staff
from records.staff import desk
from tests.acceptance.conftest import BOT_TOKEN, OUR_NUMBER, TWILIO_TOKEN
from tests.acceptance.twilio_standin import ACCOUNT
from tests.integration.conftest import looking_into
from tests.integration.line import Desk, RunningLine, add_staff
from tests.integration.place import Place, until

pytestmark = pytest.mark.rasa
WHO, ANA = 77, "+6281234567890"
HELLO, PERSON = "မင်္ဂလာပါ အကူအညီလိုပါတယ်", "လူနဲ့ ပြောချင်ပါတယ်"
OURS = "ကျွန်မ ဒီမှာ ရှိပါတယ်။ ဘယ်မှာ နေပါသလဲ။"


@pytest.fixture(scope="module")
def up(model, telegram_peer, _prism, _standin, tmp_path_factory, django_db_blocker):
    """Everything that `./run` starts, with both channels set up."""
    telegram_peer.reset()
    _standin.reset()
    place = Place(tmp_path_factory.mktemp("full") / "place")
    place.environ |= {
        "LANTERN_PUBLIC_URL": place.url,
        "LANTERN_TWILIO_ACCOUNT_SID": ACCOUNT,
        "LANTERN_TWILIO_AUTH_TOKEN": TWILIO_TOKEN,
        "LANTERN_TWILIO_FROM": OUR_NUMBER,
        "LANTERN_TWILIO_PARTS_A_SECOND": "1000",
        "LANTERN_TWILIO_API_BASE": _prism,
        "LANTERN_TELEGRAM_TOKEN": BOT_TOKEN,
        "LANTERN_TELEGRAM_API_BASE": telegram_peer.api,
    }
    line = RunningLine(place, _standin)
    try:
        place.use_model(model)
        place.start("up")
        until(lambda: place.answers("/healthz"), 150, "a healthy line", every_s=0.3)
        assert "dialogue_unusable" not in place.logged()
        with looking_into(place, django_db_blocker):
            add_staff()
        yield line
        code = place.ends("up")
        assert code == 0, place.logged()[-3000:]
        until(lambda: place.strays() == [], 10, "the end of every process")
    finally:
        line.close()
        place.close()
    assert telegram_peer.faults() == []


@pytest.fixture
def at_up(up, django_db_blocker):
    with looking_into(up.place, django_db_blocker):
        yield up


def conversation():
    return messages().order_by("-pk")[0].conversation


def messages():
    return InboxMessage.objects.filter(conversation__canary=False)


def buttons_of(seen):
    markup = seen["message"].get("reply_markup") or {}
    rows = (json.loads(markup) if isinstance(markup, str) else markup).get("inline_keyboard", [])
    return [button["callback_data"] for row in rows for button in row]


def burmese(text):
    letters = [letter for letter in text if letter.isalpha()]
    return sum("MYANMAR" in unicodedata.name(letter, "") for letter in letters) > len(letters) / 2


def test_by_telegram_a_person_in_burmese_reaches_a_worker_and_is_answered(at_up, telegram_peer):
    telegram_peer.writes(HELLO, who=WHO)
    until(lambda: telegram_peer.sees(WHO), 30, "the opening")
    opening = telegram_peer.sees(WHO)[0]["message"]["text"]
    assert opening == word([Line(key="opening")], language="my", channel="telegram")[0].text
    assert burmese(opening)

    pressed = []
    while len(pressed) < 3:
        seen = [one for one in telegram_peer.sees(WHO) if buttons_of(one)]
        if not seen or buttons_of(seen[-1])[0] in pressed:
            break
        before = len(telegram_peer.sees(WHO))
        pressed.append(buttons_of(seen[-1])[0])
        telegram_peer.taps(pressed[-1], seen[-1], who=WHO)
        until(lambda before=before: len(telegram_peer.sees(WHO)) > before, 30, "an answer to a tap")
    assert pressed, "the opening has no buttons"
    assert len(telegram_peer.calls("answerCallbackQuery")) == len(pressed)

    telegram_peer.writes(PERSON, who=WHO)
    until(lambda: conversation().owner == "queue", 30, "the queue")
    at_up.settles()
    until(lambda: not OutboxMessage.objects.filter(unfinished=True).exists(), 20, "deliveries")

    asked, amara = conversation(), Staff.objects.get()
    assert [entry.conversation_id for entry in desk.queue(timezone.now())] == [asked.pk]
    assert asked.language == "my"
    assert desk.claim(asked.pk, amara, timezone.now())
    desk.reply(asked.pk, amara, OURS, timezone.now(), client_token="one")
    until(lambda: telegram_peer.sees(WHO)[-1]["message"]["text"] == OURS, 20, "the worker's words")

    before = len(telegram_peer.sees(WHO))
    telegram_peer.writes("ကျေးဇူးပါ", who=WHO)
    until(lambda: messages().filter(status="done").count() == 3 + len(pressed), 30, "the last message")
    until(lambda: not OutboxMessage.objects.filter(unfinished=True).exists(), 20, "deliveries")
    assert len(telegram_peer.sees(WHO)) == before, "the bot is silent once a person has it"
    assert telegram_peer.faults() == []


def test_by_sms_a_person_reaches_a_worker_at_the_desk_and_is_answered(at_up):
    twilio = at_up.providers
    assert at_up.sms("hello", ANA) == 200
    until(lambda: twilio.messages, 30, "the opening")
    assert at_up.sms("saya mau bicara dengan orang", ANA) == 200
    until(lambda: conversation().owner == "queue", 30, "the queue")
    until(lambda: not OutboxMessage.objects.filter(unfinished=True).exists(), 20, "deliveries")

    browser, asked = Desk(at_up), conversation()
    browser.does(asked.pk, "claim")
    browser.does(asked.pk, "reply", text="Saya Amara. Bisa menulis sekarang?")
    until(lambda: twilio.messages[-1]["body"].endswith("Bisa menulis sekarang?"), 20, "the worker's words")
    until(lambda: not OutboxMessage.objects.filter(unfinished=True).exists(), 20, "deliveries")
    shown = browser.opens(asked.pk)
    browser.http.close()

    assert "saya mau bicara dengan orang" in shown
    assert {message["to"] for message in twilio.messages} == {ANA}
    assert len(twilio.messages) == OutboxMessage.objects.filter(conversation=asked, status="sent").count()
    assert len({message["sid"] for message in twilio.messages}) == len(twilio.messages)
    reported = twilio.status_fields(twilio.messages[-1], "delivered")
    callback = twilio.requests[-1]["StatusCallback"].removeprefix(at_up.place.url)
    assert at_up.twilio_posts(callback, reported) == 200
    # Of this conversation: the canary may have written meanwhile.
    assert OutboxMessage.objects.filter(conversation=asked).order_by("-pk")[0].status == "delivered"


def test_both_conversations_are_apart(at_up):
    assert Conversation.objects.count() == 2
    assert set(Conversation.objects.values_list("owner", flat=True)) == {"staff"}
