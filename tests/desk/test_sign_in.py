"""Signing in: two factors on a real line, no session to plant or to keep, and a storm of guesses that opens nothing."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.test import Client
from django.utils import timezone

from desk import keyring
from records import closing, desk, staff_access, staff_keys
from records.models import AuditEvent, Authenticator, Conversation, RecoveryCodes, Staff
from records.states import StaffRole
from tests.desk.conftest import MARKED

PASSWORD = "a lamp in the harbour"


@pytest.fixture(autouse=True)
def quick(monkeypatch, db):
    """Little work for each password: what is tested is who gets in."""
    for name, value in (("memory_cost", 64), ("time_cost", 1), ("parallelism", 1)):
        monkeypatch.setattr(Argon2PasswordHasher, name, value)
    monkeypatch.setattr(staff_keys, "_MEMORY_KIB", 64)
    monkeypatch.setattr(staff_keys, "_PASSES", 1)
    caches["sign-in"].clear()


def types(client, password=PASSWORD, name="sara", **fields):
    return client.post("/desk/sign-in/", {"username": name, "password": password}, **fields)


def with_app(staff, name="sara", **fields) -> tuple[Staff, Authenticator]:
    one = staff(name, password=PASSWORD, **fields)
    device = Authenticator.new(one)
    Authenticator.objects.update(confirmed=True)
    return one, device


def shows(client, device, at=0.0, **fields):
    return client.post("/desk/second/", {"code": device.code_at(time.time() + at)}, **fields)


def test_a_demo_needs_the_password_only(staff):
    staff("sara", password=PASSWORD)
    client = Client()

    assert types(client)["Location"] == "/desk/"
    assert client.get("/desk/").status_code == 200


def test_on_a_real_line_the_password_leads_to_the_second_factor(real_line, staff):
    _, device = with_app(staff)
    client = Client()

    assert types(client)["Location"] == "/desk/"
    assert client.get("/desk/")["Location"].startswith("/desk/second/")
    assert shows(client, device)["Location"] == "/desk/"
    assert client.get("/desk/").status_code == 200


def test_a_code_counts_once_and_a_wrong_one_makes_wait(real_line, staff):
    _, device = with_app(staff)
    client, other = Client(), Client()
    types(client)
    code = device.code_at(time.time())
    client.post("/desk/second/", {"code": code})

    types(other)
    assert b"does not fit" in other.post("/desk/second/", {"code": code}).content
    assert b"does not fit" in shows(other, device, at=30).content  # right, but too soon after a wrong one


def test_a_recovery_code_opens_once(real_line, staff):
    one, _ = with_app(staff)
    codes = RecoveryCodes.new(one)
    client, other = Client(), Client()

    types(client)
    assert client.post("/desk/second/", {"code": codes[3].upper()})["Location"] == "/desk/"
    types(other)
    assert b"does not fit" in other.post("/desk/second/", {"code": codes[3]}).content

    row = RecoveryCodes.objects.get()
    assert row.left == 9
    assert codes[4] not in str(row.hashes)


def test_who_has_no_factor_sets_one_up_first(real_line, staff):
    one = staff("sara", password=PASSWORD)
    client = Client()
    types(client)

    assert client.get("/desk/second/")["Location"] == "/desk/set-up/"
    assert b"<svg" in client.get("/desk/set-up/app/").content
    device = Authenticator.objects.get(user=one)
    assert client.get("/desk/")["Location"].startswith("/desk/second/")
    done = client.post("/desk/set-up/app/", {"code": device.code_at(time.time())})

    assert done["Location"] == "/desk/account/codes/"
    assert client.get("/desk/account/codes/").content.count(b"<li><code>") == 10
    assert client.get("/desk/account/codes/").status_code == 302  # shown once
    assert client.get("/desk/").status_code == 200


def test_who_knows_only_the_password_adds_no_factor_of_their_own(real_line, staff):
    with_app(staff)
    client = Client()
    types(client)

    assert client.get("/desk/set-up/").status_code == 403
    assert client.get("/desk/set-up/app/").status_code == 403
    assert client.post("/desk/passkey/credential-registration-begin/").status_code == 403


def test_who_stole_a_session_adds_no_factor_without_the_password(real_line, staff, monkeypatch):
    _, device = with_app(staff)
    client = Client()
    types(client)
    shows(client, device)
    assert client.get("/desk/set-up/app/").status_code == 200
    now = time.time()
    monkeypatch.setattr("desk.sessions.time.time", lambda: now + 6 * 60)

    for path in ("/desk/set-up/", "/desk/set-up/app/"):
        assert client.get(path)["Location"].startswith("/desk/confirm/")
    for step in ("begin", "complete"):
        assert client.post(f"/desk/passkey/credential-registration-{step}/").status_code == 403


def test_the_secret_of_the_app_is_sealed(staff):
    _, device = with_app(staff)
    from tests.records.test_sealing import stored_bytes

    assert device.bin_key not in stored_bytes()
    assert device.bin_key.hex().encode() not in stored_bytes()


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
    _, device = with_app(staff)
    first, second = Client(), Client()
    types(first)
    shows(first, device)

    types(second)

    assert first.get("/desk/")["Location"].startswith("/desk/sign-in/")


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

    assert client.post(erase, {"really": "yes"})["Location"] == "/desk/confirm/"
    assert b"does not fit" in client.post("/desk/confirm/", {"password": "x"}).content
    assert client.post("/desk/confirm/", {"password": PASSWORD})["Location"] == "/desk/"
    client.post(erase, {"really": "yes"})

    assert not Conversation.objects.exists()


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


def test_five_guesses_then_nothing_is_hashed_any_more(staff, monkeypatch):
    staff("sara", password=PASSWORD)
    hashed = count_hashes(monkeypatch)
    client = Client()

    answers = [types(client, f"guess {number}") for number in range(8)]

    assert [answer.status_code for answer in answers] == [200] * 4 + [429] * 4
    assert len(hashed) == 5
    assert types(client).status_code == 429  # the right one too, from there


def test_a_name_that_nobody_has_is_answered_and_refused_in_the_same_way(staff, monkeypatch):
    staff("sara", password=PASSWORD)
    pages = {}
    for name in ("sara", "nobody"):
        hashed = count_hashes(monkeypatch)
        caches["sign-in"].clear()
        answers = [types(Client(), "guess", name=name) for _ in range(7)]
        pages[name] = [
            (answer.status_code, answer.content.replace(name.encode(), b""), len(hashed)) for answer in strip(answers)
        ]

    assert pages["sara"] == pages["nobody"]


def strip(answers):
    """Without what differs with each page: its CSRF token."""
    import re

    for answer in answers:
        answer.content = re.sub(rb'csrfmiddlewaretoken" value="\w+"', b"", answer.content)
    return answers


def count_hashes(monkeypatch) -> list[str]:
    hashed: list[str] = []
    for method in ("encode", "verify"):
        real = vars(Argon2PasswordHasher).get(method) or getattr(Argon2PasswordHasher, method)
        while hasattr(real, "counted"):
            real = real.counted

        def counting(self, password, *rest, _real=real):
            hashed.append("x")
            return _real(self, password, *rest)

        counting.counted = real
        monkeypatch.setattr(Argon2PasswordHasher, method, counting)
    return hashed


def test_a_storm_on_one_name_locks_neither_its_person_nor_anybody_else_out(staff, monkeypatch):
    """300 guesses from 60 addresses; benchmarks/sign_in_storm.py does 50 a second for a minute, over HTTP."""
    staff("sara", password=PASSWORD)
    staff("ben", password=PASSWORD)
    known = Client()
    assert types(known, REMOTE_ADDR="198.51.100.7").status_code == 302
    known.post("/desk/sign-out/")
    hashed = count_hashes(monkeypatch)

    for number in range(300):
        types(Client(), f"guess {number}", REMOTE_ADDR=f"203.0.113.{number % 60}")

    assert len(hashed) == 60
    assert types(Client(), REMOTE_ADDR="192.0.2.1").status_code == 429  # a stranger with the right password waits
    assert types(known, REMOTE_ADDR="198.51.100.7").status_code == 302  # her own browser does not
    assert types(Client(), name="ben", REMOTE_ADDR="192.0.2.1").status_code == 302


def test_one_address_that_tries_many_names_is_refused_and_others_are_not(staff, monkeypatch):
    staff("sara", password=PASSWORD)
    hashed = count_hashes(monkeypatch)

    for number in range(100):
        types(Client(), "Password1234", name=f"name{number}", REMOTE_ADDR="203.0.113.9")

    assert len(hashed) == 30
    assert types(Client(), REMOTE_ADDR="203.0.113.10").status_code == 302


def test_a_cookie_of_a_known_browser_cannot_be_made_up_or_used_for_another_name(staff):
    staff("sara", password=PASSWORD)
    staff("ben", password=PASSWORD)
    known = Client()
    types(known, name="ben")
    for number in range(70):
        types(Client(), "guess", REMOTE_ADDR=f"203.0.113.{number}")

    forged = Client()
    forged.cookies["desk-device"] = "eyJ4IjoiYSJ9:1abc:xxxx"
    other = Client()
    other.cookies["desk-device"] = known.cookies["desk-device"].value

    assert types(forged, REMOTE_ADDR="192.0.2.1").status_code == 429
    assert types(other, REMOTE_ADDR="192.0.2.1").status_code == 429


def closes_one(hotline, sara):
    number = hotline.conversation()
    desk.claim(number, sara, timezone.now())
    desk.close(number, sara, "helped", timezone.now())
    Conversation.objects.filter(pk=number).update(claimed_by=sara)
    from records.models import InboxMessage

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


def test_every_sign_in_leaves_a_row_and_no_row_holds_a_name_or_address(real_line, staff):
    _, device = with_app(staff)
    client = Client()
    types(client, REMOTE_ADDR="198.51.100.7")
    shows(client, device)

    rows = list(AuditEvent.objects.values_list("action", "details"))

    assert {action for action, _ in rows} >= {"signed_in", "factor_shown"}
    assert "198.51" not in str(rows)
    assert timedelta(minutes=1) > timezone.now() - AuditEvent.objects.latest("pk").at
