"""A page that comes back into sight says that it may be old, and is not for long; in a real Chromium."""

from __future__ import annotations

import pytest

from tests.desk.test_browser import store_more

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume:Warning"),
]
WAIT_MS = 10_000
TURN = """(hidden) => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
OLD = "() => document.documentElement.dataset.old !== undefined"
SAYS = "() => document.getElementById('live').textContent"


def test_back_in_sight_a_page_says_that_it_is_old_until_list_and_thread_have_been_answered(line, sara_has_open):
    page, _ = sara_has_open("hola", safe="yes", address="+15005550001")
    page.wait_for_selector("#reply")
    held = []
    page.wait_for_timeout(1000)  # what opening it has asked is answered
    page.evaluate(TURN, True)
    page.route("**/lines/*", lambda route: held.append(route))  # noqa: PLW0108 (marked by playwright: no built-in can be)
    store_more(line, "+15005550001", "otra cosa")

    page.evaluate(TURN, False)
    at_once = page.evaluate(OLD), page.evaluate(SAYS)
    page.wait_for_timeout(500)  # the list has its answer, the thread has none
    half = page.evaluate(OLD)
    for route in held:
        route.continue_()
    page.unroute("**/lines/*")
    page.wait_for_function(f"() => !({OLD})()", timeout=WAIT_MS)

    assert at_once == (True, "Not current")
    assert half
    assert page.locator("#lines >> text=otra cosa").count() == 1
    assert page.evaluate(SAYS) == "Live"


def test_back_in_sight_a_page_beside_the_list_asks_at_once(line, open_page):
    page = open_page(staff="sara")
    page.click(".places >> text=Directory")
    page.wait_for_selector("#live[data-state=on]")
    page.wait_for_timeout(1000)
    page.evaluate(TURN, True)

    with page.expect_request("**/counts/", timeout=1000):
        page.evaluate(TURN, False)
    page.wait_for_function(f"() => !({OLD})()", timeout=WAIT_MS)

    assert page.evaluate(SAYS) == "Live"


def test_a_machine_that_slept_asks_again_though_its_page_was_never_hidden(line, open_page):
    page = open_page(staff="sara")
    page.wait_for_timeout(1000)

    with page.expect_request("**/desk/queue/*", timeout=WAIT_MS):
        page.evaluate("() => { const real = Date.now; Date.now = () => real() + 60000; }")
    page.wait_for_function(f"() => !({OLD})()", timeout=WAIT_MS)

    assert page.evaluate(SAYS) == "Live"
