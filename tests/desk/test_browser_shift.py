"""A whole shift in a real Chromium: by keys alone, hidden at once, and signed out in mid-sentence."""

from __future__ import annotations

import time

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from desk.session_store import SessionStore
from records.erasure.contact_export import erase_contact
from records.models import AuditEvent, Conversation, Draft, Staff
from records.staff import desk, seats, staff_access
from records.states import Level, Owner, Presence

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume:Warning"),
]


def tab_to(page, selector, most=80):
    """Go there with the Tab key alone."""
    for _ in range(most):
        if page.evaluate("s => document.activeElement?.matches(s) ?? false", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {selector}")


def test_a_hand_off_from_claim_to_close_by_keys_alone(line, open_page):
    conversation = line.conversation("hola", level=Level.URGENT, safe="yes")
    page = open_page(staff="sara")

    page.keyboard.press("c")
    page.wait_for_selector("#reply")
    page.keyboard.press("r")
    page.keyboard.type("Hola, soy Sara")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".from-staff >> text=Hola, soy Sara")
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.keyboard.type("calm now")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".from-note >> text=calm now")
    page.keyboard.press("Escape")
    page.keyboard.press("x")
    page.wait_for_selector("#outcome:focus")
    page.keyboard.type("Helped")
    tab_to(page, "button.danger")
    page.keyboard.press("Enter")
    page.wait_for_selector(".state-closed", timeout=10_000)

    row = Conversation.objects.get(pk=conversation)
    assert (row.owner, row.outcome) == (Owner.CLOSED, "helped")
    assert line.replies(conversation) == ["Hola, soy Sara"]
    assert page.problems == []


def test_handing_back_and_giving_away_by_keys_alone(line, open_page):
    numbers = [line.conversation("hola", level=Level.URGENT, safe="yes") for _ in range(2)]
    ben = Staff.objects.get(username="ben")
    seats.set_presence(ben, Presence.HERE, timezone.now())
    page = open_page(staff="sara")
    owners = []
    for number in numbers:
        page.keyboard.press("c")
        page.wait_for_selector(f"#open-id[value='{number}']", state="attached")
        page.wait_for_selector("#reply")
        page.keyboard.press("r")
        page.keyboard.type("bgx")  # while typing they are letters
        typed = page.input_value("#reply"), page.locator("details.menu[open]").count()
        page.keyboard.press("Escape")

        page.keyboard.press("b")
        page.wait_for_selector("#hand-back[open] button:focus")
        if number == numbers[0]:
            page.keyboard.press("Enter")
            page.wait_for_selector(".state-queue", timeout=10_000)
            desk.claim(number, ben, timezone.now())  # so that the next one is the other
        else:
            page.keyboard.press("g")
            page.wait_for_selector("#transfer-to:focus")
            still_open = page.locator("#hand-back[open]").count()
            page.keyboard.type("Ben")
            tab_to(page, "#transfer")
            page.keyboard.press("Enter")
            page.wait_for_selector("text=Ben has this conversation now.", timeout=10_000)
        owners.append(Conversation.objects.get(pk=number).claimed_by)

    assert typed == ("bgx", 0)
    assert still_open == 0
    assert owners == [ben, ben]
    assert AuditEvent.objects.filter(action="transfer").count() == 1
    assert page.problems == []


def test_the_key_r_is_never_typed_into_the_reply_after_opening_or_after_the_safety_question(line, open_page):
    conversation = line.conversation("hola")
    desk.claim(conversation, Staff.objects.get(username="sara"), timezone.now())
    page = open_page(staff="sara")

    page.click(f"#card-{conversation}")
    page.wait_for_selector("#reply")
    page.wait_for_function("document.activeElement.id === 'main'")
    page.keyboard.press("r")
    page.keyboard.type("Hola")
    opened = page.input_value("#reply")
    page.fill("#reply", "")
    page.focus("#ask-safe")
    page.keyboard.press("Enter")
    page.wait_for_selector(".from-staff")
    page.wait_for_function("document.activeElement.matches('#main, #ask-safe')")
    page.keyboard.press("r")
    page.keyboard.type("Hola")

    assert opened == "Hola"
    assert page.input_value("#reply") == "Hola"
    assert page.problems == []


def test_escape_three_times_hides_the_desk_and_the_password_brings_it_and_the_draft_back(sara_has_open):
    page, conversation = sara_has_open("my word zebra", safe="yes")
    page.fill("#reply", "half a sentence")
    page.focus("#reply")
    for _ in range(3):
        page.keyboard.press("Escape")
    page.wait_for_url("**/desk/hidden/")

    hidden = page.content()
    page.go_back()
    page.wait_for_selector("#password")
    behind = page.content()
    page.fill("#password", "sara-demo")
    page.keyboard.press("Enter")
    page.wait_for_selector("#live[data-state=on]")
    page.click(f"#card-{conversation}")

    assert "zebra" not in hidden + behind
    assert page.input_value("#reply") == "half a sentence"


