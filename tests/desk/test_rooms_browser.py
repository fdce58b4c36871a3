"""Pages of cases, directory and supervisors in a real Chromium: axe, sizes, themes, and the way by keyboard.

With LANTERN_TEST_SCREENS=docs/screens pictures of every page are kept there.
"""

from __future__ import annotations

import os
from pathlib import Path

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
# 1280 and 800 wide; 640 is what 1280 becomes at 200 %.
WIDTHS = (1280, 800, 640)


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


def pages(made):
    """Every page of these rooms, by the name of its picture."""
    return {
        "cases": "cases/",
        "case": f"cases/{made['case']}/",
        "case-facts": f"cases/{made['case']}/facts/",
        "case-new": f"cases/new/?conversation={made['conversation'] + 1}",
        "directory": "directory/",
        "service": f"directory/{made['service']}/",
        "service-edit": f"directory/{made['service']}/edit/",
        "directory-import": "directory/import/",
        "supervisor": "supervisor/",
        "decisions": "supervisor/decisions/",
        "decision": f"supervisor/decisions/{made['conversation']}/",
        "shifts": "supervisor/shifts/",
        "languages": f"supervisor/people/{made['person']}/",
        "words": "supervisor/words/",
        "helplines": "supervisor/helplines/?country=MY",
        "beside-case": f"c/{made['conversation']}/beside/case/",
        "beside-replies": f"c/{made['conversation']}/beside/replies/",
    }


def test_axe_finds_nothing_and_nothing_is_cut_off_in_either_theme(hotline, seat, address):
    from axe_playwright_python.sync_playwright import Axe

    made = fill(hotline)
    page = seat("nour")
    keep = os.environ.get("LANTERN_TEST_SCREENS")
    found = {}
    for name, path in pages(made).items():
        page.set_viewport_size({"width": WIDTHS[0], "height": 900})
        page.goto(f"{address}/desk/{path}")
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # no colour on its way to another
            found |= {
                (name, scheme, one["id"], node["html"][:160]): node["failureSummary"]
                for one in Axe().run(page).response["violations"]
                for node in one["nodes"]
            }
            if keep:
                Path(keep).mkdir(exist_ok=True, parents=True)
                page.screenshot(path=Path(keep) / f"{name}-{scheme}.png", full_page=True)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if wide > 1:
                found[name, width] = f"{wide} pixels wider than the window"
            if keep and width < WIDTHS[0]:
                page.screenshot(path=Path(keep) / f"{name}-{width}.png", full_page=True)

    assert found == {}
    assert page.problems == []


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
