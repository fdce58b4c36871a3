"""Looking: who has a conversation open is told to whoever else has, and ends when they leave it."""

from __future__ import annotations

import pytest
from django.utils import timezone

from records.models import Staff
from records.staff import seats


def looking(number, reader) -> list[str]:
    return [one.alias for one in seats.watchers(number, Staff.objects.get(username=reader), timezone.now())]


@pytest.fixture
def two(hotline, seated):
    """Sara and Ben have the same conversation open."""
    sara, ben, number = seated("sara"), seated("ben"), hotline.conversation()
    for client in (sara, ben):
        client.get(f"/desk/c/{number}/")
    return sara, ben, number


def test_who_leaves_looks_no_more_and_the_others_are_told(two, monkeypatch):
    _sara, ben, number = two
    told = []
    monkeypatch.setattr("desk.presence.signals.publish", lambda _topic, ids: told.extend(ids))
    before = looking(number, "sara")

    ben.post("/desk/here/", {"left": number})
    after = looking(number, "sara")
    ben.post("/desk/here/", {"left": number})  # the second time there is nothing to tell
    ben.post("/desk/here/", {"open": number})
    back = looking(number, "sara")
    ben.post("/desk/here/", {"left": number})
    ben.get(f"/desk/c/{number}/")

    assert (before, after, back, looking(number, "sara")) == (["Ben"], [], ["Ben"], ["Ben"])
    assert told == [f"w{number}"] * 4


def test_nobody_makes_a_colleague_leave(two):
    sara, _ben, number = two

    sara.post("/desk/here/", {"left": number})

    assert (looking(number, "sara"), looking(number, "ben")) == (["Ben"], [])


def test_who_signs_out_looks_at_nothing(two):
    _sara, ben, number = two

    ben.post("/desk/sign-out/")

    assert looking(number, "sara") == []


@pytest.mark.parametrize("left", ["", "-1", "p3", "9" * 40, "\u0663"])
def test_what_is_no_number_of_a_conversation_ends_nothing(two, left):
    _sara, ben, number = two

    assert ben.post("/desk/here/", {"left": left, "open": left}).status_code == 204
    assert looking(number, "sara") == ["Ben"]
