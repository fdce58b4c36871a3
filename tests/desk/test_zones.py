"""Whose clock: times stand as the reader's own clock shows them, and the page says which that is."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from desk.account import zones
from desk.seat import todays_name, zone_named
from records.audit import record
from records.models import Case, InboxMessage, Staff
from records.staff.seats import change_seat
from records.states import StaffRole, Theme

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=timezone.utc)
SAID = "Times in the time zone {}"


def chooses(name, zone):
    change_seat(Staff.objects.get(username=name), NOON, capacity=3, time_zone=zone, theme=Theme.AUTO)


@pytest.mark.parametrize(
    ("browser", "chosen", "shown", "named"),
    [
        ("", "", "22 Nov 12:00", "UTC"),
        ("Asia/Bangkok", "", "22 Nov 19:00", "Asia/Bangkok"),
        ("Asia/Bangkok", "America/Bogota", "22 Nov 07:00", "America/Bogota"),
        ("Asia/Calcutta", "", "22 Nov 17:30", "Asia/Kolkata"),
        ("", "Asia/Katmandu", "22 Nov 17:45", "Asia/Kathmandu"),
        ("Mars/Base", "", "22 Nov 12:00", "UTC"),
    ],
)
def test_a_page_writes_times_as_the_browser_does_or_as_was_chosen_and_says_so(
    sara, case_id, browser, chosen, shown, named
):
    sara.post("/desk/here/", {"zone": browser})
    chooses("sara", chosen)
    Case.objects.filter(pk=case_id).update(touched_at=NOON)

    page = sara.get("/desk/cases/").content.decode()

    assert shown in page
    assert SAID.format(named) in page


def test_the_thread_says_the_zone_and_when_a_late_message_was_written_in_it(mine):
    client, number = mine
    InboxMessage.objects.update(received_at=NOON, written_at=NOON.replace(hour=3))
    before = client.get(f"/desk/c/{number}/").content.decode()
    client.post("/desk/here/", {"zone": "Asia/Kathmandu"})

    page = client.get(f"/desk/c/{number}/").content.decode()

    assert "Came late: written at 03:00 UTC" in before
    assert ">12:00 UTC</time>" in before
    assert "Came late: written at 08:45" in page
    assert ">17:45</time>" in page
    assert SAID.format("Asia/Kathmandu") in page
    assert 'data-zone="Asia/Kathmandu"' in page


def test_the_audit_is_in_utc_as_its_head_says_whatever_the_clock(seated):
    audit = seated("ada", StaffRole.AUDITOR)
    audit.post("/desk/here/", {"zone": "Asia/Bangkok"})
    record("hidden", NOON, staff=Staff.objects.get(username="ada"))

    page = audit.get("/desk/").content.decode()

    assert "When (UTC)" in page
    assert ">2026-11-22 12:00:00</time>" in page


@pytest.mark.parametrize("name", ["America", "../../etc/passwd", "/etc/localtime", "x" * 5000, "é", "", "UTC\0"])
def test_what_is_no_zone_is_none(name):
    assert zone_named(name) is None


def test_a_place_stands_in_the_list_once_as_it_is_called_now_and_one_chosen_by_its_old_name_stays_chosen(sara):
    chooses("sara", "Asia/Calcutta")

    page = sara.get("/desk/account/").content.decode()

    assert '<option value="Asia/Kolkata" selected>' in page
    assert "Asia/Calcutta" not in page
    assert "Asia/Saigon" not in page
    assert zones() == tuple(sorted({todays_name(name) for name in zones()}))
