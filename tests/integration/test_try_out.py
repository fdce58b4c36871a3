"""The demo as a newcomer meets it: `./run`, two phones beside the desk in one browser, and a person who answers."""

from __future__ import annotations

import pytest

from tests.integration.place import Place, until
from tests.watched import watched

pytestmark = [pytest.mark.rasa, pytest.mark.browser]
ANSWER_MS = 30_000
HELLO, PERSON = "မင်္ဂလာပါ အကူအညီလိုပါတယ်", "လူနဲ့ ပြောချင်ပါတယ်"
OURS = "ကျွန်မ ဆာရာပါ။ စာဖတ်ပြီးပါပြီ။"


@pytest.fixture(scope="module")
def demo(model, tmp_path_factory):
    """Everything that `./run` starts where no channel is set up."""
    place = Place(tmp_path_factory.mktemp("demo") / "place")
    try:
        place.use_model(model)
        place.start("up")
        until(lambda: place.answers("/healthz"), 150, "a healthy line", every_s=0.3)
        yield place
        assert place.ends("up") == 0, place.logged()[-3000:]
        until(lambda: place.strays() == [], 10, "the end of every process")
    finally:
        place.close()


@pytest.fixture
def page(browser, demo):
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = watched(context.new_page())
    page.goto(f"{demo.url}/try/")
    yield page
    context.close()
    assert page.problems == []


@pytest.mark.parametrize("phone", ["sms", "telegram"])
def test_what_is_written_on_a_phone_reaches_the_desk_and_the_reply_comes_back(page, phone):
    theirs, desk = page.locator(f"#screen-{phone} .theirs"), page.frame_locator("#desk")
    page.get_by_role("button", name="Sara").click()
    desk.locator("#live[data-state=on]").wait_for()
    says(page, phone, HELLO)
    opening = theirs.first.inner_text()

    says(page, phone, PERSON)
    waiting = desk.locator("section[aria-labelledby=group-waiting] .card")
    waiting.first.click(timeout=ANSWER_MS)
    desk.locator("#claim").click()
    assert PERSON in desk.locator("body").inner_text()
    desk.locator("#reply").fill(OURS)
    desk.locator("#reply").press("Control+Enter")

    theirs.filter(has_text=OURS).wait_for(timeout=ANSWER_MS)
    assert any("\u1000" <= letter <= "\u109f" for letter in opening), "the opening is not in the writer's language"
    heard = theirs.count()
    write(page, phone, "ကျေးဇူးပါ")
    desk.get_by_text("ကျေးဇူးပါ").last.wait_for(timeout=ANSWER_MS)
    assert theirs.count() == heard, "the bot is silent once a person has it"


def write(page, phone, text):
    page.fill(f"#text-{phone}", text)
    page.keyboard.press("Enter")


def says(page, phone, text):
    """Write on a phone and wait for what comes back."""
    theirs = page.locator(f"#screen-{phone} .theirs")
    before = theirs.count()
    write(page, phone, text)
    theirs.nth(before).wait_for(timeout=ANSWER_MS)
