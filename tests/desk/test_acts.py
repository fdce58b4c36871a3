"""Claim, reply, hand back, close: what staff change, and what they are told when they may not."""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from records.models import Conversation, Draft, Note, OutboxMessage, Staff
from records.staff import desk, staff_access
from records.states import Level, Owner, StaffRole
from tests.desk.conftest import MARKED

HX = {"HX-Request": "true"}


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_who_claim_at_once_one_wins_and_the_other_is_told_who(hotline, seated):
    sara, ben = seated("sara"), seated("ben")
    conversation = hotline.conversation()
    answers = {}
    start = threading.Barrier(2)

    def claim(name, client):
        start.wait()
        answers[name] = client.post(f"/desk/c/{conversation}/claim/", follow=True).content.decode()
        connections.close_all()

    both = [threading.Thread(target=claim, args=pair) for pair in (("Sara", sara), ("Ben", ben))]
    for one in both:
        one.start()
    for one in both:
        one.join()

    winners = [name for name, page in answers.items() if "With you" in page]
    assert len(winners) == 1
    loser = ({"Sara", "Ben"} - set(winners)).pop()
    assert f"{winners[0]} has this conversation." in answers[loser]


@pytest.mark.django_db(transaction=True)
def test_two_workers_who_take_the_next_one_get_two_different_ones(hotline, seated):
    sara, ben = seated("sara"), seated("ben")
    waiting = {hotline.conversation(), hotline.conversation()}
    got = []
    start = threading.Barrier(2)

    def claim_next(client):
        start.wait()
        got.append(client.post("/desk/claim-next/")["Location"])
        connections.close_all()

    both = [threading.Thread(target=claim_next, args=(client,)) for client in (sara, ben)]
    for one in both:
        one.start()
    for one in both:
        one.join()

    assert set(got) == {f"/desk/c/{one}/#newest" for one in waiting}


def test_after_a_claim_the_page_says_that_the_bot_is_silent(hotline, seated):
    client, conversation = seated(), hotline.conversation()

    page = client.post(f"/desk/c/{conversation}/claim/", follow=True).content.decode()

    assert "The bot is silent" in page
    assert hotline.owner(conversation) == Owner.STAFF


def test_the_same_reply_posted_twice_is_one_message(hotline, seated):
    client, conversation = seated(), hotline.conversation()
    client.post(f"/desk/c/{conversation}/claim/")
    form = {"text": "Hola, soy Sara", "token": str(uuid.uuid4())}

    first = client.post(f"/desk/c/{conversation}/reply/", form)
    client.post(f"/desk/c/{conversation}/reply/", form)

    assert first["Location"] == f"/desk/c/{conversation}/#newest"
    assert hotline.replies(conversation) == ["Hola, soy Sara"]


def test_other_words_in_the_form_of_a_reply_that_went_go_too_and_each_goes_once(hotline, mine):
    """The answer to the first was cut, the box stayed as it was, and the worker wrote something else in it."""
    client, conversation = mine
    form = {"text": "Where are you?", "token": str(uuid.uuid4())}
    for words in ("Where are you?", "Are you hurt?", "Are you hurt?", "Where are you?"):
        client.post(f"/desk/c/{conversation}/reply/", {**form, "text": words})

    client.post(f"/desk/c/{conversation}/draft/", {**form, "text": "Are you"})
    late = Draft.objects.count()
    client.post(f"/desk/c/{conversation}/draft/", {**form, "text": "Is somebody with you?"})

    assert hotline.replies(conversation) == ["Where are you?", "Are you hurt?"]
    assert (late, Draft.objects.count()) == (0, 1)


def test_other_words_in_the_form_of_a_note_are_another_note(hotline, mine):
    client, conversation = mine
    token = str(uuid.uuid4())
    for words in ("call the shelter", "call the clinic", "call the clinic"):
        client.post(f"/desk/c/{conversation}/note/", {"text": words, "token": token})

    assert Note.objects.count() == 2


def test_another_agreed_time_in_the_same_form_is_not_swallowed(hotline, mine):
    client, conversation = mine
    token, there = str(uuid.uuid4()), timezone.now() + timedelta(hours=30)
    for at in (there, there + timedelta(hours=1), there + timedelta(hours=1)):
        client.post(f"/desk/c/{conversation}/at-time/", {"at": at.strftime("%Y-%m-%dT%H:%M"), "token": token})

    assert OutboxMessage.objects.filter(key="helper.good_time").count() == 2


def test_the_same_note_posted_twice_is_one_note(hotline, seated):
    client, conversation = seated(), hotline.conversation()
    form = {"text": "call the shelter first", "token": str(uuid.uuid4())}

    client.post(f"/desk/c/{conversation}/note/", form)
    client.post(f"/desk/c/{conversation}/note/", form)

    assert Note.objects.count() == 1
    assert OutboxMessage.objects.filter(author="staff").count() == 0


