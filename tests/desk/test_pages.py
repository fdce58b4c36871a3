"""What staff read: order, labels, direction of scripts, delivery in plain words; and what stays out of sight."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from desk.board import board
from desk.delivery_words import delivery
from desk.supervision import supervision
from desk.templatetags.desk import numbers
from desk.thread import thread
from records.models import Conversation, OutboxMessage, Staff
from records.staff import desk
from records.states import NOT_ALONE, Level, OutboxStatus, Owner, StaffRole
from screening.assessment import Assessment, Heard
from tests.desk.conftest import MARKED

TITLE = re.compile(r"<title>(.*?)</title>")


def _section(shown, name):
    return next(section for section in shown.sections if section.id == name)


def test_the_queue_goes_by_level_then_by_waiting_time(hotline, staff):
    late_offer = hotline.conversation(level=Level.OFFER)
    priority = hotline.conversation(level=Level.PRIORITY)
    urgent = hotline.conversation(level=Level.URGENT)
    earlier_urgent = hotline.conversation(level=Level.URGENT)
    now = timezone.now()
    for number, since in ((earlier_urgent, now - timedelta(minutes=9)), (late_offer, now - timedelta(hours=3))):
        Conversation.objects.filter(pk=number).update(queued_at=since, unanswered_since=since)

    shown = board(staff("sara"), now)

    assert [card.id for card in _section(shown, "waiting").cards] == [earlier_urgent, urgent, priority, late_offer]
    assert shown.urgent_waiting == 2
    assert shown.longest == (("SMS", now - timedelta(hours=3)),)


def test_the_longest_wait_is_without_a_person_whoever_had_them_meanwhile_and_the_board_says_the_same(hotline, staff):
    back, fresh = hotline.conversation(), hotline.conversation()
    now = timezone.now()
    Conversation.objects.filter(pk=back).update(queued_at=now, unanswered_since=now - timedelta(minutes=40))
    Conversation.objects.filter(pk=fresh).update(queued_at=now - timedelta(minutes=5), unanswered_since=None)

    assert board(staff("sara"), now).longest == (("SMS", now - timedelta(minutes=40)),)
    assert supervision(now).longest == now - timedelta(minutes=40)
    assert [wait.since for wait in supervision(now).waits] == [now - timedelta(minutes=40)]


def test_sections_tell_mine_from_others_and_only_supervisors_see_the_bots(hotline, staff):
    sara, ben, nour = staff("sara"), staff("ben"), staff("nour", StaffRole.SUPERVISOR)
    mine, others, bots = hotline.conversation(), hotline.conversation(), hotline.conversation(owner="bot")
    now = timezone.now()
    desk.claim(mine, sara, now)
    desk.claim(others, ben, now)

    shown = board(sara, now)

    assert [card.id for card in _section(shown, "mine").cards] == [mine]
    assert [(card.id, card.who) for card in _section(shown, "others").cards] == [(others, "Ben")]
    assert "bot" not in [section.id for section in shown.sections]
    assert [card.id for card in _section(board(nour, now), "bot").cards] == [bots]


def test_a_card_tells_why_in_plain_words_and_never_what_was_written(hotline, seated):
    hotline.conversation(level=Level.URGENT, language="my", reasons=("risk.immediate_danger", "documents_withheld"))

    page = seated().get("/desk/").content.decode()

    assert "In danger now · Papers kept by someone else" in page
    assert '(<bdi lang="my" dir="ltr" class="native">မြန်မာ</bdi>)' in page
    assert MARKED not in page


def test_a_card_names_the_gravest_reason_first(hotline, seated):
    said = ("ask_human", "need_named", "asked_for_a_time", "child_with_indicator", "risk.controller_present")
    hotline.conversation(level=Level.URGENT, reasons=said)

    page = seated().get("/desk/").content.decode()

    assert "Perhaps not alone · Under 18, with another indicator · Asked for a person · 2 more" in page


def test_harm_that_was_told_stands_on_the_card_before_the_wish_for_a_person(hotline, seated):
    hotline.conversation(level=Level.PRIORITY, reasons=("ask_human", "threats", "violence"))

    page = seated().get("/desk/").content.decode()

    assert "Body hurt · Threats to the person or family · Asked for a person" in page


def test_a_card_says_that_they_are_perhaps_not_alone_before_why_they_came(hotline, seated):
    number = hotline.conversation(level=Level.URGENT, safe="yes")
    Conversation.objects.filter(pk=number).update(doubt=NOT_ALONE, doubt_at=timezone.now())

    page = seated().get("/desk/").content.decode()

    assert "Perhaps not alone · Asked for a person" in page


def test_every_level_has_a_word_a_colour_and_a_shape(hotline, seated):
    for level in Level:
        hotline.conversation(level=level)

    page = seated().get("/desk/").content.decode()

    for level in Level:
        assert re.search(rf'level-{level.value}"><svg.*?</svg>{level.value.capitalize()}', page)


def test_arabic_is_marked_with_its_language_and_finds_its_own_direction(hotline, seated):
    conversation = hotline.conversation("مرحبا 12", language="ar")

    page = seated().get(f"/desk/c/{conversation}/").content.decode()

    assert '<p class="said" dir="auto" lang="ar">مرحبا 12</p>' in page
    assert '<bdi lang="ar" dir="rtl" class="native">العربية</bdi>' in page


def test_markup_from_a_contact_is_text(hotline, seated):
    conversation = hotline.conversation("<script>alert(1)</script>\u202e<img src=x onerror=alert(2)>")

    page = seated().get(f"/desk/c/{conversation}/").content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_titles_and_addresses_hold_no_words_of_a_contact(hotline, seated):
    conversation = hotline.conversation(f"my word is {MARKED}")

    page = seated().get(f"/desk/c/{conversation}/").content.decode()

    assert TITLE.search(page).group(1) == "Desk"
    addresses = re.findall(r'(?:href|action|hx-get|hx-post|src)="([^"]*)"', page)
    assert MARKED in page
    assert not [address for address in addresses if MARKED in address or "?" in address]


def test_pages_have_no_inline_script_or_style(hotline, seated):
    page = seated().get(f"/desk/c/{hotline.conversation()}/").content.decode()

    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]* src=)", page)


@pytest.mark.parametrize(
    ("status", "reason", "words", "trouble"),
    [
        ("waiting", "", "Waiting to be sent", False),
        ("sent", "", "Sent", False),
        ("delivered", "", "Delivered to the phone", False),
        ("failed", "OptedOut", "Failed. This number has texted STOP", True),
        ("failed", "something_new", "Failed. Something new", True),
        ("dropped", "too_old", "Not sent: it was too old to be safe", True),
        ("dropped", "not_safe", "Not sent: the contact said it is not safe", True),
        ("unknown", "FateUnknown", "It may or may not have arrived", True),
        ("waiting", "ProviderBusy", "Waiting for the next try. The provider asked us to slow down", False),
    ],
)
def test_what_became_of_a_message_is_said_in_plain_words(status, reason, words, trouble):
    told, is_trouble = delivery(status, reason)

    assert told.startswith(words)
    assert is_trouble or not trouble


def test_every_state_of_a_message_has_words():
    assert all(delivery(status, "")[0] for status in OutboxStatus.values)


def test_the_thread_shows_what_became_of_each_reply(hotline, staff):
    sara, conversation = staff("sara"), hotline.conversation(bot_says=("hello",))
    now = timezone.now()
    desk.claim(conversation, sara, now)
    desk.reply(conversation, sara, "hi", now, client_token="t")
    OutboxMessage.objects.filter(client_token="t").update(status="failed", reason="Filtered")

    lines = thread(conversation, sara, now).lines

    by = {line.who: line for line in lines}
    assert by["bot"].delivery == (
        "Not sent: a person had taken over from the bot. Whoever has it says it, if it still matters."
    )
    assert by["staff"].delivery.startswith("Failed. The phone network refused this text")
    assert [line.text for line in lines if line.who == "event"] == ["The bot asked for a person", "Sara took it"]


def test_the_person_pane_shows_findings_with_words_and_what_was_not_asked(hotline, seated):
    known = Assessment(
        flow="self",
        asked=("safe", "consent"),
        indicators={"documents_withheld": Heard(words="boss keep pasport", source="said")},
        possible={"threats": 0.4},
        risks={"immediate_danger": Heard(words="he has a knife", source="immediate_danger.weapon.en")},
        needs=("go_home",),
    )
    conversation = hotline.conversation(assessment=known, reasons=("risk.immediate_danger",))

    page = seated().get(f"/desk/c/{conversation}/").content.decode()

    pane = page[page.index('<aside class="person"') :]
    for words in ("In danger now", "he has a knife", "rule immediate_danger.weapon.en", "Papers kept by someone else",
                  "boss keep pasport", "strong control", "not counted, may be asked", "to go home", "age, what is going on",
                  "Do not write first after a silence"):  # fmt: skip
        assert words in pane


@pytest.mark.parametrize(
    ("safe", "minutes", "word", "sentence"),
    [
        ("yes", 1, "yes", "Safe to write: they said so 1 min ago."),
        ("yes", 11, "unknown", "They said it was safe 11 min ago."),
        ("no", 1, "no", "Not safe to write"),
        ("unsure", 1, "unsure", "Is it safe to write? They are not sure."),
        (None, 1, "unknown", "Is it safe to write? Nobody knows yet."),
    ],
)
def test_the_box_says_whether_it_is_safe_to_write(hotline, staff, safe, minutes, word, sentence):
    conversation = hotline.conversation(safe=safe)
    now = timezone.now()
    ago = now - timedelta(minutes=minutes)
    Conversation.objects.filter(pk=conversation).update(safe_at=ago if safe else None, last_in_at=ago)

    shown = thread(conversation, staff("sara"), now)

    assert shown.safe == word
    assert shown.safe_words.startswith(sentence)


def test_a_fragment_that_is_on_the_page_already_is_not_sent_again(hotline, seated):
    client, conversation = seated(), hotline.conversation()
    mark = board(Staff.objects.get(username="sara"), timezone.now()).mark

    same = client.get("/desk/queue/", {"have": mark})
    hotline.conversation()
    changed = client.get("/desk/queue/", {"have": mark})

    assert same.status_code == 204
    assert changed.status_code == 200
    assert client.get(f"/desk/c/{conversation}/lines/", {"have": "old"}).status_code == 200


def test_the_reply_box_is_drawn_anew_only_when_the_owner_changed(hotline, seated):
    client, conversation = seated(), hotline.conversation()
    client.post(f"/desk/c/{conversation}/claim/")
    sara = Staff.objects.get(username="sara")
    composer = thread(conversation, sara, timezone.now()).composer

    same = client.get(f"/desk/c/{conversation}/lines/", {"composer": composer, "have": "old"}).content.decode()
    other = client.get(f"/desk/c/{conversation}/lines/", {"composer": "another", "have": "old"}).content.decode()

    assert 'id="reply"' not in same
    assert 'id="reply"' in other


def test_a_thread_of_another_owner_says_who_answers(hotline, staff):
    sara, ben, conversation = staff("sara"), staff("ben"), hotline.conversation()
    now = timezone.now()
    waiting = thread(conversation, sara, now)
    desk.claim(conversation, ben, now)

    held = thread(conversation, sara, now)

    assert waiting.owner == Owner.QUEUE
    assert waiting.may_claim
    assert held.locked_words == "Ben has this conversation. Only Ben can reply."


def test_error_pages_say_nothing(seated):
    client = seated()
    client.raise_request_exception = False

    page = client.get("/desk/nothing-here/").content.decode()

    assert "Nothing is here" in page
    assert "nothing-here" not in page


def test_what_must_not_be_done_stands_above_the_reply_box_whatever_tab_is_open(hotline, seated):
    client = seated()
    conversation = hotline.conversation()
    client.post(f"/desk/c/{conversation}/claim/")
    client.get(f"/desk/c/{conversation}/beside/phrases/")

    composer = client.get(f"/desk/c/{conversation}/").content.decode().split('id="composer"')[1]

    above, _box = composer.split('<textarea id="reply"')
    assert "tell family or employer · call · write first after a silence</summary>" in above
    assert "Do not call: nobody has agreed to a call here." in above


def test_a_filter_that_hides_all_who_wait_does_not_say_that_nobody_waits(hotline, seated):
    client = seated()
    hotline.conversation(language="es")

    page = client.get("/desk/?filter=1&language=th").content.decode()

    waiting = page.split('id="group-waiting"')[1].split("</section>")[0]
    assert "Nobody who waits fits the filter." in waiting
    assert "Nobody is waiting." not in waiting


def test_the_audit_tells_taking_giving_back_and_closing_apart(hotline, seated):
    sara, conversation = seated(), hotline.conversation(language="en")
    sara.post(f"/desk/c/{conversation}/claim/")
    sara.post(f"/desk/c/{conversation}/hand-back/", {"to": "queue"})
    sara.post(f"/desk/c/{conversation}/claim/")
    sara.post(f"/desk/c/{conversation}/close/", {"outcome": "helped"})

    page = seated("audit", StaffRole.AUDITOR).get("/desk/audit/").content.decode()

    assert page.count("Took the conversation<") == 2
    assert "Put the conversation into the queue<" in page
    assert "Closed the conversation<" in page


def test_a_line_to_the_contact_is_not_called_for_staff(hotline, seated):
    sara, conversation = seated(), hotline.conversation(language="en")
    sara.post(f"/desk/c/{conversation}/claim/")
    sara.post(f"/desk/c/{conversation}/reply/", {"text": "I am here"})
    sara.post(f"/desk/c/{conversation}/hand-back/", {"to": "bot"})

    page = seated("nour", StaffRole.SUPERVISOR).get(f"/desk/c/{conversation}/").content.decode()

    line = page.split("from-system")[1].split("</li>")[0]
    assert '<span class="name">Bot</span>' in line


def test_the_cursor_stands_in_the_first_empty_field_of_the_sign_in(db):
    fresh = Client().get("/desk/sign-in/").content.decode()
    wrong = Client().post("/desk/sign-in/", {"username": "sara", "password": "x"}).content.decode()

    assert "autofocus" in fresh.split('id="id_username"')[1].split(">")[0]
    assert "autofocus" in wrong.split('id="id_password"')[1].split(">")[0]
    assert (fresh.count("autofocus"), wrong.count("autofocus")) == (1, 1)


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("رقمي +966 50 123 4567!", 'رقمي <bdi dir="ltr">+966 50 123 4567</bdi>!'),
        ("شماره (021) 8888-1234 <b>", 'شماره <bdi dir="ltr">(021) 8888-1234</bdi> &lt;b&gt;'),
        ("12/03/2026 و 3 مرات", "12/03/2026 و 3 مرات"),
        ("call +966 50 123 4567 <now>", "call +966 50 123 4567 &lt;now&gt;"),
    ],
)
def test_a_phone_number_within_words_from_right_to_left_keeps_its_order(text, drawn):
    assert numbers(text) == drawn


def test_the_thread_keeps_the_order_of_a_phone_number_of_theirs_and_of_ours(hotline, seated):
    client = seated()
    other = hotline.conversation("رقمي +966 50 123 4567")
    desk.claim(other, Staff.objects.get(username="sara"), timezone.now())
    desk.reply(other, Staff.objects.get(username="sara"), "اتصل +66 81 000 0000", timezone.now(), client_token="n")

    page = client.get(f"/desk/c/{other}/").content.decode()

    assert '<bdi dir="ltr">+966 50 123 4567</bdi>' in page
    assert '<bdi dir="ltr">+66 81 000 0000</bdi>' in page
