"""Giving it to a colleague: who is not there or has enough is asked about, and no note is lost on the way."""

from __future__ import annotations

import uuid

import pytest
from django.utils import timezone

from records.models import Conversation, Draft, Note, Seat, Staff
from records.staff import desk, seats
from records.states import DraftKind, Level, Owner, Presence, StaffRole
from tests.desk.conftest import MARKED

NOTE = f"two children with her {MARKED}"


@pytest.fixture
def ben(staff):
    one = staff("ben")
    seats.be_here(one, timezone.now(), active=True)
    return one


def gives(client, number, to, **more):
    return client.post(f"/desk/c/{number}/transfer/", {"to": to, "for_them": NOTE, **more})


def holder(number):
    return Conversation.objects.get(pk=number).claimed_by.username


def fill(hotline, one, many=3):
    for _ in range(many):
        desk.claim(hotline.conversation(), one, timezone.now())


@pytest.mark.parametrize(
    ("ben_is", "why"),
    [
        ("away", "Not given yet: Ben is away. It would go back to the queue after 15 minutes away."),
        ("on a break", "Not given yet: Ben is on a break. It would go back to the queue after 15 minutes of it."),
        ("full", "Not given yet: Ben holds 3 of 3."),
    ],
)
def test_whoever_is_not_there_or_has_enough_is_asked_about_and_the_note_stays_in_the_form(
    hotline, mine, ben, ben_is, why
):
    sara, number = mine
    if ben_is == "full":
        fill(hotline, ben)
    else:
        Seat.objects.filter(staff=ben).update(presence=Presence.AWAY if ben_is == "away" else Presence.BREAK)

    asked = gives(sara, number, ben.pk)
    asked_page, before = asked.content.decode(), holder(number)
    other = gives(sara, number, ben.pk, sure="0")
    sure = gives(sara, number, ben.pk, sure=ben.pk)

    assert asked.status_code == other.status_code == 422
    assert f"{why} Choose somebody else, or give it all the same." in asked_page
    assert 'id="give" open>' in asked_page
    assert f">{NOTE}</textarea>" in asked_page
    assert f'<option value="{ben.pk}" selected>' in asked_page
    assert "Transfer all the same" in asked_page
    assert before == "sara"
    assert sure.status_code == 302
    assert holder(number) == "ben"
    assert Note.objects.count() == 1


def test_an_urgent_one_may_go_over_what_a_colleague_takes(hotline, mine, ben):
    sara, number = mine
    fill(hotline, ben)
    Conversation.objects.filter(pk=number).update(level=Level.URGENT)

    assert gives(sara, number, ben.pk).status_code == 302
    assert holder(number) == "ben"


def test_who_does_not_work_here_any_more_is_given_nothing_and_the_note_stays(mine, ben):
    sara, number = mine
    Staff.objects.filter(pk=ben.pk).update(is_active=False)

    refused = gives(sara, number, ben.pk, sure=ben.pk)

    assert refused.status_code == 422
    assert "Not given: Ben does not work here any more. Choose somebody else." in refused.content.decode()
    assert f">{NOTE}</textarea>" in refused.content.decode()
    assert holder(number) == "sara"


@pytest.mark.parametrize("to", ["ben", "language:my"])
def test_taken_meanwhile_by_a_supervisor_the_note_is_kept_as_a_draft_and_read_by_nobody_else(mine, ben, staff, to):
    sara, number = mine
    nour, now = staff("nour", StaffRole.SUPERVISOR), timezone.now()
    desk.save_draft(number, Staff.objects.get(username="sara"), "begun before", now, kind=DraftKind.NOTE)
    desk.take_over(number, nour, now)

    refused = gives(sara, number, ben.pk if to == "ben" else to)
    again = gives(sara, number, ben.pk if to == "ben" else to).content.decode()
    desk.transfer(number, nour, Staff.objects.get(username="sara"), now)
    back = sara.get(f"/desk/c/{number}/").content.decode()

    page = refused.content.decode()
    kept = f"begun before\n\n{NOTE}</textarea>"
    assert refused.status_code == 409
    assert "Nothing was changed. Nour has this conversation." in page
    assert "Your note was not given to anybody" in page
    assert kept in page
    assert kept in again, "pressed twice it is there once"
    assert kept in back
    assert Note.objects.count() == 0


def test_gone_back_to_the_queue_meanwhile_the_note_stands_in_the_box_for_notes(hotline, mine, ben):
    sara, number = mine
    desk.give_back_for(Staff.objects.get(username="sara"), timezone.now())

    page = gives(sara, number, ben.pk).content.decode()

    assert "Nothing was changed. It waits in the queue: claim it first." in page
    assert f">{NOTE}</textarea>" in page
    assert hotline.owner(number) == Owner.QUEUE


def test_a_stranger_to_it_leaves_no_note_in_it(hotline, mine, ben, seated):
    _sara, number = mine

    refused = gives(seated("tom"), number, ben.pk)

    assert refused.status_code == 403
    assert f">{NOTE}</textarea>" in refused.content.decode()
    assert Note.objects.count() == 0


def test_pressed_twice_it_is_given_once_with_one_note_and_no_draft_is_left_of_it(mine, ben):
    sara, number = mine
    token = str(uuid.uuid4())

    answers = [gives(sara, number, ben.pk, token=token).status_code for _ in range(2)]

    assert answers == [302, 302]
    assert holder(number) == "ben"
    assert (Note.objects.count(), Draft.objects.count()) == (1, 0)
