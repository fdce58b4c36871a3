"""What is closed opens for who has the key: by password, from a colleague, and after a new password."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from desk import keyring
from records.models import AuditEvent, Conversation, InboxMessage
from records.sealing import closing
from records.staff import desk
from records.states import StaffRole
from tests.desk.conftest import MARKED
from tests.desk.door import PASSWORD, shows, types, with_app

pytestmark = pytest.mark.usefixtures("quick")


def closes_one(hotline, sara):
    number = hotline.conversation()
    desk.claim(number, sara, timezone.now())
    desk.close(number, sara, "helped", timezone.now())
    Conversation.objects.filter(pk=number).update(claimed_by=sara)
    InboxMessage.objects.update(status="done")
    assert closing.seal_closed(timezone.now()) == 1
    return number


def test_what_is_closed_opens_for_who_typed_the_password_in_this_process(hotline, staff):
    sara = staff("sara", password=PASSWORD)
    client = Client()
    types(client)
    number = closes_one(hotline, sara)
    assert MARKED in client.get(f"/desk/c/{number}/").content.decode()

    keyring.drop(client.session.session_key)  # the process was started again

    assert client.get(f"/desk/c/{number}/")["Location"] == f"/desk/unlock/?next=%2Fdesk%2Fc%2F{number}%2F"
    unlocked = client.post("/desk/unlock/", {"password": PASSWORD, "next": f"/desk/c/{number}/"}, follow=True)
    assert MARKED in unlocked.content.decode()


def test_a_colleague_who_came_later_is_given_the_keys_by_a_supervisor(hotline, staff):
    sara = staff("sara", password=PASSWORD)
    nour = staff("nour", role=StaffRole.SUPERVISOR, password=PASSWORD)
    clients = {name: Client() for name in ("sara", "nour", "lee")}
    types(clients["sara"])
    types(clients["nour"], name="nour")
    number = closes_one(hotline, sara)
    lee = staff("lee", role=StaffRole.SUPERVISOR, password=PASSWORD)
    types(clients["lee"], name="lee")
    assert b"You have no key" in clients["lee"].get(f"/desk/c/{number}/").content

    clients["nour"].post(f"/desk/people/{lee.pk}/share/")

    assert MARKED in clients["lee"].get(f"/desk/c/{number}/").content.decode()
    assert AuditEvent.objects.get(action="keys_shared").details == {"to": lee.pk, "count": 1}
    assert nour.pk == AuditEvent.objects.get(action="keys_shared").staff_id


def test_a_new_password_of_ones_own_keeps_what_is_closed(hotline, staff):
    sara = staff("sara", password=PASSWORD)
    client = Client()
    types(client)
    number = closes_one(hotline, sara)
    assert client.post("/desk/account/password/", {"password": "short", "again": "short"}).status_code == 422
    new = "quite another lamp"

    client.post("/desk/account/password/", {"password": new, "again": new})

    assert types(client).status_code == 200
    types(client, new)
    assert MARKED in client.get(f"/desk/c/{number}/").content.decode()


def test_who_stole_a_session_is_out_when_its_person_types_the_password_again(hotline, real_line, staff):
    sara, device = with_app(staff)
    client, thief = Client(), Client()
    types(client)
    shows(client, device)
    number = closes_one(hotline, sara)
    before = thief.cookies["desk"] = client.cookies["desk"].value

    assert client.post("/desk/confirm/", {"password": "x"}).status_code == 200
    assert client.cookies["desk"].value == before
    client.post("/desk/confirm/", {"password": PASSWORD})

    assert client.cookies["desk"].value != before
    assert MARKED in client.get(f"/desk/c/{number}/").content.decode()
    assert thief.get("/desk/")["Location"].startswith("/desk/sign-in/")
