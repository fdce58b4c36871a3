"""Notices of the browser and clocks: told that somebody waits and nothing more; times as this browser shows them."""

from __future__ import annotations

from datetime import datetime, timedelta
from datetime import timezone as tz

import pytest
from django.utils import timezone

from records.messages.intake import store_inbound
from records.models import InboxMessage, Staff
from records.staff import desk
from records.states import Level

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    # WhiteNoise gives Django's ASGI handler plain iterators; it reads them whole, which is right for small files.
    pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume:Warning"),
]
# Chromium shows it; what it was given is written down beside.
KEEP = """window.told = []; const Real = Notification;
window.Notification = class extends Real { constructor(title, more) { super(title, more); told.push([title, {...more}]); } };"""
ADDRESS, WORD = "+15005550199", "zebra"


def told(page, number):
    page.wait_for_function(f"() => told.length >= {number}", timeout=10_000)
    return page.evaluate("() => told")


def test_a_notice_says_that_somebody_waits_and_never_who_why_or_what(line, open_page):
    page = open_page(staff="sara", permissions=["notifications"])
    page.context.add_init_script(KEEP)
    mine = line.conversation(f"my {WORD}", safe="yes", address=ADDRESS)
    desk.claim(mine, Staff.objects.get(username="sara"), timezone.now())
    page.reload()
    page.wait_for_selector("#live[data-state=on]")
    page.click("#notify")
    on = page.text_content("#notify")
    granted = page.evaluate("() => Notification.permission")
    page.evaluate("() => { document.hasFocus = () => false; }")

    line.conversation(f"my {WORD}", address="+15005550188")
    waits = told(page, 1)
    line.conversation(f"{WORD} kill", level=Level.URGENT, reasons=("risk.immediate_danger",), address="+15005550189")
    urgent = told(page, 2)
    store_inbound(
        channel="sms", provider_id="more", address=ADDRESS, kind="text", text=WORD, received_at=timezone.now()
    )
    spoke = told(page, 3)

    assert (on, granted) == ("Notices are on", "granted")
    assert [one[0] for one in spoke] == ["Desk"] * 3
    assert [one[1]["body"] for one in spoke] == [
        "Somebody waits.", "Somebody urgent waits.", "A new message in one of yours.",
    ]  # fmt: skip
    assert waits + urgent[1:] == spoke[:2]
    assert {key for one in spoke for key in one[1]} == {"body", "tag", "renotify", "silent"}
    assert page.problems == []


@pytest.mark.parametrize(
    ("browser_zone", "shown"), [("Asia/Tehran", "03:30"), ("America/Bogota", "19:00"), ("UTC", "00:00")]
)
def test_times_stand_as_the_clock_of_this_browser_shows_them_from_the_first_page_on(
    line, open_page, browser_zone, shown
):
    number = line.conversation("hola", safe="yes")
    desk.claim(number, Staff.objects.get(username="sara"), timezone.now())
    midnight = datetime.combine(timezone.now().date() - timedelta(days=1), datetime.min.time(), tz.utc)
    InboxMessage.objects.update(received_at=midnight)
    page = open_page(staff="sara", timezone_id=browser_zone)

    page.click(f"#card-{number}")
    first = page.locator(".from-contact time.clock")
    first.wait_for()
    seen, named = first.inner_text(), first.get_attribute("title")
    page.reload()
    page.wait_for_selector("#live[data-state=on]")

    assert seen == shown
    assert named
    assert page.locator(".from-contact time.clock").inner_text() == shown
    assert f"Times in the time zone {browser_zone}" in page.inner_text("#thread-head")
    assert page.problems == []
