"""What a worker hears and sees of others while one conversation, or another page, is open; in a real Chromium."""

from __future__ import annotations

import pytest
from django.utils import timezone

from records.models import Conversation, Staff
from records.staff import desk
from records.staff.replies import draft_of
from records.states import Level, Owner
from tests.desk.test_browser import store_more
from tests.desk.waiting import WAIT_MS, titled

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume:Warning"),
]


def held(line, address):
    number = line.conversation("hola", safe="yes", address=address)
    assert desk.claim(number, Staff.objects.get(username="sara"), timezone.now())
    return number


def test_new_words_in_another_of_mine_mark_its_card_and_the_title_and_sound_softly(line, open_page):
    first, second = held(line, "+15005550001"), held(line, "+15005550002")
    page = open_page(staff="sara")
    page.click(f"#card-{second}")
    page.wait_for_selector("#reply")
    page.click(f"#card-{first}")
    page.wait_for_selector(f"#open-id[value='{first}']", state="attached")
    page.click("#sound")
    page.wait_for_selector("#sound[aria-pressed=true]")

    store_more(line, "+15005550002", "otra cosa")
    page.wait_for_selector(f"#card-{second} .unread >> text=1 new", timeout=WAIT_MS)
    page.wait_for_selector("html[data-chimes='1']", timeout=WAIT_MS)
    title = titled(page, "✉1 Desk")
    page.click(f"#card-{second}")
    page.wait_for_selector("#queue-counts[data-unread='0']", state="attached", timeout=WAIT_MS)

    assert title == "✉1 Desk"
    assert titled(page, "Desk") == "Desk"
    assert page.locator(".unread").count() == 0
    assert page.evaluate("document.documentElement.dataset.rings") is None
    assert page.problems == []


def test_a_page_beside_the_list_hears_the_urgent_one_and_keeps_the_sound_on(line, open_page):
    page = open_page(staff="sara")
    page.click("#sound")
    page.wait_for_selector("#sound[aria-pressed=true]")
    page.click(".places >> text=Directory")
    page.wait_for_selector("#live[data-state=on]")
    before = page.inner_text("#queue-counts")

    urgent = line.conversation(level=Level.URGENT)
    page.wait_for_selector("#queue-counts >> text=1 urgent", timeout=WAIT_MS)
    page.click("h1")  # a browser may want a hand on the page before it sounds
    page.wait_for_selector("html[data-rings]", timeout=WAIT_MS)
    title = titled(page, "(1!) Directory")
    desk.claim(urgent, Staff.objects.get(username="ben"), timezone.now())
    page.wait_for_selector("#queue-counts[data-urgent='0']", timeout=WAIT_MS)

    assert before == "Nobody is waiting."
    assert title == "(1!) Directory"
    assert titled(page, "Directory") == "Directory"
    assert page.problems == []


def test_the_safety_question_is_a_key_away_once_they_are_perhaps_not_alone(line, open_page):
    number = held(line, "+15005550001")
    page = open_page(staff="sara")
    page.click(f"#card-{number}")
    page.wait_for_selector(".safe-yes")
    Conversation.objects.filter(pk=number).update(doubt="controller_present", doubt_at=timezone.now(), version=99)
    page.wait_for_selector(".safe-unsure >> text=perhaps not alone", timeout=WAIT_MS)

    page.fill("#reply", "where are you")
    page.press("#reply", "Control+Enter")
    page.wait_for_selector("#second-look >> text=perhaps not alone")
    page.wait_for_selector("#ask-safe:focus")
    kept = page.input_value("#reply")
    page.keyboard.press("Enter")
    page.wait_for_selector(".from-staff", timeout=WAIT_MS)

    assert kept == "where are you"
    assert len(line.replies(number)) == 1
    assert "seguro" in line.replies(number)[0]
    assert page.input_value("#reply") == "where are you"


def test_c_with_nobody_waiting_leaves_the_open_conversation_alone(line, open_page):
    number = held(line, "+15005550001")
    page = open_page(staff="sara")
    page.click(f"#card-{number}")
    page.fill("#reply", "half a sentence")
    page.keyboard.press("Escape")

    page.keyboard.press("c")
    page.wait_for_selector("#notices >> text=Nobody is waiting.", timeout=WAIT_MS)

    assert page.url.endswith(f"/desk/c/{number}/")
    assert page.input_value("#reply") == "half a sentence"
    assert page.problems == []


