"""A reply that is asked about once before it goes: by keys alone, in a real Chromium."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from records.models import Conversation

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume:Warning"),
]
FORBIDDEN = "You are a victim of trafficking."


def is_asked_about(page):
    """A reply with words that the line never says, sent by keys: it is held."""
    page.fill("#reply", FORBIDDEN)
    page.press("#reply", "Control+Enter")
    page.wait_for_selector("#second-look >> text=victim")


def test_a_reply_that_was_asked_about_goes_as_it_is_by_the_same_keys(line, sara_has_open):
    page, conversation = sara_has_open("hello", language="en", safe="yes")
    is_asked_about(page)

    page.keyboard.press("Control+Enter")

    page.wait_for_selector(".from-staff >> text=You are a victim")
    assert line.replies(conversation) == [FORBIDDEN]


def test_in_a_closed_box_too_it_goes_by_the_same_keys_with_the_reason_that_was_chosen(line, sara_has_open):
    page, conversation = sara_has_open("hello", language="en", safe="yes")
    page.wait_for_selector("#reply")
    long_ago = timezone.now() - timedelta(minutes=40)
    Conversation.objects.filter(pk=conversation).update(last_in_at=long_ago, safe_at=long_ago)
    page.reload()
    page.click("#override summary")
    page.select_option("#override-reason", "asked_to")
    is_asked_about(page)

    page.keyboard.press("Control+Enter")

    page.wait_for_selector(".from-staff >> text=You are a victim")
    assert line.replies(conversation) == [FORBIDDEN]


@pytest.mark.parametrize("doubt", ["controller_present", ""])
def test_with_the_cursor_elsewhere_the_keys_lead_to_what_sends_it_and_then_send_it(line, sara_has_open, doubt):
    page, conversation = sara_has_open("hello", language="en", safe="yes")
    Conversation.objects.filter(pk=conversation).update(doubt=doubt, doubt_at=timezone.now() if doubt else None)
    is_asked_about(page)
    page.focus("#ask-safe" if doubt else "#main")

    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#send:focus")
    held = line.replies(conversation)
    page.keyboard.press("Control+Enter")

    page.wait_for_selector(".from-staff >> text=You are a victim")
    assert held == []
    assert line.replies(conversation) == [FORBIDDEN]
