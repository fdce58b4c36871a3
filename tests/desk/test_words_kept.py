"""Words half written: drafts, who is seen writing, and what was posted to a page that is not open any more."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client
from django.utils import timezone

from records.models import Draft, Staff
from records.staff import desk
from records.states import StaffRole
from tests.desk.conftest import MARKED
from tests.desk.door import with_app
from tests.desk.test_writing import post


def test_a_note_has_a_draft_of_its_own_which_the_note_ends(mine):
    client, conversation = mine
    post(client, conversation, "draft", text="to them")
    post(client, conversation, "draft", text="only us", kind="note")
    page = client.get(f"/desk/c/{conversation}/").content.decode()

    post(client, conversation, "note", text="only us, done")

    assert "to them</textarea>" in page
    assert "only us</textarea>" in page
    assert list(Draft.objects.values_list("kind", flat=True)) == ["reply"]


def test_a_colleague_sees_that_somebody_writes(hotline, seated, mine):
    client, conversation = mine
    nour = seated("nour", StaffRole.SUPERVISOR)

    nour.get(f"/desk/c/{conversation}/")
    looks = client.get(f"/desk/c/{conversation}/").content.decode()
    post(client, conversation, "draft", text="hel")

    assert "Nour looks" in looks
    assert "Sara is writing" in nour.get(f"/desk/c/{conversation}/").content.decode()


def test_once_a_colleague_has_it_nobody_else_seems_to_be_writing_in_it(hotline, seated, mine):
    sara, conversation = mine
    nour = seated("nour", StaffRole.SUPERVISOR)
    post(sara, conversation, "draft", text="hel")

    desk.take_over(conversation, Staff.objects.get(username="nour"), timezone.now())
    post(sara, conversation, "draft", text="hello")
    page = nour.get(f"/desk/c/{conversation}/").content.decode()

    assert "Sara looks" in page
    assert "is writing" not in page


def test_what_one_had_written_is_folded_away_while_a_colleague_has_it(hotline, seated):
    nour, conversation = seated("nour", StaffRole.SUPERVISOR), hotline.conversation("hola", safe="yes")
    holder, now = Staff.objects.get(username="nour"), timezone.now()
    desk.claim(conversation, holder, now)
    post(nour, conversation, "draft", text="half a sentence")
    seated("ben")

    desk.transfer(conversation, holder, Staff.objects.get(username="ben"), now)
    page = nour.get(f"/desk/c/{conversation}/").content.decode()
    refused = post(nour, conversation, "reply", text="half a sentence").content.decode()

    folded = '<details class="override"{}><summary>What you had written, not sent:</summary><textarea id="unsent"'
    assert folded.format("") in page
    assert '<span class="tag">draft</span>' not in page, "it cannot be sent from there"
    assert folded.format(" open") in refused


def test_a_reply_posted_after_the_session_ended_is_shown_again_and_goes_after_a_new_sign_in(hotline, mine):
    client, conversation = mine
    token = str(uuid.uuid4())
    client.logout()

    held = client.post(f"/desk/c/{conversation}/reply/", {"text": f"words {MARKED} <b>", "token": token})
    client.force_login(Staff.objects.get(username="sara"), backend="django.contrib.auth.backends.ModelBackend")
    client.post(f"/desk/c/{conversation}/reply/", {"text": f"words {MARKED} <b>", "token": token})

    page = held.content.decode()
    assert held.status_code == 401
    assert f"words {MARKED} &lt;b&gt;</textarea>" in page
    assert f'name="token" value="{token}"' in page
    assert hotline.replies(conversation) == [f"words {MARKED} <b>"]


def test_words_in_any_field_are_shown_again_after_the_session_ended_and_no_secret_is(hotline, mine):
    client, conversation = mine
    client.logout()
    given = {
        "to": "queue",
        "note": "ask",
        "zone": "UTC",
        "words": "because",
        "name": "Rosa Luna",
        "password": "my lamp",
    }

    page = client.post(f"/desk/c/{conversation}/transfer/", given).content.decode()

    assert "You were signed out in the meantime. Nothing was lost" in page
    assert 'href="/desk/sign-in/"' in page
    for name in ("to", "zone"):
        assert f'<input type="hidden" name="{name}" value="{given[name]}">' in page
    for name in ("note", "words", "name"):
        assert f'name="{name}" rows="2" dir="auto">{given[name]}</textarea>' in page
    assert "my lamp" not in page


@pytest.mark.parametrize("token", ["fresh", "old"])
def test_half_signed_in_again_the_words_are_shown_and_not_said_to_be_ready_to_go(real_line, hotline, staff, token):
    with_app(staff)
    conversation = hotline.conversation()
    half = Client(enforce_csrf_checks=token == "old")
    half.force_login(Staff.objects.get(username="sara"), backend="django.contrib.auth.backends.ModelBackend")

    answer = half.post(f"/desk/c/{conversation}/reply/", {"text": "kept words", "csrfmiddlewaretoken": "old"})

    page = answer.content.decode()
    assert "kept words</textarea>" in page
    assert "You were signed out in the meantime." in page
    assert "signed in again" not in page


def test_words_for_a_conversation_that_is_not_open_any_more_are_shown_again(hotline, seated, mine):
    _client, conversation = mine
    ben = seated("ben")

    held = ben.post(f"/desk/c/{conversation}/reply/", {"text": f"words {MARKED}"})

    page = held.content.decode()
    assert held.status_code == 403
    assert f"words {MARKED}</textarea>" in page
    assert f'href="/desk/c/{conversation}/"' in page
    assert hotline.replies(conversation) == []


def test_a_reply_with_the_token_of_an_ended_session_is_shown_again(hotline, mine, staff):
    _client, conversation = mine
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(Staff.objects.get(username="sara"), backend="django.contrib.auth.backends.ModelBackend")

    answer = strict.post(f"/desk/c/{conversation}/reply/", {"text": "kept words", "csrfmiddlewaretoken": "old"})

    assert answer.status_code == 403
    assert "kept words</textarea>" in answer.content.decode()
    assert hotline.replies(conversation) == []
