"""One browser, one person after another: the open pages of the first go out of sight, and come back with their words."""

from __future__ import annotations

import pytest
from django.utils import timezone

from records.models import Staff
from records.staff import desk

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    # WhiteNoise gives Django's ASGI handler plain iterators; it reads them whole, which is right for small files.
    pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume:Warning"),
]
AWAY = ".other-reader >> text=Out of sight"


def signs_in(page, name):
    page.goto(page.url.split("/desk/")[0] + "/desk/sign-in/")
    page.fill("#id_username", name)
    page.fill("#id_password", f"{name}-demo")
    page.keyboard.press("Enter")
    page.wait_for_selector("#me >> text=" + name)


@pytest.fixture
def two_tabs(line, open_page):
    """Sara writes in a tab of her browser and has another one open: tab, other tab, number."""

    def open_two(**options):
        number = line.conversation("my word zebra", safe="yes")
        desk.claim(number, Staff.objects.get(username="sara"), timezone.now())
        page = open_page(staff="sara", **options)
        page.goto(page.url.split("/desk/")[0] + f"/desk/c/{number}/")
        page.wait_for_selector("#live[data-state=on]")
        page.fill("#reply", "half a reply")
        page.wait_for_selector("#parts .kept")
        other = page.context.new_page()
        other.goto(page.url.split("/c/")[0] + "/account/")
        return page, other, number

    return open_two


def seen(page):
    """Whether a word of the contact or of the first worker can be seen."""
    return [page.locator(one).first.is_visible() for one in ("#reply", "#lines", "#queue")]


def test_once_she_signs_out_in_another_tab_her_page_is_out_of_sight_and_comes_back_with_her_words(two_tabs, line):
    page, other, number = two_tabs()

    other.click("#sign-out-form button")
    page.wait_for_selector(AWAY)
    signed_out = seen(page)
    signs_in(other, "ben")
    with_ben = seen(page)
    page.keyboard.press("Control+Enter")
    page.reload()
    reloaded = page.content()
    page.go_back()
    page.wait_for_load_state()
    page.wait_for_timeout(300)
    gone_back = page.content()
    other.click("#sign-out-form button")
    signs_in(other, "sara")
    page.goto(page.url.split("/desk/")[0] + f"/desk/c/{number}/")

    assert signed_out == with_ben == [False] * 3
    for content in (reloaded, gone_back):
        assert "half a reply" not in content
        assert "zebra" not in content
    assert page.input_value("#reply") == "half a reply"
    assert line.replies(number) == []


def test_what_she_wrote_stays_in_the_page_until_she_is_back_and_goes_in_her_name(two_tabs, line):
    page, other, number = two_tabs()
    other.click("#sign-out-form button")
    page.wait_for_selector(AWAY)
    signs_in(other, "ben")
    out_of_sight = seen(page)

    other.click("#sign-out-form button")
    signs_in(other, "sara")
    page.locator("#reply").wait_for(state="visible")
    written = page.input_value("#reply")
    page.focus("#reply")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".from-staff >> text=half a reply")

    assert out_of_sight == [False] * 3
    assert written == "half a reply"
    assert page.locator(".other-reader").count() == 0
    assert line.replies(number) == ["half a reply"]


def test_a_tab_that_was_told_nothing_learns_it_from_the_server_and_sends_nothing(two_tabs, line):
    page, other, number = two_tabs()
    page.evaluate("window.stop(); BroadcastChannel.prototype.postMessage = () => {}")
    other.evaluate("BroadcastChannel.prototype.postMessage = () => {}")
    other.add_init_script("BroadcastChannel.prototype.postMessage = () => {}")
    other.click("#sign-out-form button")
    signs_in(other, "ben")

    page.keyboard.press("Control+Enter")
    page.wait_for_selector(AWAY, timeout=10_000)

    assert seen(page) == [False] * 3
    assert line.replies(number) == []


def test_without_scripts_a_page_of_the_first_is_refused_and_only_she_opens_her_words(line, open_page):
    number = line.conversation("hola", safe="yes")
    desk.claim(number, Staff.objects.get(username="sara"), timezone.now())
    page = open_page("/desk/sign-in/", java_script_enabled=False)
    signs_in(page, "sara")
    page.goto(page.url + f"c/{number}/")
    page.fill("#reply", "half a reply")
    other = page.context.new_page()
    other.goto(page.url.split("/c/")[0] + "/")
    other.click("#sign-out-form button")
    signs_in(other, "ben")

    page.click("#send")
    refused = page.content()
    page.click("#sealed button")
    still = page.content()
    other.click("#sign-out-form button")
    signs_in(other, "sara")
    page.click("#sealed button")
    opened = page.input_value("#held textarea")
    page.click("#held button")
    page.wait_for_selector(".from-staff >> text=half a reply")

    for content in (refused, still):
        assert "a page of somebody else" in content
        assert "half a reply" not in content
    assert opened == "half a reply"
    assert line.replies(number) == ["half a reply"]
