"""Handing back: to the bot or the queue, and what the contact hears of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from records.models import Conversation, OutboxMessage, Staff
from records.staff import desk
from records.states import Level, OutboxStatus, Owner

HX = {"HX-Request": "true"}
LEFT = "The bot tells them that the helper has left."
NOBODY = "The bot tells them that nobody could join."


def to_the_bot(client, conversation):
    """Hand it back; return what the menu had promised, and the lines that tell the contact."""
    promised = LEFT in client.get(f"/desk/c/{conversation}/").content.decode()
    client.post(f"/desk/c/{conversation}/hand-back/", {"to": "bot"})
    lines = OutboxMessage.objects.filter(conversation=conversation, key="handoff.back")
    return promised, [line.author for line in lines]


@pytest.mark.parametrize("perhaps", [{"doubt": "controller_present"}, {"safe_answer": "no"}])
def test_who_is_perhaps_not_alone_is_not_told_that_a_helper_has_left(hotline, seated, perhaps):
    client, conversation = seated(), hotline.conversation(language="en", safe="yes")
    client.post(f"/desk/c/{conversation}/claim/")
    client.post(f"/desk/c/{conversation}/reply/", {"text": "I am here"})
    Conversation.objects.filter(pk=conversation).update(**perhaps)

    client.post(f"/desk/c/{conversation}/hand-back/", {"to": "bot", "sure": "bot"})

    assert Conversation.objects.get(pk=conversation).owner == "bot"
    assert not OutboxMessage.objects.filter(conversation=conversation, key="handoff.back").exists()


def test_handed_back_to_the_bot_after_a_reply_the_contact_is_told_in_their_language(hotline, seated):
    client, conversation = seated(), hotline.conversation(language="en")
    client.post(f"/desk/c/{conversation}/claim/")
    client.post(f"/desk/c/{conversation}/reply/", {"text": "I am here"})

    assert to_the_bot(client, conversation) == (True, ["system"])
    assert hotline.owner(conversation) == Owner.BOT


def test_no_helper_has_left_whom_no_helper_has_written_to(hotline, seated):
    client, conversation = seated(), hotline.conversation(language="en")
    client.post(f"/desk/c/{conversation}/claim/")

    assert to_the_bot(client, conversation) == (False, [])
    assert hotline.owner(conversation) == Owner.BOT


@pytest.mark.parametrize("fate", ["dropped", "failed", "later"])
def test_what_never_reached_them_is_no_word_of_a_helper(hotline, seated, fate):
    client, conversation = seated(), hotline.conversation(language="en")
    client.post(f"/desk/c/{conversation}/claim/")
    client.post(f"/desk/c/{conversation}/reply/", {"text": "I am here"})
    later = {"not_before": timezone.now() + timedelta(hours=1)}
    OutboxMessage.objects.filter(conversation=conversation).update(**later if fate == "later" else {"status": fate})

    assert to_the_bot(client, conversation) == (False, [])


def test_that_the_helper_has_left_is_told_once_for_each_who_wrote(hotline, seated):
    client, conversation = seated(), hotline.conversation(language="en")
    client.post(f"/desk/c/{conversation}/claim/")
    client.post(f"/desk/c/{conversation}/reply/", {"text": "I am here"})
    to_the_bot(client, conversation)
    desk.claim(conversation, Staff.objects.get(username="sara"), timezone.now())

    assert to_the_bot(client, conversation) == (False, ["system"])


def test_an_urgent_one_goes_back_to_the_bot_after_one_question_and_any_worker_finds_it_there(hotline, seated):
    sara, ben = seated("sara"), seated("ben")
    conversation = hotline.conversation(level=Level.URGENT)
    sara.post(f"/desk/c/{conversation}/claim/")

    asked = sara.post(f"/desk/c/{conversation}/hand-back/", {"to": "bot"})
    still = hotline.owner(conversation)
    sara.post(f"/desk/c/{conversation}/hand-back/", {"to": "bot", "sure": "bot"})
    board = ben.get("/desk/").content.decode()
    opened = ben.get(f"/desk/c/{conversation}/").content.decode()
    now_bot = hotline.owner(conversation)
    ben.post(f"/desk/c/{conversation}/claim/")

    assert (asked.status_code, still, now_bot) == (422, Owner.STAFF, Owner.BOT)
    assert "With the bot nobody waits for it" in asked.content.decode().split('id="to-bot"')[1]
    assert f'id="card-{conversation}"' in board.split('id="group-left"')[1].split("</section>")[0]
    assert "Take over from the bot" in opened
    assert hotline.owner(conversation) == Owner.STAFF
    assert "group-left" not in ben.get("/desk/").content.decode()


def test_what_was_written_and_not_sent_is_asked_about_before_the_bot_has_it(hotline, mine):
    client, conversation = mine
    client.post(f"/desk/c/{conversation}/draft/", {"text": "half a sentence"})

    asked = client.post(f"/desk/c/{conversation}/hand-back/", {"to": "bot"}, headers=HX)

    assert (asked.status_code, hotline.owner(conversation)) == (422, Owner.STAFF)
    assert "What you have written was not sent." in asked.content.decode()


def test_what_the_bot_has_and_was_never_urgent_stays_closed_to_a_worker(hotline, seated):
    sara, ben = seated("sara"), seated("ben")
    conversation = hotline.conversation()
    sara.post(f"/desk/c/{conversation}/claim/")
    sara.post(f"/desk/c/{conversation}/hand-back/", {"to": "bot"})

    assert ben.get(f"/desk/c/{conversation}/").status_code == 403
    assert f"card-{conversation}" not in ben.get("/desk/").content.decode()


def test_handed_back_in_a_language_without_words_of_ours_nothing_is_sent(hotline, seated):
    client, conversation = seated(), hotline.conversation(language="am")
    client.post(f"/desk/c/{conversation}/claim/")

    client.post(f"/desk/c/{conversation}/hand-back/", {"to": "bot"})

    assert hotline.owner(conversation) == Owner.BOT
    assert OutboxMessage.objects.count() == 0


def test_handed_back_to_the_queue_somebody_else_can_claim_it(hotline, seated):
    sara, ben = seated("sara"), seated("ben")
    conversation = hotline.conversation()
    sara.post(f"/desk/c/{conversation}/claim/")
    sara.post(f"/desk/c/{conversation}/hand-back/", {"to": "queue"})

    page = ben.post(f"/desk/c/{conversation}/claim/", follow=True).content.decode()

    assert "With you" in page
    assert "Sara gave it back to the queue" in page


def promised_a_person(hotline, **more):
    """A conversation that the bot has told a person is asked for."""
    number = hotline.conversation(language="en", bot_says=("I am asking a person to write to you.",), **more)
    OutboxMessage.objects.filter(conversation=number).update(key="handoff.asked ask.country", status=OutboxStatus.SENT)
    return number


def test_who_was_promised_a_person_and_got_none_hears_it_once(hotline, seated):
    client, conversation = seated(), promised_a_person(hotline)
    for _ in range(2):
        client.post(f"/desk/c/{conversation}/claim/")
        page = client.get(f"/desk/c/{conversation}/").content.decode()
        told = OutboxMessage.objects.filter(conversation=conversation, key="handoff.waiting.long.no_number")
        assert (NOBODY in page) == (not told.exists()), "what the menu says is what happens"
        client.post(f"/desk/c/{conversation}/hand-back/", {"to": "bot"})
        Conversation.objects.filter(pk=conversation).update(owner=Owner.QUEUE)

    (line,) = told
    assert line.author == "system"


@pytest.mark.parametrize("perhaps", [{"doubt": "controller_present"}, {"safe_answer": "no"}])
def test_who_is_perhaps_not_alone_is_not_told_that_nobody_could_join(hotline, seated, perhaps):
    client, conversation = seated(), promised_a_person(hotline, safe="yes")
    client.post(f"/desk/c/{conversation}/claim/")
    Conversation.objects.filter(pk=conversation).update(**perhaps)

    client.post(f"/desk/c/{conversation}/hand-back/", {"to": "bot", "sure": "bot"})

    assert OutboxMessage.objects.filter(conversation=conversation).count() == 1
