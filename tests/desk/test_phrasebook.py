"""The phrasebook: found by meaning, seen in both languages, sent in the contact's, and the answer comes back."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta

import pytest
from django.utils import timezone, translation

from content.catalogue import catalogue
from desk import bridge, phrasebook
from desk.catalogues import LANGUAGES
from desk.thread import thread
from records.messages.intake import store_inbound
from records.models import AuditEvent, Contact, OutboxMessage, Staff
from records.staff import desk
from records.states import OutboxStatus
from screening.assessment import Assessment

NUMBER = "+959111222333"


@pytest.fixture
def burmese(hotline, seated):
    """A claimed conversation in Burmese and the client of the worker who has it."""
    client = seated("sara")
    known = Assessment(role="self", country="TH")
    conversation = hotline.conversation("မင်္ဂလာပါ", language="my", safe="yes", address=NUMBER, assessment=known)
    desk.claim(conversation, Staff.objects.get(username="sara"), timezone.now())
    return client, conversation


def sends(client, conversation, key, token="6e0c0d0e-0000-4000-8000-000000000001", **more):
    return client.post(f"/desk/c/{conversation}/phrase/", {"key": key, "token": token, **more})


def writes(text, button=None, channel="sms", address=NUMBER):
    """They answer what has reached them by then."""
    waiting = OutboxMessage.objects.filter(status=OutboxStatus.WAITING)
    waiting.update(status=OutboxStatus.SENT, sent_at=timezone.now())
    writes_unreached(text, button, channel, address)


def writes_unreached(text, button=None, channel="sms", address=NUMBER):
    store_inbound(
        channel=channel, provider_id=f"back-{text}-{button}", address=address, kind="text", text=text, button=button,
        received_at=timezone.now() + timedelta(seconds=5),
    )  # fmt: skip


def bridges(conversation):
    return [
        line.bridge.words
        for line in thread(conversation, Staff.objects.get(username="sara"), timezone.now()).lines
        if line.bridge.words
    ]


def test_every_phrase_has_words_in_every_language_of_the_line_and_of_the_desk():
    for key in phrasebook.phrases():
        for language in ("my", "km", "ar", *LANGUAGES):
            assert catalogue(language).sentences[key].text


def test_no_phrase_lets_a_worker_speak_as_the_robot():
    for key in phrasebook.phrases():
        assert "robot" not in catalogue("en").sentences[key].text
        assert "asking a person" not in catalogue("en").sentences[key].text


def test_a_phrase_goes_in_the_contacts_language_with_numbered_answers(burmese, hotline):
    client, conversation = burmese

    sends(client, conversation, "helper.interpreter")

    (text,) = hotline.replies(conversation)
    words = catalogue("my")
    assert text == "\n".join(
        [words.text("helper.interpreter", "sms"), f"1 {words.text('option.yes')}", f"2 {words.text('option.no')}"]
    )
    row = OutboxMessage.objects.get(conversation=conversation, author="staff")
    assert row.key == "helper.interpreter"
    assert AuditEvent.objects.filter(action="reply", details__phrase="helper.interpreter").exists()


@pytest.mark.parametrize(
    ("key", "said", "told"),
    [
        ("helper.interpreter", "1", "Is that OK for you? Yes"),
        ("helper.interpreter", "၂", "Is that OK for you? No"),
        ("helper.interpreter", "ဟုတ်ကဲ့", "Is that OK for you? Yes"),
        ("ask.safe", "3", "Safe to write: Not sure"),
        ("ask.country", "ထိုင်း", "Country: Thailand"),
        ("ask.need", "4", "What would help: Going home"),
    ],
)
def test_the_contacts_short_answer_comes_back_translated(burmese, key, said, told):
    client, conversation = burmese
    sends(client, conversation, key)
    writes(said)

    assert bridges(conversation)[-1] == told


def test_a_tapped_answer_in_the_readers_own_language_is_not_said_twice(burmese):
    client, conversation = burmese
    sends(client, conversation, "ask.safe")
    writes("Yes", button="yes")

    assert bridges(conversation)[-1] == "Answer to: Safe to write"


def test_an_old_button_is_told_as_no_answer_to_another_question(burmese):
    client, conversation = burmese
    sends(client, conversation, "ask.safe")
    before = bridges(conversation)
    writes("မဟုတ်ပါ", button="no@consent")
    late = bridges(conversation)
    writes("မဟုတ်ပါ", button="no@safe")

    assert late == before
    assert bridges(conversation)[-1] == "Safe to write: No"


def test_an_answer_is_told_with_a_question_only_while_that_was_our_last_word(burmese):
    client, conversation = burmese
    sends(client, conversation, "ask.safe")
    client.post(f"/desk/c/{conversation}/reply/", {"text": "ok", "sure": "x"})
    writes("ဟုတ်ကဲ့")

    assert bridges(conversation)[-1] == "Yes"


def test_a_number_is_not_told_as_the_answer_to_what_has_not_left(burmese):
    client, conversation = burmese
    sends(client, conversation, "ask.safe")
    writes_unreached("1")
    before = bridges(conversation)
    OutboxMessage.objects.update(status=OutboxStatus.SENT, sent_at=timezone.now() + timedelta(minutes=2))

    assert len(before) == 1, "what was asked is translated, and nothing is taken for its answer"
    assert bridges(conversation) == before, "also once it was sent: the number came first"


def test_an_answer_is_told_to_the_question_that_was_seen_and_not_to_a_newer_one(burmese):
    client, conversation = burmese
    sends(client, conversation, "helper.interpreter")
    OutboxMessage.objects.update(status=OutboxStatus.SENT, sent_at=timezone.now())
    sends(client, conversation, "ask.safe", token="6e0c0d0e-0000-4000-8000-000000000002")
    writes_unreached("1")

    assert bridges(conversation)[-1] == "Is that OK for you? Yes"


def test_a_number_after_other_words_is_no_answer_to_the_question_before_them(burmese):
    client, conversation = burmese
    sends(client, conversation, "ask.safe")
    OutboxMessage.objects.update(status=OutboxStatus.SENT, sent_at=timezone.now())
    writes_unreached("သူငါ့ကိုသတ်တော့မယ်")
    sends(client, conversation, "helper.interpreter", token="6e0c0d0e-0000-4000-8000-000000000003")
    before = bridges(conversation)
    writes_unreached("1")

    assert bridges(conversation) == before, "it may answer what has not left yet"


def test_whether_it_was_safe_is_told_with_its_age(burmese):
    client, conversation = burmese
    sends(client, conversation, "ask.safe")
    writes("1")

    page = client.get(f"/desk/c/{conversation}/").content.decode()

    told = page.split("Safe to write: Yes")[1]
    assert "less than a minute</time> ago" in told[:150]


def test_a_pressed_button_comes_back_translated():
    with translation.override("es"):
        assert bridge.answered("", "unsure", "ask.safe", "my") == catalogue("es").text("option.unsure")


def test_free_words_are_never_translated(burmese):
    client, conversation = burmese
    sends(client, conversation, "ask.story")
    writes("အလုပ်ရှင်က ပတ်စပို့ယူထားတယ်")

    assert bridges(conversation) == ["What is going on? Write as much or as little as you want."]


def test_what_the_bot_and_the_worker_said_in_burmese_is_read_in_the_desks_language(burmese):
    client, conversation = burmese
    sends(client, conversation, "helper.hello")

    with translation.override("th"):
        shown = bridges(conversation)

    thai = catalogue("th")
    assert shown[0].startswith(thai.text("helper.hello").format(alias="Sara"))
    assert thai.text("option.unsure") in shown[0]


def test_the_hour_of_a_meeting_and_numbers_that_may_be_shown_fill_the_braces(burmese, hotline):
    client, conversation = burmese

    refused = sends(client, conversation, "helper.time")
    sends(client, conversation, "helper.time", time="18:00")
    sends(client, conversation, "numbers")

    assert refused.status_code == 422
    said = hotline.replies(conversation)
    assert "18:00" in said[0]
    assert "1300" in said[1]
    assert "helper.time" not in said[0]


def test_the_same_phrase_pressed_twice_goes_once_and_another_one_of_the_same_page_goes_too(burmese, hotline):
    client, conversation = burmese

    sends(client, conversation, "ack.thanks")
    sends(client, conversation, "ack.thanks")
    sends(client, conversation, "right.R12")

    assert len(hotline.replies(conversation)) == 2


@pytest.mark.parametrize("key", ["opening", "nothing.like.it", "answer.identity", "ended.neutral", "option.yes"])
def test_what_is_no_phrase_never_goes_as_one(burmese, hotline, key):
    client, conversation = burmese

    response = sends(client, conversation, key, text="my own words")

    assert response.status_code == 404
    assert hotline.replies(conversation) == []


def test_while_it_is_not_safe_only_the_safety_question_goes_or_what_has_a_reason(burmese, hotline):
    client, conversation = burmese
    Contact.objects.update(not_safe_at=timezone.now())

    refused = sends(client, conversation, "right.R12")
    sends(client, conversation, "ask.safe")
    with_reason = sends(client, conversation, "right.R12", override="danger")

    assert refused.status_code == 409
    assert with_reason.status_code == 302
    assert len(hotline.replies(conversation)) == 2
    assert AuditEvent.objects.filter(action="reply", details__override="danger").count() == 1


def test_who_does_not_hold_it_sends_nothing(hotline, seated):
    client, conversation = seated("sara"), hotline.conversation(language="my", safe="yes")

    sends(client, conversation, "ask.country")

    assert hotline.replies(conversation) == []


def test_the_tab_shows_both_languages_with_their_states(burmese):
    client, conversation = burmese
    client.get(f"/desk/c/{conversation}/beside/phrases/")

    page = client.get(f"/desk/c/{conversation}/").content.decode()

    assert f'<p class="theirs" lang="my" dir="ltr">{catalogue("my").text("ask.country")}</p>' in page
    assert '<p class="ours" lang="en">Which country are you in now?' in page
    assert "Burmese: draft" in page


def test_a_language_without_words_gets_english_and_says_so(hotline, seated):
    client, conversation = seated(), hotline.conversation(language="am", safe="yes")
    client.get(f"/desk/c/{conversation}/beside/phrases/")

    page = client.get(f"/desk/c/{conversation}/").content.decode()

    assert "The line has no words in their language" in page


def test_the_query_stays_out_of_addresses_and_asks_by_post(burmese):
    client, conversation = burmese

    assert client.get(f"/desk/c/{conversation}/phrases/", {"query": "x"}).status_code == 405


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("which country", "ask.country"),
        ("interpreter", "helper.interpreter"),
        ("phone call", "helper.call"),
        ("their passport", "right.R19"),
        ("their wages were not paid", "ask.wages_withheld"),
        ("attorney", "right.R11"),
        ("is it secret", "answer.confidential"),
    ],
)
def test_a_phrase_is_found_by_what_it_means(query, key):
    assert key in phrasebook.find(query)[:5]


def test_the_embedder_is_not_loaded_before_somebody_searches():
    code = (
        "import os, sys, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'lantern.settings'; django.setup();"
        "import desk.urls; from desk import phrasebook; phrasebook.phrases();"
        "print([name for name in ('bot.understanding.embedding', 'onnxruntime', 'rasa') if name in sys.modules])"
    )

    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert told.strip() == "[]"


def test_letters_alone_find_a_phrase_where_there_is_no_embedder(monkeypatch):
    from bot.understanding import embedding

    monkeypatch.setattr(embedding, "available", lambda: False)

    assert phrasebook.find("passport")[0] in ("right.R19", "ask.documents_withheld")


@pytest.mark.parametrize("key", ["helper.hello", "ask.safe", "ask.safe.again", "helper.back"])
def test_whatever_asks_if_it_is_safe_says_so_on_its_buttons_so_that_a_pressed_no_is_believed(key):
    said = phrasebook.worded(key, {"alias": "Sara"}, language="my", channel="telegram")

    assert [option for option, _ in said.buttons] == ["yes@safe", "no@safe", "unsure@safe"]
