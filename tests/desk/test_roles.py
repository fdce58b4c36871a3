"""Closed by default: every address of the desk, for every role."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import reverse

from desk import urls
from desk.roles import ALLOWED, OPEN_VIEWS, Act, allowed, opened
from records.models import Staff
from records.states import StaffRole

ADDRESSES = [
    (pattern.name, reverse(f"desk:{pattern.name}", args=[1] if "conversation_id" in str(pattern.pattern) else []))
    for pattern in urls.urlpatterns
]
READS = {"queue", "events", "conversation", "lines"}
ANSWERS = {"claim-next", "claim", "reply", "draft", "note", "hand-back", "transfer", "close"}


def test_every_address_is_known_to_this_test():
    names = {name for name, _address in ADDRESSES}

    assert names == READS | ANSWERS | {"sign-in", "sign-out", "home", "audit"}


@pytest.mark.parametrize(("name", "address"), [one for one in ADDRESSES if one[0] not in OPEN_VIEWS])
@pytest.mark.parametrize("method", ["get", "post"])
def test_without_a_session_nothing_opens(db, name, address, method):
    answer = getattr(Client(), method)(address)

    assert answer.status_code == 302
    assert answer["Location"].startswith("/desk/sign-in/")


@pytest.mark.parametrize(("name", "address"), [one for one in ADDRESSES if one[0] in READS | ANSWERS])
@pytest.mark.parametrize("role", [StaffRole.ADMINISTRATOR, StaffRole.AUDITOR])
def test_administrator_and_auditor_reach_no_conversation(hotline, seated, name, address, role):
    hotline.conversation()

    client = seated("nobody", role)

    assert client.get(address).status_code == 403
    assert client.post(address).status_code == 403


@pytest.mark.parametrize("role", [StaffRole.WORKER, StaffRole.SUPERVISOR, StaffRole.ADMINISTRATOR])
def test_only_the_auditor_reads_the_audit(seated, role):
    assert seated("someone", role).get("/desk/audit/").status_code == 403
    assert seated("audit", StaffRole.AUDITOR).get("/desk/audit/").status_code == 200


def test_an_administrator_is_told_that_conversations_are_closed_to_them(hotline, seated):
    hotline.conversation(reasons=("immediate_danger",))

    page = seated("admin", StaffRole.ADMINISTRATOR).get("/desk/")

    assert b"Conversations are closed to you" in page.content
    assert b"In danger now" not in page.content


def test_an_account_that_was_switched_off_is_out_at_once(seated, staff):
    client = seated("sara")
    Staff.objects.filter(username="sara").update(is_active=False)

    assert client.get("/desk/").status_code == 302


def test_a_worker_does_not_see_what_only_the_bot_answers(hotline, seated):
    conversation = hotline.conversation(owner="bot")

    assert seated("sara").get(f"/desk/c/{conversation}/").status_code == 403
    assert seated("nour", StaffRole.SUPERVISOR).get(f"/desk/c/{conversation}/").status_code == 200


def test_every_role_has_its_line_and_an_unknown_one_has_none():
    assert set(ALLOWED) == set(StaffRole)
    assert not allowed(AnonymousUser(), Act.BE_HERE)
    assert not allowed(Staff(username="x", role="owner"), Act.BE_HERE)


def test_a_view_cannot_be_opened_without_being_listed():
    with pytest.raises(ValueError, match="OPEN_VIEWS"):
        opened("reply", lambda request: None)


def test_a_fragment_without_a_session_leads_the_window_to_sign_in(db):
    answer = Client().get("/desk/queue/", headers={"HX-Request": "true"})

    assert answer.status_code == 401
    assert answer["HX-Redirect"] == "/desk/sign-in/"


def test_pages_are_kept_in_no_cache_and_name_no_address_outside(hotline, seated):
    page = seated().get(f"/desk/c/{hotline.conversation()}/")

    assert "no-store" in page["Cache-Control"]
    assert page["Referrer-Policy"] == "same-origin"
    assert "unsafe" not in page["Content-Security-Policy"]


def test_signing_in_works_and_a_wrong_password_says_nothing_more(staff):
    staff("sara", password="sara-password")
    client = Client()

    wrong = client.post("/desk/sign-in/", {"username": "sara", "password": "x"})
    unknown = client.post("/desk/sign-in/", {"username": "who", "password": "x"})
    right = client.post("/desk/sign-in/", {"username": "sara", "password": "sara-password"})

    assert b"do not fit" in wrong.content
    assert b"do not fit" in unknown.content
    assert right["Location"] == "/desk/"