def test_taken_over_in_mid_sentence_the_words_of_the_contact_go_and_ones_own_are_kept(line, open_page):
    number = held(line, "+15005550001")
    page = open_page(staff="sara")
    page.click(f"#card-{number}")
    page.wait_for_selector(".from-contact >> text=hola")
    page.fill("#reply", "half a sentence")

    desk.take_over(number, Staff.objects.get(username="nour"), timezone.now())
    page.wait_for_selector("text=Nour has this conversation now.", timeout=WAIT_MS)
    page.wait_for_timeout(1000)

    assert page.input_value("#unsent") == "half a sentence"
    assert page.locator("text=hola").count() == 0
    assert page.locator(".safe").count() == 0
    assert draft_of(number, Staff.objects.get(username="sara")) == "half a sentence"
    assert page.problems == []


def test_drawn_twice_before_the_server_has_the_last_letters_the_page_keeps_them(line, open_page):
    number = held(line, "+15005550001")
    page = open_page(staff="sara")
    page.route("**/draft/", lambda route: None)  # on its way for ever
    page.click(f"#card-{number}")
    page.wait_for_selector(".from-contact >> text=hola")
    page.fill("#reply", "half a sentence")
    desk.take_over(number, Staff.objects.get(username="nour"), timezone.now())
    page.wait_for_selector("text=Nour has this conversation now.", timeout=WAIT_MS)

    with page.expect_response(f"**/c/{number}/lines/"):
        page.evaluate(f"htmx.ajax('GET', '/desk/c/{number}/lines/', {{target: '#conversation', swap: 'innerHTML'}})")
    page.wait_for_timeout(500)

    assert page.input_value("#unsent") == "half a sentence"
    assert page.problems == []


def test_words_that_were_not_sent_stand_in_no_other_conversation(line, open_page):
    first, second = held(line, "+15005550001"), held(line, "+15005550002")
    page = open_page(staff="sara")
    page.route("**/draft/", lambda route: None)
    page.click(f"#card-{first}")
    page.wait_for_selector(f"#open-id[value='{first}']", state="attached")
    page.fill("#reply", "for the first")
    desk.take_over(second, Staff.objects.get(username="nour"), timezone.now())

    page.evaluate(f"htmx.ajax('GET', '/desk/c/{second}/lines/', {{target: '#conversation', swap: 'innerHTML'}})")
    page.wait_for_selector(f"#open-id[value='{first}']", state="detached", timeout=WAIT_MS)
    page.wait_for_timeout(500)

    assert "for the first" not in [one.input_value() for one in page.locator("textarea").all()]


def test_a_page_that_was_taken_away_tells_by_itself_who_has_it_now_and_opens_again_once_it_waits(line, open_page):
    number, sara = line.conversation("hola"), Staff.objects.get(username="sara")
    page = open_page(staff="ben")
    page.click(f"#card-{number}")
    page.wait_for_selector(".from-contact >> text=hola")
    desk.claim(number, sara, timezone.now())
    page.wait_for_selector("text=Sara has this conversation now.", timeout=WAIT_MS)

    desk.hand_back(number, sara, Owner.QUEUE, timezone.now())
    page.wait_for_selector("text=This conversation waits in the queue now.", timeout=WAIT_MS)
    page.click("#open-again")
    page.wait_for_selector(".from-contact >> text=hola")

    assert page.url.endswith(f"/desk/c/{number}/")
    assert page.problems == []


def test_an_urgent_one_that_a_colleague_gives_calls_in_title_sound_and_notice_until_it_is_opened(line, open_page):
    sara, ben = (Staff.objects.get(username=name) for name in ("sara", "ben"))
    number = line.conversation("hola", level=Level.URGENT, address="+15005550001")
    desk.claim(number, ben, timezone.now())
    page = open_page(staff="sara")
    page.click("#sound")
    page.wait_for_selector("#sound[aria-pressed=true]")
    before = page.title()

    desk.transfer(number, ben, sara, timezone.now())
    page.wait_for_selector("html[data-rings]", timeout=WAIT_MS)
    title = titled(page, "(1!) Desk")
    page.click(".places >> text=Directory")
    page.wait_for_selector("#queue-counts >> text=1 urgent given to you", timeout=WAIT_MS)
    elsewhere = titled(page, "(1!) Directory")
    page.click(".places >> text=Queue")
    page.click(f"#card-{number}")
    page.wait_for_selector("#queue-counts[data-given='0']", state="attached", timeout=WAIT_MS)

    assert (before, title, elsewhere) == ("Desk", "(1!) Desk", "(1!) Directory")
    assert titled(page, "Desk") == "Desk"
    assert page.problems == []
