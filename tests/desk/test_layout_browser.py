"""The desk in its five languages, wide, narrow and at 200 %: longer words cut nothing off and push nothing apart."""

from __future__ import annotations

import pytest
from django.utils import timezone

from desk.catalogues import LANGUAGES
from records.models import Staff
from records.staff import seats
from records.states import Presence
from tests.desk.every_page import a_days_work, cookies_of, signed_in
from tests.desk.judged_pages import CUT_OFF, SIZES
from tests.desk.test_languages import sits
from tests.watched import watched

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("quick"),
    pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume:Warning"),
]

# A select cuts its words without a scroll bar: how wide they are is measured beside it, with room for its arrow.
CUT_FILTERS = """() => [...document.querySelectorAll(".filters select")].filter((one) => {
  const words = document.createElement("span");
  words.style.cssText = "position: absolute; visibility: hidden; white-space: nowrap; font: " + getComputedStyle(one).font;
  words.textContent = one.selectedOptions[0].textContent.trim();
  document.body.append(words);
  const wide = words.getBoundingClientRect().width;
  words.remove();
  return wide + 12 + 20 > one.clientWidth;
}).map((one) => one.id)"""
ROWS_OF_TABS = "() => new Set([...document.querySelectorAll('.tabs a')].map((one) => one.offsetTop)).size"
# The first card of the list, whole inside it.
FIRST_CARD_WHOLE = """() => {
  const list = document.getElementById("queue").getBoundingClientRect();
  const card = document.querySelector(".card").getBoundingClientRect();
  return card.top >= list.top && card.bottom <= list.bottom;
}"""

LINES_OF_BAR = """() => {
  const bar = document.querySelector("header.bar");
  const shown = [...bar.children].filter((one) => one.offsetHeight);
  return new Set(shown.map((one) => Math.round((one.offsetTop + one.offsetHeight / 2) / 20))).size;
}"""
THREAD_FIRST = """() => document.getElementById("main").getBoundingClientRect().bottom
  <= document.getElementById("queue").getBoundingClientRect().top"""
REPLY_BELOW_NEWEST = """() => document.getElementById("reply").getBoundingClientRect().top
  - document.getElementById("newest").getBoundingClientRect().bottom < innerHeight"""


@pytest.fixture
def page(hotline, browser, address):
    """Sara's browser on a desk in the middle of its day, and a conversation that she holds."""
    values = a_days_work(hotline)
    context = browser.new_context(reduced_motion="reduce")
    cookies = cookies_of(signed_in("sara")).items()
    context.add_cookies([{"name": name, "value": value, "url": address} for name, value in cookies])
    page = watched(context.new_page())
    page.held = f"{address}/desk/c/{values['conversation_id']['']}/"
    yield page
    context.close()


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
def test_longer_words_cut_nothing_off(page, language):
    sits("sara", now=timezone.now(), language=language)
    page.goto(page.held)

    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})

        found = [page.evaluate(CUT_OFF), page.evaluate(CUT_FILTERS), page.evaluate(ROWS_OF_TABS)]

        assert found == [[], [], 1], width


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
def test_on_a_break_the_bar_is_one_line_at_1280(page, language):
    now = timezone.now()
    sits("sara", now=now, language=language)
    seats.set_presence(Staff.objects.get(username="sara"), Presence.BREAK, now)
    page.set_viewport_size({"width": 1280, "height": 800})

    page.goto(page.held)
    page.wait_for_selector("#live[data-state=on]")

    assert page.locator(".on-break").is_visible()
    assert page.evaluate(LINES_OF_BAR) == 1


ROWS_OF_ACTS = "() => new Set([...document.querySelectorAll('.acts > *')].filter((one) => one.offsetHeight).map((one) => Math.round((one.offsetTop + one.offsetHeight / 2) / 20))).size"


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
def test_at_800_what_to_do_with_a_conversation_stands_in_one_row_and_a_supervisors_bar_in_two(page, address, language):
    page.set_viewport_size({"width": 800, "height": 800})
    for name in ("sara", "nour"):
        sits(name, now=timezone.now(), language=language)
    page.goto(page.held)
    rows = page.evaluate(ROWS_OF_ACTS)
    cookies = cookies_of(signed_in("nour")).items()
    page.context.add_cookies([{"name": name, "value": value, "url": address} for name, value in cookies])
    page.goto(f"{address}/desk/supervisor/")
    page.wait_for_selector("#live[data-state=on]")

    assert rows == 1
    assert page.evaluate(LINES_OF_BAR) <= 2


def test_in_a_low_window_an_opened_note_is_in_sight_with_its_button(page):
    page.set_viewport_size({"width": 860, "height": 560})
    page.goto(page.held)

    page.click("#note-box summary")

    page.wait_for_function("document.querySelector('.note-button').getBoundingClientRect().bottom <= innerHeight")
    inside = page.evaluate(
        """() => document.querySelector('.note-button').getBoundingClientRect().bottom
        <= document.getElementById('composer').getBoundingClientRect().bottom"""
    )
    assert inside


def test_the_button_that_transfers_looks_like_a_button_and_not_like_the_field_above_it(page):
    page.goto(page.held)
    page.click("summary >> text=Transfer")

    button, field = (
        page.locator(one).evaluate("it => [getComputedStyle(it).backgroundColor, it.offsetWidth]")
        for one in ("#transfer", "#transfer-to")
    )

    assert button[0] != field[0]
    assert button[1] < field[1]


def test_at_200_percent_a_card_is_whole_and_what_it_opens_comes_into_sight(page):
    width, height = SIZES[-1]
    page.set_viewport_size({"width": width, "height": height})
    page.goto(page.held)
    beside_open = page.evaluate(FIRST_CARD_WHOLE)
    first, reply_below = page.evaluate(THREAD_FIRST), page.evaluate(REPLY_BELOW_NEWEST)
    page.goto(page.held.split("c/")[0])
    page.wait_for_selector("#live[data-state=on]")
    alone = page.locator("#queue").evaluate("list => list.scrollHeight <= list.clientHeight")

    page.locator(".card").nth(2).click()
    page.locator("#thread-title").wait_for()

    page.wait_for_function("document.getElementById('thread-title').getBoundingClientRect().bottom < innerHeight")
    assert (beside_open, alone) == (True, True)
    assert (first, reply_below) == (True, True)


IN_SIGHT = """() => {
  const {top, bottom} = [...document.querySelectorAll("#lines .from-contact")].at(-1).getBoundingClientRect();
  return top >= 0 && bottom <= innerHeight;
}"""


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_clicked_card_opens_at_the_newest_message(page, hotline, width, height):
    number = hotline.conversation(*(f"mensaje {at}" for at in range(40)))
    page.set_viewport_size({"width": width, "height": height})
    page.goto(page.held.split("/c/")[0] + "/")

    page.click(f"#card-{number}")
    page.wait_for_selector("#lines >> text=mensaje 39", state="attached")
    page.wait_for_timeout(500)
    opened = page.evaluate(IN_SIGHT)
    page.reload()
    page.wait_for_timeout(500)

    assert opened
    assert page.evaluate(IN_SIGHT)
