"""Closed by default: every address of the desk, for every role."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import get_resolver

from content.source import ROOT
from desk.roles import ALLOWED, HALF_OPEN_VIEWS, MAY_INVITE, OPEN_VIEWS, Act, allowed, opened
from records.models import RecoveryCodes, Staff
from records.states import READS, StaffRole

PARTS = {
    "int": 1,
    "slug": "person",
    "str": "x",
    "string": "x",
    "path": "x",
    "uuid": "00000000-0000-0000-0000-000000000001",
}
MACHINES = (
    "/channels/",
    "/healthz",
    "/livez",
    "/readyz",
    "/metrics",
    "/.well-known/security.txt",
    "/robots.txt",
)  # each has a lock of its own, and tests in tests/channels
ABOUT_WHOM = {
    "start-anew",
    "shut-out",
    "switch",
    "sign-out-everywhere",
}  # refused by whose account it is, too: test_people.py
READING = {
    Act.SUPERVISE,
    Act.READ,
    Act.ANSWER,
    Act.SEE_BOT_ONLY,
    Act.FIND_BY_NUMBER,
    Act.EXPORT,
    Act.ERASE,
    Act.SHARE_KEYS,
}


def every_address(patterns=None, prefix="", what=lambda kind, _name: PARTS[kind]):
    """Every address of the project: (name, path, view), read from the URLs themselves; `what` fills the brackets."""
    found = []
    for one in patterns if patterns is not None else get_resolver().url_patterns:
        route = prefix + str(one.pattern)
        if hasattr(one, "url_patterns"):
            found += every_address(one.url_patterns, route, what)
        else:
            path = re.sub(r"<(?:(\w+):)?(\w+)>", lambda m: str(what(m[1] or "str", m[2])), route)
            found.append((one.name, "/" + path, one.callback))
    return found


ADDRESSES = every_address()
DESK = [(name, address, view) for name, address, view in ADDRESSES if address.startswith("/desk/")]
LOCKED = [(name, address, view.act) for name, address, view in DESK if hasattr(view, "act")]


def test_no_address_without_a_decision():
    undecided = [
        address
        for name, address, view in ADDRESSES
        if not (
            hasattr(view, "act")
            or name in OPEN_VIEWS | HALF_OPEN_VIEWS
            or address.startswith(MACHINES)
            or address.startswith("/try/")  # in a demo only; test_try_out.py holds its lock
        )
    ]

    assert undecided == []
    assert len(LOCKED) > 30


def test_without_a_session_nothing_opens(db):
    opened_up = [
        (name, method)
        for name, address, _view in DESK
        if name not in OPEN_VIEWS
        for method in ("get", "post")
        if not leads_to_sign_in(getattr(Client(), method)(address))
    ]

    assert opened_up == []


def leads_to_sign_in(answer) -> bool:
    return answer.status_code == 401 or (answer.status_code == 302 and answer["Location"].startswith("/desk/sign-in/"))


@pytest.mark.parametrize("role", list(StaffRole))
def test_every_address_by_every_role(hotline, staff, role):
    """403 exactly where the role has not the act: never a page, never a change, and never a lock too many."""
    hotline.conversation()
    one = staff("someone", role)
    wrong = []
    client = Client()
    client.force_login(one, backend="django.contrib.auth.backends.ModelBackend")
    session = client.cookies["desk"].value
    for name, address, act in LOCKED:
        if name in ("events", "sign-out"):
            continue  # a stream: test_live.py; the way out is everybody's
        for method in ("get", "post"):
            if (
                client.cookies["desk"].value != session
                or "_auth_user_id" not in client.session
                or "hidden" in client.session
            ):
                client = Client()
                client.force_login(one, backend="django.contrib.auth.backends.ModelBackend")
                session = client.cookies["desk"].value
            answer = getattr(client, method)(address)
            refused = answer.status_code == 403
            if name in ABOUT_WHOM and refused:
                continue
            if refused == (act in ALLOWED[role]) or leads_to_sign_in(answer):
                wrong.append((name, method, answer.status_code))

    assert wrong == []


@pytest.mark.parametrize("role", [StaffRole.ADMINISTRATOR, StaffRole.AUDITOR])
def test_administrator_and_auditor_have_no_act_that_reads(role):
    assert not ALLOWED[role] & READING


def test_nobody_can_invite_themselves_into_conversations():
    for role, may in MAY_INVITE.items():
        if not ALLOWED[role] & READING:
            assert not any(ALLOWED[other] & READING for other in may)


def test_the_keys_of_what_is_closed_go_to_those_who_may_read():
    assert {role for role in StaffRole if Act.READ in ALLOWED[role]} == set(READS)


@pytest.mark.parametrize("role", list(StaffRole))
def test_with_the_password_alone_a_real_line_opens_nothing(real_line, hotline, staff, role):
    one = staff("someone", role)
    RecoveryCodes.new(one)
    client = Client()
    client.force_login(one, backend="django.contrib.auth.backends.ModelBackend")

    answers = {name: client.post(address) for name, address, _act in LOCKED if name not in ("events", "sign-out")}

    led = {name for name, answer in answers.items() if answer.get("Location", "").startswith("/desk/second/")}
    assert set(answers) - led == set()


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
    assert answer["HX-Redirect"] == "/desk/sign-in/?next=%2Fdesk%2F"


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


def test_the_page_about_the_desk_says_what_each_role_may_do():
    page = (ROOT / "docs" / "desk.md").read_text("utf-8")

    for act in Act:
        marks = " | ".join("yes" if act in ALLOWED[role] else "" for role in StaffRole)
        assert f"| {act.value} | {marks} |" in page
