"""Who is missing on the day somebody writes is told by the doctor before."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from lantern.config import Secret, Settings
from lantern.doctor.people import PeopleCheck
from records.models import Staff
from records.sealing.staff_keys import new_recovery_key
from records.staff.alerts import set_address
from records.states import AlertBy

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, tzinfo=timezone.utc)


def told(**fields):
    check = PeopleCheck(Settings(telegram_token=Secret("1:x"), **fields))
    found = list(check.judge())
    return {
        mark: " | ".join(one.sentence for one in found if one.wrong is (mark == "wrong")) for mark in ("wrong", "note")
    }


def person(name, role, password="a long enough one"):
    return Staff.objects.create_user(name, password, role=role)


def test_a_line_at_which_nobody_can_sign_in_is_told():
    person("invited", "worker", password=None)

    assert "nobody can sign in" in told()["wrong"]
    assert "no recovery key" in told()["wrong"]


def test_a_line_without_its_roles_is_told():
    person("ada", "auditor")

    assert "nobody can answer" in told()["wrong"]
    assert "no administrator" in told()["wrong"]
    assert "nobody is told at night" in told()["wrong"]

    person("sam", "supervisor")
    person("ben", "administrator")

    assert "nobody can answer" not in told()["wrong"]
    assert "there is no worker" in told()["note"]
    assert "one administrator" in told()["note"]


def test_a_line_with_everybody_it_needs_is_in_order():
    mara = person("mara", "worker")
    for name in ("ben", "eve"):
        person(name, "administrator")
    set_address(mara, AlertBy.EMAIL, "mara@example.org", NOW)
    new_recovery_key(NOW)

    assert told() == {"wrong": "", "note": ""}


def test_an_account_that_is_off_counts_for_nothing():
    mara = person("mara", "worker")
    mara.is_active = False
    mara.save()

    assert "nobody can sign in" in told()["wrong"]


def test_a_demo_has_accounts_of_its_own():
    assert list(PeopleCheck(Settings()).judge()) == []