def test_switched_off_in_mid_sentence_the_words_stay_in_sight_and_it_is_said_that_they_were_not_sent(
    line, sara_has_open
):
    page, conversation = sara_has_open("hola", safe="yes")
    page.fill("#reply", "first half")
    page.wait_for_selector("#parts >> text=kept")
    staff_access.switch(Staff.objects.get(username="sara"), timezone.now(), on=False, by=None)
    page.focus("#reply")
    page.keyboard.press("End")
    page.keyboard.type(", second half")

    page.wait_for_selector(
        "#signed-out >> text=Your account was switched off. What you wrote was not sent", timeout=10_000
    )

    assert page.locator("#signed-out a").count() == 0
    assert page.input_value("#reply") == "first half, second half"
    assert line.replies(conversation) == []


def test_signed_out_in_mid_sentence_the_words_stay_and_go_after_a_new_sign_in(line, sara_has_open):
    page, conversation = sara_has_open("hola", safe="yes")
    page.fill("#reply", "first half")
    page.wait_for_selector("#parts >> text=kept")
    for row in Session.objects.all():  # nobody touched the desk for an hour
        row.session_data = SessionStore().encode({**row.get_decoded(), "seen": 0})
        row.save()
    page.focus("#reply")
    page.keyboard.press("End")
    page.keyboard.type(", second half")
    page.wait_for_selector("#signed-out", timeout=10_000)
    page.wait_for_selector("#live[data-state=lost] >> text=you were signed out")
    page.wait_for_selector("#parts >> text=Not kept on the server")
    claims = page.locator("#parts .kept").count()
    out_of_sight = not page.locator(".from-contact .said").first.is_visible()
    other = page.context.new_page()
    other.goto(page.url.split("/desk/")[0] + "/desk/sign-in/")
    other.fill("#id_username", "sara")
    other.fill("#id_password", "sara-demo")
    other.keyboard.press("Enter")
    other.wait_for_selector("#live[data-state=on]")
    other.close()

    # No focus comes back to it: they signed in in a window beside this one.
    page.wait_for_selector(".notice >> text=You are signed in again", timeout=15_000)
    page.locator(".from-contact .said").first.wait_for(state="visible")
    page.wait_for_selector("#live[data-state=on]", timeout=10_000)
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".from-staff >> text=first half, second half")

    assert claims == 0
    assert out_of_sight
    assert line.replies(conversation) == ["first half, second half"]


def test_a_draft_is_said_to_be_kept_only_once_the_server_has_it(sara_has_open):
    page, _ = sara_has_open("hola", safe="yes")
    page.fill("#reply", "first half")
    page.wait_for_selector("#parts .kept")

    page.route("**/draft/", lambda route: route.abort())
    page.focus("#reply")
    page.keyboard.press("End")
    page.keyboard.type(", second half")
    claims = page.locator("#parts .kept").count()
    page.unroute("**/draft/")
    page.keyboard.type(".")
    page.wait_for_selector("#parts .kept")

    assert claims == 0
    assert Draft.objects.count() == 1


def test_what_is_erased_leaves_an_open_page(line, open_page):
    sara = Staff.objects.get(username="sara")
    conversation = line.conversation("zebra crossing", safe="yes")
    desk.claim(conversation, sara, timezone.now())
    page = open_page(staff="sara")
    page.click(f"#card-{conversation}")
    page.wait_for_selector(".from-contact >> text=zebra")

    erase_contact(Conversation.objects.get(pk=conversation).contact_id, sara, timezone.now())
    page.evaluate("htmx.trigger(document.body, 'thread-changed')")

    page.locator(".from-contact").first.wait_for(state="detached", timeout=10_000)
    assert "zebra" not in page.content()


@pytest.mark.long
def test_a_reply_is_on_the_phone_within_a_second(tried, delivering):
    page, frame, _conversation = tried
    taken = []

    for number in range(5):
        frame.locator("#reply").fill(f"Halo {number}")
        began = time.perf_counter()
        frame.locator("#reply").press("Control+Enter")
        page.wait_for_selector(f"#screen-sms .theirs >> text=Halo {number}", timeout=8000)
        taken.append(time.perf_counter() - began)
        frame.locator(f".from-staff >> text=Halo {number}").wait_for()

    assert sorted(taken)[2] < 1.0, taken


def test_who_looks_no_more_is_shown_so_at_once_and_who_reloads_still_looks(line, open_page):
    number = line.conversation("hola", safe="yes")
    other = line.conversation("otra", safe="yes")
    nour, ben = open_page(staff="nour"), open_page(staff="ben")
    nour.click(f"#card-{number}")
    nour.wait_for_selector("#claim")
    ben.click(f"#card-{number}")
    nour.wait_for_selector(".watcher >> text=Ben looks", timeout=10_000)

    ben.click(f"#card-{other}")
    nour.wait_for_selector(".watcher", state="detached", timeout=10_000)
    ben.click(f"#card-{number}")
    nour.wait_for_selector(".watcher >> text=Ben looks", timeout=10_000)
    ben.reload()
    ben.wait_for_selector("#live[data-state=on]")
    ben.wait_for_timeout(1000)
    nour.wait_for_selector(".watcher >> text=Ben looks", timeout=10_000)
    ben.goto(ben.url.split("/desk/")[0] + "/desk/account/")
    nour.wait_for_selector(".watcher", state="detached", timeout=10_000)

    assert nour.problems + ben.problems == []
