"""One browser, one person after another: what the first wrote is not shown to the second, not lost, and not sent for them."""

from __future__ import annotations

import html
import re

import pytest
from django.test import Client
from django.utils import timezone

from desk.reader import mark_of
from records.models import Draft, Note, Staff
from records.staff import desk
from records.states import Owner, StaffRole
from tests.desk.conftest import MARKED
from tests.desk.door import with_app

BACKEND = "django.contrib.auth.backends.ModelBackend"
WORDS = f"half a reply {MARKED}"
LATER = "a page of somebody else who was signed in here"


@pytest.fixture
def browser_of(hotline, staff):
    """One strict browser in which Sara has a conversation open, and Ben is a colleague."""
    sara, ben, browser = staff("sara"), staff("ben"), Client(enforce_csrf_checks=True)
    browser.force_login(sara, backend=BACKEND)
    number = hotline.conversation(safe="yes")
    desk.claim(number, sara, timezone.now())
    return browser, sara, ben, number


def form_of(page, form):
    """The fields of a form, as a browser would send them."""
    inside = re.search(rf'<form[^>]*id="{form}".*?</form>', page, re.DOTALL).group()
    found = re.findall(r'<input[^>]*name="([^"]*)"[^>]*value="([^"]*)"', inside)
    written = re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>([^<]*)</textarea>', inside)
    return {name: html.unescape(value) for name, value in (*found, *written)}


def opened(browser, number):
    return browser.get(f"/desk/c/{number}/").content.decode()


def test_every_form_says_for_whom_it_was_drawn_and_nobody_else_can_tell_who_that_is(browser_of):
    browser, sara, ben, number = browser_of

    page = opened(browser, number)

    forms = page.count('name="csrfmiddlewaretoken"')
    assert forms == page.count(f'name="drawn_for" value="{mark_of(sara)}"') > 3
    assert f'data-reader="{mark_of(sara)}"' in page
    assert mark_of(sara) != mark_of(ben)
    assert "drawn_for" not in Client().get("/desk/sign-in/").content.decode()


@pytest.mark.parametrize("form", ["reply-form", "note-form"])
def test_posted_after_somebody_else_signed_in_it_is_refused_and_only_its_writer_reads_it_again(
    browser_of, hotline, form
):
    browser, sara, ben, number = browser_of
    fields = form_of(opened(browser, number), form) | {"text": WORDS}
    path = f"/desk/c/{number}/{form.removesuffix('-form')}/"
    browser.logout()
    browser.force_login(ben, backend=BACKEND)
    token = {"csrfmiddlewaretoken": form_of(browser.get("/desk/").content.decode(), "hide-form")["csrfmiddlewaretoken"]}

    answers = [browser.post(path, fields), browser.post(path, fields | token)]
    pages = [one.content.decode() for one in answers]
    sealed = form_of(pages[0], "sealed")
    for_ben = [browser.post("/desk/held/", sealed), browser.post("/desk/held/", sealed | token)]
    browser.logout()
    for_nobody = browser.post("/desk/held/", sealed)
    browser.force_login(sara, backend=BACKEND)
    for_sara = browser.post("/desk/held/", sealed).content.decode()
    sent = browser.post(path, form_of(for_sara, "held"))

    assert [one.status_code for one in (*answers, *for_ben, for_nobody)] == [403] * 5
    for page in (*pages, *(one.content.decode() for one in (*for_ben, for_nobody))):
        assert LATER in page
        assert MARKED not in page
    assert f">{WORDS}</textarea>" in for_sara
    assert sent.status_code == 302
    assert hotline.replies(number) == ([WORDS] if form == "reply-form" else [])
    assert [one.staff.username for one in Note.objects.all()] == (["sara"] if form == "note-form" else [])


