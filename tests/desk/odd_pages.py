"""Pages that no address gives by itself: after an act, without a session, half signed in, and when something is wrong."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest import mock

from django.conf import settings
from django.core.cache import caches
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings
from django.utils import timezone

from desk import keyring
from desk.reader import mark_of
from lantern.config import Secret
from records.models import Case, RecoveryCodes, Staff
from records.sealing import staff_keys
from records.staff import notices, seats, staff_access
from records.states import Presence, StaffRole
from tests.desk.every_page import Page, closed_by, cookies_of, signed_in

TOO_MANY_GUESSES = 6


def odd_pages(hotline, values: dict[str, Any]) -> list[Page]:
    """All of them, each made as a person would come to it."""
    return [*_at_the_door(), *_on_a_real_line(), *_at_work(values), *_wrong(values), *_shut(hotline)]


def _page(name: str, client: Client, path: str, fields: dict[str, Any] | None = None, **more: Any) -> Page:
    """The page that an address gives, or that what was posted there gives."""
    if fields is None:
        return Page(name, path, cookies_of(client), client.get(path, **more))
    return Page(name, path, cookies_of(client), client.post(path, fields, **more), posted=True)


def _at_the_door() -> list[Page]:
    token = staff_access.invite("lee", StaffRole.WORKER, timezone.now(), by=None, alias="Lee")
    guess = {"username": "sara", "password": "a guess"}
    door = [
        _page("sign-in", Client(), "/desk/sign-in/"),
        _page("sign-in-ended", Client(), "/desk/sign-in/?ended=act"),
        _page("sign-in-wrong", Client(), "/desk/sign-in/", guess),
        _page("invitation", Client(), f"/desk/invitation/{token}/"),
        _page("invitation-weak", Client(), f"/desk/invitation/{token}/", {"password": "short", "again": "shor"}),
        _page("try", Client(headers={"host": "127.0.0.1"}), "/try/"),
    ]
    many = [_page("sign-in-too-many", Client(), "/desk/sign-in/", guess) for _ in range(TOO_MANY_GUESSES)]
    caches["sign-in"].clear()
    return [*door, many[-1]]


@contextmanager
def _real_line():
    with override_settings(
        LANTERN=replace(settings.LANTERN, telegram_token=Secret("1:x"), master_key=bytes(range(32)))
    ):
        yield


def _on_a_real_line() -> list[Page]:
    """What a demo does not ask for: the second factor. A browser on the demo is shown what was answered."""
    sara = Staff.objects.get(username="sara")
    with _real_line():
        client = Client()
        client.force_login(sara, backend="django.contrib.auth.backends.ModelBackend")
        first = [_page("set-up", client, "/desk/set-up/"), _page("set-up-app", client, "/desk/set-up/app/")]
        RecoveryCodes.new(sara)
        second = [
            _page("second", client, "/desk/second/"),
            _page("second-wrong", client, "/desk/second/", {"code": "123456"}),
        ]
    RecoveryCodes.objects.all().delete()
    codes = _page("codes", signed_in("sara"), "/desk/account/codes/", {})
    return [replace(page, posted=True) for page in (*first, *second, codes)]


def _at_work(values: dict[str, Any]) -> list[Page]:
    sara, nour, ben = (signed_in(name) for name in ("sara", "nour", "ben"))
    talk = f"/desk/c/{values['conversation_id']['']}/"
    waiting = values["conversation_id"]["waiting"]
    notices.raise_notice(notices.URGENT_NOT_SENT, timezone.now(), conversation_id=waiting, reason="PhoneUnreachable")
    hidden = signed_in("sara")
    hidden.post("/desk/hide/")
    lost = signed_in("sara")
    lost.logout()
    return [
        _page("notices", sara, "/desk/"),
        _page("hidden", hidden, "/desk/hidden/"),
        _page("hidden-wrong", hidden, "/desk/hidden/", {"password": "a guess"}),
        _page("second-look", sara, f"{talk}reply/", {"text": "You are a victim of trafficking."}),
        _page("reply-too-long", sara, f"{talk}reply/", {"text": "a" * 20_000}),
        _page("reply-lost", ben, f"{talk}reply/", {"text": "It is not mine any more."}),
        _page("held", lost, f"{talk}reply/", {"text": "Words that took time."}),
        _page(
            "held-form",
            lost,
            f"{talk}transfer/",
            {"to": "queue", "for_them": "Words that took time.", "why": "And more."},
        ),
        _page(
            "not-yours",
            ben,
            f"{talk}reply/",
            {"text": "Words that took time.", "drawn_for": mark_of(Staff.objects.get(username="sara"))},
        ),
        _page("signing-out", sara, "/desk/sign-out/", {}),
        _page("break-asked", sara, "/desk/presence/", {"is": "break"}),
        _page("earlier", sara, f"{talk}earlier/", {}),
        _page("phrases-found", sara, f"{talk}phrases/", {"q": "", "query": ""}),
        _page("reason-empty", ben, f"{talk}reason/", {"reason": "", "words": ""}),
        _page("contact-found", nour, "/desk/contact/", {"channel": "sms", "address": "+15005550001"}),
        _page("contact-unknown", nour, "/desk/contact/", {"channel": "sms", "address": "5"}),
        _page("invited", nour, "/desk/people/invite/", {"username": "tom", "role": "worker"}),
        _page("invite-wrong", nour, "/desk/people/invite/", {"username": "sara", "role": "worker"}),
        _page("password-weak", sara, "/desk/account/password/", {"password": "short", "again": "shor"}),
        _page("confirm-wrong", sara, "/desk/confirm/", {"password": "a guess"}),
        _page("not-given", sara, f"{talk}transfer/", {"to": on_a_break().pk, "for_them": "Words that took time."}),
    ]


def on_a_break() -> Staff:
    """A colleague to whom nothing is given without a second press."""
    ben = Staff.objects.get(username="ben")
    seats.set_presence(ben, Presence.BREAK, timezone.now())
    return ben


def _wrong(values: dict[str, Any]) -> list[Page]:
    """Forms that were not kept, and the pages for what is not there, not open, unreadable or broken."""
    sara, nour = signed_in("sara"), signed_in("nour")
    case = Case.objects.get(pk=values["case_id"][""])
    service = values["service_id"][""]
    facts = {"version": case.version, "prs_Birthdate": "yesterday", "prs_NumberOfChildren": "many"}
    strict = Client(enforce_csrf_checks=True)
    with mock.patch("desk.pages.board", side_effect=RuntimeError):
        careless = Client(raise_request_exception=False)
        careless.cookies = sara.cookies
        broken = _page("broken", careless, "/desk/")
    return [
        replace(broken, posted=True),
        _page("facts-wrong", sara, f"/desk/cases/{case.pk}/facts/", facts),
        _page("case-new-wrong", sara, "/desk/cases/new/", {"about": "nobody"}),
        _page("service-wrong", nour, f"/desk/directory/{service}/edit/", {"name": "", "latitude": "1000"}),
        _page("import-wrong", nour, "/desk/directory/import/", {"file": SimpleUploadedFile("x.json", b"{")}),
        _page("shift-wrong", nour, "/desk/supervisor/shifts/", {"begins": "", "ends": ""}),
        _page("not-there", sara, "/desk/nothing/"),
        _page("not-open", sara, "/desk/audit/"),
        _page("old-form", strict, "/desk/sign-in/", {"username": "sara", "password": "x"}),
        replace(_page("unreadable", Client(), "/desk/", HTTP_HOST="elsewhere.example"), posted=True),
    ]


def _shut(hotline) -> list[Page]:
    """What is closed, for somebody without its key, and for somebody whose key is not in memory."""
    closed = f"/desk/c/{closed_by(hotline, 'nour')}/"
    staff = Staff.objects.create_user("late", "late-demo", alias="Late", role=StaffRole.SUPERVISOR)
    staff_keys.make_key(staff, "late-demo", timezone.now())
    late, nour = Client(), signed_in("nour")
    late.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    keyring.hold(late.session.session_key, staff_keys.open_key(staff, "late-demo"))
    keyring.drop(nour.session.session_key)
    return [_page("no-key", late, closed), _page("unlock-first", nour, closed, follow=True)]
