"""What a screen reader is told of an open conversation: each new message once, and each place by a name of its own."""

from __future__ import annotations

import pytest
from django.utils import timezone

from records.models import Staff
from records.staff import desk
from tests.desk.test_browser import store_more

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume:Warning"),
]
WAIT_MS = 10_000
NAMES = """() => [...document.querySelectorAll("main, nav, aside, section[aria-labelledby], [role=region]")].map((one) =>
  one.getAttribute("aria-label") ?? one.getAttribute("aria-labelledby")?.split(" ").map((id) => document.getElementById(id).textContent.trim()).join(" ") ?? "")"""
LIVE = """() => [...document.querySelectorAll("[role=status], [role=alert], [role=log], [aria-live]")].filter(
  (one) => one.getAttribute("aria-live") !== "off").map((one) => one.textContent).join(" ")"""


def test_of_the_messages_only_what_is_new_is_spoken_and_only_once(line, sara_has_open):
    page, number = sara_has_open("first words", address="+15005550001", safe="yes")
    page.wait_for_selector(".from-contact >> text=first words")
    opened = page.evaluate(LIVE)

    store_more(line, "+15005550001", "second words")
    page.wait_for_selector("#new-words >> text=second words", state="attached", timeout=WAIT_MS)
    came = page.evaluate(LIVE)
    store_more(line, "+15005550001", "third words")
    page.wait_for_selector("#new-words >> text=third words", state="attached", timeout=WAIT_MS)
    then = page.evaluate(LIVE)
    desk.take_over(number, Staff.objects.get(username="nour"), timezone.now())
    page.wait_for_selector("text=Nour has this conversation now.", timeout=WAIT_MS)

    assert "words" not in opened
    assert (came.count("second words"), came.count("first words")) == (1, 0)
    assert (then.count("third words"), then.count("second words")) == (1, 0)
    assert "words" not in page.evaluate(LIVE)
    assert page.problems == []


def test_no_two_places_of_the_desk_have_one_name_and_what_takes_the_cursor_is_no_alert_too(sara_has_open):
    page, _ = sara_has_open("hola", safe="yes", level="urgent")
    page.wait_for_selector("#reply")
    names = [name for name in page.evaluate(NAMES) if name]

    page.keyboard.press("b")
    page.click("text=To the bot: it answers from now on")
    page.wait_for_selector("#to-bot:focus", timeout=WAIT_MS)

    assert sorted(names) == sorted(set(names))
    assert "nobody is alerted" not in page.evaluate(LIVE)
    assert page.get_by_role("group", name="It is urgent.").is_visible()


PAUSES = """() => new Promise((done) => {
  const box = document.getElementById("parts-said");
  window.heard = [];
  new MutationObserver(() => window.heard.push(box.textContent)).observe(box, { childList: true });
  done();
})"""


def test_the_count_of_a_reply_is_spoken_when_it_becomes_another_part_and_not_at_each_pause(sara_has_open):
    page, _ = sara_has_open("hola", safe="yes", address="+15005550001")
    page.wait_for_selector("#reply")
    page.evaluate(PAUSES)
    box = page.locator("#reply")
    for text in ("Hola", "Hola, soy Sara", "x" * 161, "x" * 170):
        box.fill(text)
        page.wait_for_selector(f"#parts >> text={len(text)} letters")

    (heard,) = page.evaluate("() => window.heard")
    assert "2 SMS parts" in heard
    assert page.problems == []