@pytest.mark.parametrize("act", ["claim", "hand-back", "close"])
def test_what_is_pressed_on_a_page_of_another_does_nothing(browser_of, hotline, staff, act):
    _browser, sara, _ben, number = browser_of
    nour = staff("nour", StaffRole.SUPERVISOR)
    desk.take_over(number, nour, timezone.now())
    fresh = Client()
    fresh.force_login(nour, backend=BACKEND)

    answer = fresh.post(f"/desk/c/{number}/{act}/", {"outcome": "helped", "to": "queue", "drawn_for": mark_of(sara)})

    assert answer.status_code == 403
    assert LATER in answer.content.decode()
    assert hotline.owner(number) == Owner.STAFF


@pytest.mark.parametrize(
    ("method", "path", "fields"),
    [
        ("get", "/desk/queue/", {}),
        ("get", "/desk/counts/", {}),
        ("get", "/desk/c/{}/lines/", {}),
        ("get", "/desk/token/", {}),
        ("post", "/desk/c/{}/draft/", {"text": WORDS}),
        ("post", "/desk/c/{}/reply/", {"text": WORDS}),
        ("post", "/desk/here/", {}),
    ],
)
def test_a_script_of_anothers_page_is_told_to_put_it_away_and_gets_nothing(browser_of, hotline, method, path, fields):
    _browser, sara, ben, number = browser_of
    client = Client()
    client.force_login(ben, backend=BACKEND)
    theirs = {"Desk-Reader": mark_of(sara), "HX-Request": "true"}

    answer = getattr(client, method)(path.format(number), fields, headers=theirs)
    own = getattr(client, method)("/desk/queue/", headers={**theirs, "Desk-Reader": mark_of(ben)})

    assert (answer.status_code, answer.content, answer["Desk-Reader"]) == (403, b"", "other")
    assert "Desk-Reader" not in own.headers
    assert (Draft.objects.count(), hotline.replies(number)) == (0, [])


def test_half_signed_in_the_second_is_shown_nothing_of_the_first(quick, real_line, hotline, staff):
    sara, ben = staff("sara"), with_app(staff, "ben")[0]
    number = hotline.conversation()
    half = Client()
    half.force_login(ben, backend=BACKEND)

    page = half.post(f"/desk/c/{number}/reply/", {"text": WORDS, "drawn_for": mark_of(sara)}).content.decode()

    assert LATER in page
    assert MARKED not in page


def test_held_without_a_session_the_form_stays_its_writers(browser_of, hotline):
    browser, _sara, ben, number = browser_of
    fields = form_of(opened(browser, number), "reply-form") | {"text": WORDS}
    browser.logout()
    held = browser.post(f"/desk/c/{number}/reply/", fields).content.decode()
    browser.force_login(ben, backend=BACKEND)

    answer = browser.post(f"/desk/c/{number}/reply/", form_of(held, "held"))

    assert f">{WORDS}</textarea>" in held
    assert LATER in answer.content.decode()
    assert MARKED not in answer.content.decode()
    assert hotline.replies(number) == []


@pytest.mark.parametrize("sealed", ["", "x", "AAAA", "é"])
def test_what_was_not_sealed_here_opens_nothing(browser_of, sealed):
    _browser, sara, _ben, _number = browser_of
    client = Client()
    client.force_login(sara, backend=BACKEND)

    answer = client.post("/desk/held/", {"sealed": sealed})

    assert answer.status_code == 403
    assert 'name="sealed"' not in answer.content.decode()


def test_a_colleagues_draft_is_not_shown_in_the_box_of_another(browser_of):
    browser, sara, ben, number = browser_of
    now = timezone.now()
    desk.save_draft(number, sara, WORDS, now)
    desk.transfer(number, sara, ben, now)
    browser.logout()
    browser.force_login(ben, backend=BACKEND)

    page = opened(browser, number)
    desk.transfer(number, ben, sara, now)
    browser.force_login(Staff.objects.get(username="sara"), backend=BACKEND)

    assert WORDS not in page
    assert f">{WORDS}</textarea>" in opened(browser, number)