def test_a_reply_by_someone_who_lost_the_conversation_is_not_sent_and_not_lost(hotline, seated):
    sara, ben = seated("sara"), seated("ben")
    conversation = hotline.conversation()
    sara.get(f"/desk/c/{conversation}/")
    ben.post(f"/desk/c/{conversation}/claim/")

    answer = sara.post(f"/desk/c/{conversation}/reply/", {"text": "words <b>of</b> mine"}, headers=HX)

    assert answer.status_code == 409
    assert "Not sent. Ben has this conversation." in answer.content.decode()
    assert hotline.replies(conversation) == []


def test_a_reply_of_20000_letters_is_refused_and_stays_in_the_box(hotline, seated):
    client, conversation = seated(), hotline.conversation()
    client.post(f"/desk/c/{conversation}/claim/")

    answer = client.post(f"/desk/c/{conversation}/reply/", {"text": "x" * 20_000})

    assert answer.status_code == 422
    assert "x" * 20_000 in answer.content.decode()
    assert hotline.replies(conversation) == []


def test_signed_out_everywhere_is_signed_out_in_a_demo_too(seated):
    client = seated()
    assert client.get("/desk/").status_code == 200

    staff_access.end_sessions(Staff.objects.get(username="sara"), timezone.now(), by=None)

    assert client.get("/desk/").status_code == 302


def test_transferred_it_is_with_the_colleague(hotline, seated):
    sara, ben = seated("sara"), seated("ben")
    ben.get("/desk/")  # he is here
    conversation = hotline.conversation()
    sara.post(f"/desk/c/{conversation}/claim/")

    sara.post(f"/desk/c/{conversation}/transfer/", {"to": Staff.objects.get(username="ben").pk})

    assert "With you" in ben.get(f"/desk/c/{conversation}/").content.decode()
    assert sara.post(f"/desk/c/{conversation}/reply/", {"text": "one more"}).status_code == 409


def test_nothing_is_transferred_to_someone_who_may_not_read(hotline, seated, staff):
    client, conversation = seated(), hotline.conversation()
    client.post(f"/desk/c/{conversation}/claim/")

    answer = client.post(f"/desk/c/{conversation}/transfer/", {"to": staff("adm", StaffRole.ADMINISTRATOR).pk})

    assert answer.status_code == 404
    assert "With you" in client.get(f"/desk/c/{conversation}/").content.decode()


def test_closing_needs_an_outcome(hotline, seated):
    client, conversation = seated(), hotline.conversation()
    client.post(f"/desk/c/{conversation}/claim/")

    client.post(f"/desk/c/{conversation}/close/", {"outcome": "because"})
    still_open = hotline.owner(conversation)
    page = client.post(f"/desk/c/{conversation}/close/", {"outcome": "referred"}, follow=True).content.decode()

    assert still_open == Owner.STAFF
    assert hotline.owner(conversation) == Owner.CLOSED
    assert "Closed: Referred to another service" in page
    assert "Closed today" in page


def test_what_is_being_written_is_kept_on_the_server_and_counted(hotline, seated):
    client, conversation = seated(), hotline.conversation()
    client.post(f"/desk/c/{conversation}/claim/")

    count = client.post(f"/desk/c/{conversation}/draft/", {"text": "¿está bien?", "token": str(uuid.uuid4())})
    page = client.get(f"/desk/c/{conversation}/").content.decode()

    assert "1 SMS part" in count.content.decode()
    assert "because of á" in count.content.decode()
    assert ">¿está bien?</textarea>" in page


def test_a_draft_that_arrives_after_its_own_reply_is_forgotten(hotline, seated):
    client, conversation = seated(), hotline.conversation()
    client.post(f"/desk/c/{conversation}/claim/")
    form = {"text": "Hola", "token": str(uuid.uuid4())}
    client.post(f"/desk/c/{conversation}/reply/", form)

    client.post(f"/desk/c/{conversation}/draft/", form)

    assert Draft.objects.count() == 0


def test_a_post_without_the_forms_token_is_refused(hotline, staff):
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff("sara"), backend="django.contrib.auth.backends.ModelBackend")
    conversation = hotline.conversation()

    answer = client.post(f"/desk/c/{conversation}/claim/")

    assert answer.status_code == 403
    assert hotline.owner(conversation) == Owner.QUEUE


@pytest.mark.parametrize("act", ["claim", "reply", "note", "hand-back", "transfer", "close", "draft"])
def test_a_get_changes_nothing(hotline, seated, act):
    assert seated().get(f"/desk/c/{hotline.conversation()}/{act}/").status_code == 405


def test_an_erased_conversation_is_simply_not_there(hotline, seated):
    page = seated().get("/desk/c/424242/")

    assert page.status_code == 404
    assert MARKED not in page.content.decode()


def test_a_claim_by_a_supervisor_takes_over_from_the_bot(hotline, seated):
    conversation = hotline.conversation(owner="bot")

    worker = seated("sara").post(f"/desk/c/{conversation}/claim/")
    after_worker = hotline.owner(conversation)
    seated("nour", StaffRole.SUPERVISOR).post(f"/desk/c/{conversation}/claim/")

    assert worker.status_code in (302, 403)
    assert after_worker == Owner.BOT
    assert hotline.owner(conversation) == Owner.STAFF


