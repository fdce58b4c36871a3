"""Urgent ones that a person gave back to the bot: any worker finds, opens and takes them, in their name, and no others."""

from __future__ import annotations

import pytest
from django.utils import timezone

from records.models import AuditEvent, Conversation
from records.staff import desk
from records.states import Level, Owner, StaffRole
from tests.desk.conftest import MARKED

ADDRESS = "+15005550177"


@pytest.fixture
def left(hotline, seated):
    """Sara had an urgent one, wrote half a reply in it, and gave it back to the bot."""
    sara, number = seated("sara"), hotline.conversation(level=Level.URGENT, address=ADDRESS)
    sara.post(f"/desk/c/{number}/claim/")
    sara.post(f"/desk/c/{number}/draft/", {"text": "half a reply of sara"})
    sara.post(f"/desk/c/{number}/hand-back/", {"to": "bot", "sure": "bot"})
    assert hotline.owner(number) == Owner.BOT
    return number


def did(name):
    rows = AuditEvent.objects.filter(staff__username=name).exclude(action="presence").order_by("pk")
    return list(rows.values_list("action", flat=True))


def test_whoever_opens_and_takes_it_stands_in_the_audit_and_reads_no_more_than_of_one_that_waits(left, seated):
    ben = seated("ben")
    page = ben.get(f"/desk/c/{left}/").content.decode()
    opened = did("ben")
    ben.post(f"/desk/c/{left}/claim/")

    assert MARKED in page
    assert ADDRESS not in page
    assert "half a reply" not in page
    assert opened == ["thread_read"]
    assert did("ben") == ["thread_read", "owner_changed"]
    assert AuditEvent.objects.get(staff__username="ben", action="owner_changed").details["from"] == Owner.BOT


@pytest.mark.parametrize("role", [StaffRole.ADMINISTRATOR, StaffRole.AUDITOR])
def test_who_may_not_read_may_not_read_it_either(left, seated, role):
    client = seated("ada", role)

    assert client.get(f"/desk/c/{left}/").status_code == 403
    assert client.post(f"/desk/c/{left}/claim/").status_code == 403
    assert MARKED not in client.get("/desk/").content.decode()


@pytest.mark.parametrize("change", [{"level": Level.PRIORITY}, {"claimed_at": None}])
def test_not_urgent_any_more_or_never_with_a_person_it_is_closed_to_workers(hotline, left, seated, change):
    ben = seated("ben")
    ben.get(f"/desk/c/{left}/")
    Conversation.objects.filter(pk=left).update(**change)

    answers = [
        ben.get(f"/desk/c/{left}/"),
        ben.get(f"/desk/c/{left}/lines/"),
        ben.post(f"/desk/c/{left}/note/", {"text": "mine"}, headers={"HX-Request": "true"}),
        ben.get(f"/desk/c/{left}/reason/"),
    ]
    ben.post(f"/desk/c/{left}/claim/")

    assert [one.status_code for one in answers] == [403] * 4
    assert hotline.owner(left) == Owner.BOT
    assert f"card-{left}" not in ben.get("/desk/").content.decode()


def test_once_a_colleague_has_taken_it_its_words_need_a_reason_again(left, seated, staff):
    ben = seated("ben")
    ben.get(f"/desk/c/{left}/")
    desk.claim(left, staff("tom"), timezone.now())

    answer = ben.get(f"/desk/c/{left}/")

    assert answer["Location"].startswith(f"/desk/c/{left}/reason/")
