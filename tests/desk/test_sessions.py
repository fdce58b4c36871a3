"""Sessions: none to plant, to steal or to keep, one a person, and an end to each."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from content.source import ROOT
from records.models import Authenticator, Conversation, Staff
from records.staff import staff_access
from records.states import StaffRole
from tests.desk.door import PASSWORD, shows, types, with_app

pytestmark = pytest.mark.usefixtures("quick")


def test_a_session_that_somebody_planted_is_not_the_one_that_is_signed_in(real_line, staff):
    _, device = with_app(staff)
    client = Client()
    client.get("/desk/sign-in/")
    planted = client.session
    planted["x"] = 1
    planted.save()
    client.cookies["desk"] = planted.session_key

    types(client)
    half = client.cookies["desk"].value
    shows(client, device)
    whole = client.cookies["desk"].value

    assert len({planted.session_key, half, whole}) == 3
    for thief_has in (planted.session_key, half):
        thief = Client()
        thief.cookies["desk"] = thief_has
        assert thief.get("/desk/")["Location"].startswith("/desk/sign-in/")


def test_a_stolen_cookie_is_worth_nothing_after_signing_out(real_line, staff):
    _, device = with_app(staff)
    client, thief = Client(), Client()
    types(client)
    shows(client, device)
    thief.cookies["desk"] = client.cookies["desk"].value
    assert thief.get("/desk/").status_code == 200

    client.post("/desk/sign-out/")

    assert thief.get("/desk/")["Location"].startswith("/desk/sign-in/")


def test_a_stolen_database_signs_nobody_in(real_line, staff):
    _, device = with_app(staff)
    client, thief = Client(), Client()
    types(client)
    shows(client, device)
    in_the_browser = client.cookies["desk"].value
    from tests.records.test_sealing import stored_bytes

    assert in_the_browser.encode() not in stored_bytes()
    for in_the_database in Session.objects.values_list("pk", flat=True):
        thief.cookies["desk"] = in_the_database
        assert thief.get("/desk/")["Location"].startswith("/desk/sign-in/")
    assert client.get("/desk/").status_code == 200


def test_a_session_leaves_no_row_when_it_ends_and_none_when_its_time_is_over(real_line, staff):
    _, device = with_app(staff)
    client, idle = Client(), Client()
    types(client)
    shows(client, device)
    client.post("/desk/sign-out/")
    assert not Session.objects.exists()

    types(idle)
    staff_access.forget_old_sessions(timezone.now())
    assert Session.objects.count() == 1
    staff_access.forget_old_sessions(timezone.now() + timedelta(hours=13))

    assert not Session.objects.exists()


def test_one_person_is_signed_in_at_one_place(real_line, staff):
    first, second = _whole(staff), Client()

    types(second)
    shows(second, Authenticator.objects.get(), at=30)

    assert second.get("/desk/").status_code == 200
    assert first.get("/desk/")["Location"].startswith("/desk/sign-in/")


def test_who_has_the_password_only_ends_no_session_of_its_person(real_line, staff):
    person, thief = _whole(staff), Client()

    types(thief)
    assert thief.get("/desk/")["Location"].startswith("/desk/second/")
    assert b"does not fit" in thief.post("/desk/second/", {"code": "000000"}).content

    assert person.get("/desk/").status_code == 200


def test_a_sign_in_that_stays_half_way_ends_with_the_others(real_line, staff):
    _whole(staff)
    half = Client()
    types(half)

    staff_access.end_sessions(Staff.objects.get(), timezone.now(), by=None)

    assert half.get("/desk/second/")["Location"].startswith("/desk/sign-in/")
    assert b"id_password" in half.get("/desk/", follow=True).content


def _whole(staff):
    _, device = with_app(staff)
    client = Client()
    types(client)
    shows(client, device)
    return client


def _elsewhere(monkeypatch):
    second = Client()
    types(second)
    shows(second, Authenticator.objects.get(), at=30)


def _chosen():
    staff_access.set_password(Staff.objects.get(), PASSWORD, timezone.now())


def _switched(*, on):
    staff_access.switch(Staff.objects.get(), timezone.now(), on=on, by=None)


def _anew():
    staff_access.start_anew(Staff.objects.get(), timezone.now(), by=None)


def _later(hours):
    def pass_by(monkeypatch):
        now = time.time()
        monkeypatch.setattr("desk.sessions.time.time", lambda: now + hours * 3600)

    return pass_by


@pytest.mark.parametrize(
    "ends",
    [
        _elsewhere,
        _later(1.1),
        _later(12.1),
        lambda _: staff_access.end_sessions(Staff.objects.get(), timezone.now(), by=None),
        lambda _: staff_access.set_password(Staff.objects.get(), PASSWORD, timezone.now()),
        lambda _: staff_access.switch(Staff.objects.get(), timezone.now(), on=False, by=None),
    ],
    ids=["signed in elsewhere", "idle", "too old", "signed out by somebody", "new password", "switched off"],
)
@pytest.mark.parametrize("address", ["/desk/", "/desk/sign-in/", "/desk/second/"])
def test_who_comes_with_an_ended_session_sees_the_form_and_loses_the_cookie(
    real_line, staff, monkeypatch, ends, address
):
    client = _whole(staff)

    ends(monkeypatch)
    page = client.get(address, follow=True)

    assert (page.status_code, page.request["PATH_INFO"]) == (200, "/desk/sign-in/")
    assert b"id_password" in page.content
    assert client.cookies["desk"].value == ""


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        (_elsewhere, "You were signed out here: you signed in at another place since."),
        (_later(1.1), "You were signed out: nothing was done at this desk for 60 minutes."),
        (_later(12.1), "You were signed out: a session lasts 12 hours at most."),
        (lambda _: staff_access.end_sessions(Staff.objects.get(), timezone.now(), by=None), "has ended your sessions."),
        (lambda _: _chosen(), "You were signed out: this account has a new password since."),
        (lambda _: _switched(on=False), "You were signed out: your account was switched off."),
        (lambda _: (_switched(on=False), _switched(on=True)), "You were signed out: your account was switched off."),
        (lambda _: _anew(), "has ended your sessions."),
        (lambda _: (_anew(), _chosen()), "You were signed out: this account has a new password since."),
    ],
    ids=["signed in elsewhere", "idle", "too old", "signed out by somebody", "new password", "switched off",
         "off and on", "a new start", "a new start that was used"],
)  # fmt: skip
@pytest.mark.parametrize("by_script", [False, True])
def test_the_sign_in_page_says_why_to_the_browser_that_was_signed_in(
    real_line, staff, monkeypatch, ends, said, by_script
):
    client = _whole(staff)

    ends(monkeypatch)
    client.get("/desk/queue/", headers={"HX-Request": "true"})  # what a page fetches by itself leaves the reason there
    led = client.get("/desk/queue/", headers={"HX-Request": "true"} if by_script else {})
    page = client.get(led["HX-Redirect"] if by_script else led["Location"]).content.decode()

    assert said in page
    assert "signed out" not in Client().get("/desk/", follow=True).content.decode()
    assert "signed out" not in Client().get("/desk/sign-in/?ended=page").content.decode()
    assert "has ended" not in types(client, "a guess").content.decode()


@pytest.mark.parametrize("ends", [_chosen, lambda: _switched(on=False), _anew],
                         ids=["new password", "switched off", "a new start"])  # fmt: skip
def test_who_showed_a_password_only_is_not_told_what_its_person_did_since(real_line, staff, ends):
    with_app(staff)
    thief = Client()
    types(thief)

    ends()

    page = thief.get("/desk/", follow=True).content.decode()
    assert "Your session has ended." in page
    assert "signed out" not in page


def test_who_chose_the_password_here_is_told_once(real_line, staff):
    client = _whole(staff)
    other = "three boats and a kettle"

    page = client.post("/desk/account/password/", {"password": other, "again": other}, follow=True).content.decode()

    assert "You are signed out everywhere: sign in with the new one." in page
    assert "this account has a new password since" not in page


@pytest.mark.parametrize("token", ["of the page", "old"])
@pytest.mark.parametrize("path", ["claim-next/", "presence/"])
def test_what_is_pressed_after_signing_out_says_that_nothing_was_done_and_where_to_sign_in(hotline, staff, path, token):
    staff("sara", password=PASSWORD)
    client = Client(enforce_csrf_checks=True)
    form = _form(client.get("/desk/sign-in/"))
    client.post("/desk/sign-in/", {"username": "sara", "password": PASSWORD, **form})
    form = _form(client.get("/desk/"))
    client.post("/desk/sign-out/", form)

    given = form if token == "of the page" else {"csrfmiddlewaretoken": "old"}
    page = client.post(f"/desk/{path}", given, follow=True)

    assert (page.status_code, page.request["PATH_INFO"]) == (200, "/desk/sign-in/")
    assert b"Your session has ended." in page.content
    assert b"Nothing was done: sign in, then press it again." in page.content


def _form(page):
    return {"csrfmiddlewaretoken": page.content.decode().partition('csrfmiddlewaretoken" value="')[2].partition('"')[0]}


def test_after_an_ended_session_one_signs_in_again_in_the_same_browser(real_line, staff):
    client = _whole(staff)
    staff_access.end_sessions(Staff.objects.get(), timezone.now(), by=None)

    types(client)
    shows(client, Authenticator.objects.get(), at=30)

    assert client.get("/desk/").status_code == 200


def test_sessions_end_when_somebody_ends_them_or_the_password_changes(real_line, staff):
    sara, device = with_app(staff)
    for how in (
        lambda: staff_access.end_sessions(sara, timezone.now(), by=None),
        lambda: staff_access.set_password(sara, PASSWORD, timezone.now()),
        lambda: staff_access.switch(sara, timezone.now(), on=False, by=None),
    ):
        client = Client()
        types(client)
        Authenticator.objects.update(last_t=-1)
        shows(client, device)
        assert client.get("/desk/").status_code == 200

        how()

        assert client.get("/desk/")["Location"].startswith("/desk/sign-in/")


@pytest.mark.parametrize(("minutes", "stays"), [(59, True), (61, False)])
def test_who_is_idle_is_signed_out(staff, seated, monkeypatch, minutes, stays):
    client = seated("sara")
    now = time.time()
    monkeypatch.setattr("desk.sessions.time.time", lambda: now + minutes * 60)

    assert (client.get("/desk/").status_code == 200) is stays


def test_a_page_that_looks_by_itself_does_not_keep_a_session_alive(seated, monkeypatch):
    client = seated("sara")
    now = time.time()
    for minutes in (30, 59, 61):
        monkeypatch.setattr("desk.sessions.time.time", lambda at=minutes: now + at * 60)
        last = client.get("/desk/queue/", headers={"HX-Request": "true"})

    assert last.status_code == 401


def test_no_session_outlives_a_long_shift(seated, monkeypatch):
    client = seated("sara")
    now = time.time()
    for steps in range(14):
        monkeypatch.setattr("desk.sessions.time.time", lambda at=steps: now + at * 50 * 60)
        assert client.get("/desk/").status_code == 200
    monkeypatch.setattr("desk.sessions.time.time", lambda: now + 12.1 * 3600)

    assert client.get("/desk/")["Location"].startswith("/desk/sign-in/")


def test_what_cannot_be_undone_asks_for_the_password_again(hotline, staff, monkeypatch):
    hotline.conversation(address="+15005550123")
    staff("nour", role=StaffRole.SUPERVISOR, password=PASSWORD)
    client = Client()
    types(client, name="nour")
    now = time.time()
    monkeypatch.setattr("desk.sessions.time.time", lambda: now + 6 * 60)
    erase = f"/desk/contact/{Conversation.objects.get().contact_id}/erase/"

    led = client.post(erase, {"really": "yes"}, headers={"Referer": "http://testserver/desk/contact/"})["Location"]
    assert led == "/desk/confirm/?next=%2Fdesk%2Fcontact%2F&again=1"
    assert b'value="/desk/contact/"' in client.get(led).content
    assert b"does not fit" in client.post("/desk/confirm/", {"password": "x"}).content
    page = client.post(led, {"password": PASSWORD, "next": "/desk/contact/"}, follow=True)
    assert page.request["PATH_INFO"] == "/desk/contact/"
    assert b"Nothing has been done yet. Press it again." in page.content
    assert Conversation.objects.exists()
    client.post(erase, {"really": "yes"})

    assert not Conversation.objects.exists()


def test_whether_a_second_factor_was_shown_is_asked_at_one_door():
    asking = [path.name for path in (ROOT / "desk").rglob("*.py") if "is_verified" in path.read_text("utf-8")]

    assert asking == ["sessions.py"]
