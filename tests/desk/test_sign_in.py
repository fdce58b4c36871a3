"""Signing in: two factors on a real line, each of them asked for, and what is kept of it."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from records.models import AuditEvent, Authenticator, RecoveryCodes
from records.states import StaffRole
from tests.desk.door import PASSWORD, shows, types, with_app

pytestmark = pytest.mark.usefixtures("quick")


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


@pytest.mark.parametrize(("tries", "told"), [(3, False), (4, True)])
def test_many_wrong_codes_are_told_to_their_person_and_on_people(real_line, staff, tries, told):
    sara, _ = with_app(staff)
    _, hers = with_app(staff, "nour", role=StaffRole.SUPERVISOR)
    code, thief, nour, client = RecoveryCodes.new(sara)[0], Client(), Client(), Client()
    types(thief)
    for _try in range(tries):
        thief.post("/desk/second/", {"code": "000000"})
    Authenticator.objects.update(throttling_failure_timestamp=None, throttling_failure_count=0)
    RecoveryCodes.objects.update(throttling_failure_timestamp=None, throttling_failure_count=0)

    types(nour, name="nour")
    shows(nour, hers)
    people = nour.get("/desk/people/").content.decode()
    types(client)
    client.post("/desk/second/", {"code": code})
    board = client.get("/desk/").content.decode()

    assert (f"{tries} wrong codes in 24 hours" in people) is told
    assert (f"Since you were last here: {tries} wrong codes." in board) is told


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


def test_a_right_recovery_code_opens_at_once_after_any_wrong_ones_and_an_app_still_waits(real_line, staff):
    one, device = with_app(staff)
    codes = RecoveryCodes.new(one)
    client, other = Client(), Client()
    types(client)
    types(other)

    for wrong in ("000000", codes[2][:-1] + "x", "000000"):
        refused = client.post("/desk/second/", {"code": wrong}).content
    app = shows(other, device)
    opened = client.post("/desk/second/", {"code": codes[2]})

    assert b"A recovery code: look at each letter again" in refused
    assert b"does not fit" in app.content
    assert opened["Location"] == "/desk/"
    assert RecoveryCodes.objects.get().left == 9


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


def test_a_right_code_just_after_a_wrong_one_is_told_to_wait(real_line, staff):
    one = staff("sara", password=PASSWORD)
    client = Client()
    types(client)
    page = client.get("/desk/set-up/")
    client.get("/desk/set-up/app/")
    device = Authenticator.objects.get(user=one)

    client.post("/desk/set-up/app/", {"code": "000000"})
    told = client.post("/desk/set-up/app/", {"code": device.code_at(time.time())}).content

    assert b"wait for a new code" in told
    assert b"Go on" not in page.content  # there is no passkey yet to go on with


def test_who_looked_at_the_set_up_before_its_owner_does_not_hold_the_same_app(real_line, staff):
    staff("sara", password=PASSWORD)
    stranger, owner = Client(), Client()
    types(stranger)
    stranger.get("/desk/set-up/app/")
    seen = Authenticator.objects.get()

    types(owner)
    owner.get("/desk/set-up/app/")
    mine = Authenticator.objects.get()
    owner.post("/desk/set-up/app/", {"code": mine.code_at(time.time())})

    assert mine.uid != seen.uid
    assert mine.bin_key != seen.bin_key
    assert Authenticator.objects.get().confirmed


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


def test_whose_factors_the_operator_takes_is_signed_out_and_sets_up_none_without_the_password(real_line, staff):
    one, device = with_app(staff)
    holds_the_lost_phone = Client()
    types(holds_the_lost_phone)
    shows(holds_the_lost_phone, device)
    assert holds_the_lost_phone.get("/desk/").status_code == 200

    call_command("staff", "factors", one.username)

    for path in ("/desk/", "/desk/set-up/", "/desk/set-up/app/"):
        assert holds_the_lost_phone.get(path)["Location"].startswith("/desk/sign-in/")
    told = [row.action for row in AuditEvent.objects.order_by("-pk")[:3]]
    assert told == ["presence", "sessions_ended", "factors_forgotten"]  # and they are away at once


def test_the_secret_of_the_app_is_sealed(staff):
    _, device = with_app(staff)
    from tests.records.test_sealing import stored_bytes

    assert device.bin_key not in stored_bytes()
    assert device.bin_key.hex().encode() not in stored_bytes()


def test_every_sign_in_leaves_a_row_and_no_row_holds_a_name_or_address(real_line, staff):
    _, device = with_app(staff)
    client = Client()
    types(client, REMOTE_ADDR="198.51.100.7")
    shows(client, device)

    rows = list(AuditEvent.objects.values_list("action", "details"))

    assert {action for action, _ in rows} >= {"signed_in", "factor_shown"}
    assert "198.51" not in str(rows)
    assert timedelta(minutes=1) > timezone.now() - AuditEvent.objects.latest("pk").at