def test_nobody_waiting_is_said_and_not_an_error(seated):
    page = seated().post("/desk/claim-next/", follow=True).content.decode()

    assert "Nobody is waiting." in page
    assert desk.queue(timezone.now()) == []


def test_with_nobody_waiting_the_open_conversation_stays(hotline, seated):
    client, conversation = seated(), hotline.conversation()
    client.post(f"/desk/c/{conversation}/claim/")

    without_scripts = client.post("/desk/claim-next/", {"open": conversation})
    answer = client.post("/desk/claim-next/", {"open": conversation}, headers=HX)

    assert without_scripts["Location"] == f"/desk/c/{conversation}/"
    assert "HX-Redirect" not in answer.headers
    assert answer.content.decode().startswith('<div id="notices"')
    assert "Nobody is waiting." in answer.content.decode()


@pytest.mark.parametrize(
    ("level", "told"),
    [
        (Level.OFFER, "Asked for a woman to write. If that is not you, say so first, or give it to a colleague."),
        (Level.URGENT, "Asked for a woman to write. It is urgent: write all the same."),
    ],
)
@pytest.mark.parametrize("next_one", [False, True])
def test_whom_they_asked_for_is_told_before_the_first_word_and_stops_nobody(hotline, seated, level, told, next_one):
    client, conversation = seated(), hotline.conversation(level=level, reasons=("ask_human", "wants_woman"))
    waiting = client.get(f"/desk/c/{conversation}/").content.decode()

    claimed = client.post("/desk/claim-next/" if next_one else f"/desk/c/{conversation}/claim/", follow=True)

    page = claimed.content.decode()
    assert hotline.owner(conversation) == Owner.STAFF
    assert told in page
    assert waiting.count('<p class="wish">Asked for a woman to write</p>') == 2  # head of the thread, person pane
    assert waiting.count('<span class="wish">Asked for a woman to write</span>') == 1  # the card
    assert "Asked for a person · Asked for a woman" not in waiting


def test_who_asked_for_nobody_in_particular_has_no_mark_of_it(hotline, seated):
    client, conversation = seated(), hotline.conversation()

    page = client.post(f"/desk/c/{conversation}/claim/", follow=True).content.decode()

    assert 'class="wish"' not in page


def close(client, conversation, **fields):
    return client.post(f"/desk/c/{conversation}/close/", {"outcome": "helped", **fields})


def test_an_urgent_one_to_whom_no_person_has_written_is_closed_after_one_question(hotline, seated):
    client, conversation = seated(), hotline.conversation(level=Level.URGENT)
    client.post(f"/desk/c/{conversation}/claim/")

    asked = close(client, conversation)
    still = hotline.owner(conversation)
    close(client, conversation, sure="helped")

    question = asked.content.decode().split('id="closing"')[1].split("</div>")[0]
    assert (asked.status_code, still, hotline.owner(conversation)) == (422, Owner.STAFF, Owner.CLOSED)
    assert "no person has written to them" in question
    assert "Close it all the same: Helped, nothing more to do now" in question
    assert 'name="sure" value="helped"' in question


def test_an_urgent_one_who_was_only_asked_if_it_is_safe_is_not_closed_unasked(hotline, seated):
    client, conversation = seated(), hotline.conversation(level=Level.URGENT)
    client.post(f"/desk/c/{conversation}/claim/")
    desk.reply(
        conversation,
        Staff.objects.get(username="sara"),
        "¿Es seguro?",
        timezone.now(),
        client_token="s",
        key="ask.safe",
    )

    assert close(client, conversation).status_code == 422
    assert hotline.owner(conversation) == Owner.STAFF


@pytest.mark.parametrize(("level", "written"), [(Level.URGENT, True), (Level.OFFER, False)])
def test_one_that_was_answered_or_is_not_urgent_is_closed_without_a_question(hotline, seated, level, written):
    client, conversation = seated(), hotline.conversation(level=level)
    client.post(f"/desk/c/{conversation}/claim/")
    if written:
        client.post(f"/desk/c/{conversation}/reply/", {"text": "Estoy aquí"})

    close(client, conversation)

    assert hotline.owner(conversation) == Owner.CLOSED


@pytest.mark.parametrize("lost", ["dropped", "failed"])
def test_a_reply_that_reached_nobody_is_no_answer_when_it_is_closed(hotline, seated, lost):
    client, conversation = seated(), hotline.conversation(level=Level.URGENT)
    client.post(f"/desk/c/{conversation}/claim/")
    client.post(f"/desk/c/{conversation}/reply/", {"text": "Estoy aquí"})
    OutboxMessage.objects.filter(conversation=conversation).update(status=lost)

    assert close(client, conversation).status_code == 422
    assert hotline.owner(conversation) == Owner.STAFF


@pytest.mark.parametrize("outcome", ["emergency", "police"])
def test_a_talk_can_end_with_emergency_services_or_the_police(hotline, seated, outcome):
    client, conversation = seated(), hotline.conversation()
    client.post(f"/desk/c/{conversation}/claim/")

    client.post(f"/desk/c/{conversation}/close/", {"outcome": outcome})

    assert Conversation.objects.get(pk=conversation).outcome == outcome
