"""Pages of cases and canned replies in a real Chromium, and the way through them by keyboard."""

from __future__ import annotations

import pytest
from django.test import Client

from records.models import CaseNote, Staff
from tests.desk.rooms import fill
from tests.watched import watched

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume:Warning"),
]


@pytest.fixture
def seat(browser, address, hotline):
    contexts = []

    def sit(username):
        client = Client()
        client.force_login(Staff.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend")
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        contexts.append(context)
        context.add_cookies([{"name": "desk", "value": client.cookies["desk"].value, "url": address}])
        return watched(context.new_page())

    yield sit
    for context in contexts:
        context.close()


def test_a_case_is_written_without_a_mouse(hotline, seat, address):
    made = fill(hotline)
    page = seat("sara")
    page.goto(f"{address}/desk/cases/{made['case']}/")

    page.focus("#note_text")
    page.keyboard.type("She is safe tonight.")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=She is safe tonight.")

    note = CaseNote.objects.order_by("-pk").first()
    assert (CaseNote.objects.count(), note.share) == (2, True)
    assert page.problems == []


def test_a_canned_reply_goes_into_the_box_and_not_to_the_contact(hotline, seat, address):
    made = fill(hotline)
    page = seat("sara")
    page.goto(f"{address}/desk/c/{made['conversation']}/beside/replies/")
    page.wait_for_selector("#reply")

    page.click("[data-canned] >> nth=0")

    assert "လူသား" in page.input_value("#reply")
    assert hotline.replies(made["conversation"]) == []


def test_on_the_live_board_what_is_new_with_somebody_does_not_run_into_their_languages(hotline, seat, address):
    fill(hotline)
    Staff.objects.update(languages=["en", "id", "vi", "es", "my"])
    page = seat("nour")
    page.goto(f"{address}/desk/supervisor/")

    over = page.evaluate(
        """() => [...document.querySelectorAll("td .rows a")].map((one) =>
          one.getBoundingClientRect().right - one.closest("td").getBoundingClientRect().right)"""
    )

    assert over
    assert max(over) <= 0
