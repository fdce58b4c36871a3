"""What waits for an answer stays in sight until there is one: whether it is safe, and whoever asked for a person."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from desk.board import board
from records.messages.intake import store_inbound
from records.models import Contact, Conversation, InboxMessage, OutboxMessage, Staff
from records.states import SafeAnswer


def asked_at(client, number) -> str:
    page = client.get(f"/desk/c/{number}/").content.decode()
    return page.split('id="asked-at">')[1].split("</span>")[0] if 'id="asked-at"' in page else ""


def they_write(number, at):
    theirs = InboxMessage.objects.filter(conversation=number)
    theirs.update(received_at=at)
    Conversation.objects.filter(pk=number).update(last_in_at=at)


def test_when_they_were_asked_whether_it_is_safe_stands_beside_it_whatever_else_they_write(mine):
    client, number = mine
    before = asked_at(client, number)
    client.post(f"/desk/c/{number}/ask-safe/")
    sent = OutboxMessage.objects.get(conversation=number)

    they_write(number, sent.created_at + timedelta(minutes=1))
    asked = asked_at(client, number)
    OutboxMessage.objects.update(status="dropped")

    assert "Asked at" in asked
    assert f"{sent.created_at:%H:%M}" in asked
    assert "no answer yet" in asked
    assert (before, asked_at(client, number)) == ("", "")


@pytest.mark.parametrize("key", ["helper.hello", "helper.back", "ask.safe.again"])
def test_whatever_phrase_asks_if_it_is_safe_is_seen_to_have_asked(mine, key):
    client, number = mine
    client.post(f"/desk/c/{number}/ask-safe/")

    OutboxMessage.objects.filter(conversation=number).update(key=key)

    assert "no answer yet" in asked_at(client, number)


@pytest.mark.parametrize("answer", [*SafeAnswer, "ended"])
def test_it_stands_there_until_they_have_answered_that(mine, answer):
    client, number = mine
    client.post(f"/desk/c/{number}/ask-safe/")

    later = timezone.now()
    if answer == "ended":
        Contact.objects.update(ended_at=later)
    else:
        Conversation.objects.filter(pk=number).update(safe_answer=answer, safe_at=later)

    assert asked_at(client, number) == ""


def test_an_answer_from_before_is_none_to_a_question_asked_again(mine):
    client, number = mine
    Conversation.objects.filter(pk=number).update(safe_answer=SafeAnswer.YES, safe_at=timezone.now())

    client.post(f"/desk/c/{number}/ask-safe/")

    assert "no answer yet" in asked_at(client, number)


NOBODY = "no person has answered for"


def head(client, number) -> str:
    return client.get(f"/desk/c/{number}/").content.decode().split('id="thread-head"')[1].split("</header>")[0]


def with_others(client, number) -> str:
    page = client.get("/desk/").content.decode()
    return page.split(f'id="card-{number}"')[1].split("</a>")[0]


def test_since_when_somebody_waits_for_a_person_stays_in_sight_until_a_person_has_answered(hotline, seated):
    sara, ben, number = seated("sara"), seated("ben"), hotline.conversation(address="+15005550001")
    since = timezone.now() - timedelta(minutes=20)
    Conversation.objects.filter(pk=number).update(queued_at=since, unanswered_since=since)
    InboxMessage.objects.filter(conversation=number).update(received_at=since)
    sara.post(f"/desk/c/{number}/claim/")
    stored = store_inbound(
        channel="sms", provider_id="more", address="+15005550001", kind="text", text="hola?",
        received_at=timezone.now(),
    )  # fmt: skip

    waits, card = head(sara, number), with_others(ben, number)
    sara.post(f"/desk/c/{number}/reply/", {"text": "Estoy aquí"})

    assert stored.conversation_id == number
    assert NOBODY in waits
    assert "20 min" in waits
    assert "unanswered" in card
    assert "20 min" in card
    assert NOBODY not in head(sara, number)
    assert "unanswered" not in with_others(ben, number)


def test_card_head_and_board_count_the_wait_from_the_moment_a_person_was_asked_for(hotline, seated):
    sara, ben, number = seated("sara"), seated("ben"), hotline.conversation()
    now = timezone.now()
    asked = now - timedelta(minutes=20)
    InboxMessage.objects.filter(conversation=number).update(received_at=now - timedelta(minutes=50))  # to the bot
    Conversation.objects.filter(pk=number).update(queued_at=asked, unanswered_since=asked)

    sara.post(f"/desk/c/{number}/claim/")
    held = head(sara, number), with_others(ben, number)
    sara.post(f"/desk/c/{number}/hand-back/", {"to": "queue"})
    back = head(sara, number), with_others(ben, number)

    for shown in (*held, *back):
        assert re.findall(r'datetime="(.*?)">20 min<', shown) == [asked.isoformat()]
    assert board(Staff.objects.get(username="ben"), now).longest == (("SMS", asked),)


def test_a_reply_that_reached_nobody_is_no_answer_of_a_person(mine):
    client, number = mine
    client.post(f"/desk/c/{number}/reply/", {"text": "Estoy aquí"})
    answered = head(client, number)

    OutboxMessage.objects.filter(conversation=number).update(status="failed")

    assert NOBODY not in answered
    assert NOBODY in head(client, number)
