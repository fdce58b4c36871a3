"""Words half written: drafts, who is seen writing, and what was posted to a page that is not open any more."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client
from django.utils import timezone

from records.models import Draft, Staff
from records.staff import desk, staff_access
from records.states import Owner, StaffRole
from tests.desk.conftest import MARKED
from tests.desk.door import PASSWORD, types, with_app
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


def switch(*, on):
    staff_access.switch(Staff.objects.get(username="sara"), timezone.now(), on=on, by=None)


OFF = "Your account was switched off before this could be sent. Nobody has read it. All of it stands on this page only"


def test_who_was_switched_off_is_told_what_became_of_their_words_and_nothing_is_sent(hotline, mine):
    client, conversation = mine
    switch(on=False)

    first = client.post(f"/desk/c/{conversation}/reply/", {"text": f"words {MARKED}"})
    kept = first.content.decode()
    off = kept.partition('name="off" value="')[2].partition('"')[0]
    led = client.get("/desk/sign-in/").content.decode()  # the session ends with that
    again = client.post(f"/desk/c/{conversation}/reply/", {"text": f"words {MARKED}", "off": off})

    assert (first.status_code, again.status_code) == (401, 401)
    for page in (kept, again.content.decode()):
        assert OFF in page
        assert "back in the queue, where your colleagues see them" in page
        assert f"words {MARKED}</textarea>" in page
        assert "You were signed out in the meantime" not in page
    assert "your account was switched off. What you had not sent was not sent." in led
    assert hotline.replies(conversation) == []
    assert hotline.owner(conversation) == Owner.QUEUE


def test_switched_on_again_the_kept_page_says_no_more_that_the_account_is_off(mine):
    client, conversation = mine
    switch(on=False)
    kept = client.post(f"/desk/c/{conversation}/reply/", {"text": "my words"}).content.decode()
    off = kept.partition('name="off" value="')[2].partition('"')[0]
    switch(on=True)

    page = Client().post(f"/desk/c/{conversation}/reply/", {"text": "my words", "off": off}).content.decode()

    assert OFF not in page
    assert "You were signed out in the meantime" in page


@pytest.mark.parametrize("off", ["", "1", "1:made-up"])
def test_who_was_never_in_whole_is_not_told_that_an_account_is_off(real_line, hotline, staff, off):
    with_app(staff)
    conversation = hotline.conversation()
    half = Client()
    half.force_login(Staff.objects.get(username="sara"), backend="django.contrib.auth.backends.ModelBackend")
    switch(on=False)

    for one in (half, Client()):
        answer = one.post(f"/desk/c/{conversation}/reply/", {"text": "my words", "off": off})
        by_script = one.post(f"/desk/c/{conversation}/reply/", {"text": "x"}, headers={"HX-Request": "true"})

        assert "switched off" not in answer.content.decode()
        assert "Desk-Off" not in by_script


def test_a_script_is_told_that_the_account_was_switched_off_and_not_where_nothing_was(mine):
    client, conversation = mine
    signed_out = Client().post(f"/desk/c/{conversation}/reply/", {"text": "x"}, headers={"HX-Request": "true"})
    switch(on=False)

    answer = client.post(f"/desk/c/{conversation}/reply/", {"text": "x"}, headers={"HX-Request": "true"})

    assert (signed_out.status_code, answer.status_code) == (401, 401)
    assert ("Desk-Off" in signed_out, answer["Desk-Off"]) == (False, "1")


def test_what_was_pressed_by_who_is_switched_off_does_not_send_them_to_sign_in_in_vain(mine):
    client, _conversation = mine
    switch(on=False)

    page = client.post("/desk/claim-next/", follow=True).content.decode()

    assert "your account was switched off. What you had not sent was not sent." in page
    assert "sign in, then press it again" not in page


def test_signing_in_says_the_same_to_who_is_off_to_a_wrong_password_and_to_nobody(staff):
    staff("sara", password=PASSWORD)
    switch(on=False)
    staff("ben", password=PASSWORD)

    said = {
        types(Client(), password, name).content.decode().partition('role="alert">')[2].partition("<")[0]
        for password, name in ((PASSWORD, "sara"), ("a guess", "sara"), ("a guess", "ben"), (PASSWORD, "nobody"))
    }

    [sentence] = said
    assert "do not fit, or the account is switched off" in sentence
    assert "what you had not sent was not sent" in sentence


def test_words_in_any_field_are_shown_again_after_the_session_ended_and_no_secret_is(hotline, mine):
    client, conversation = mine
    client.logout()
    given = {
        "to": "queue",
        "for_them": "ask",
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
    for name in ("for_them", "words", "name"):
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
