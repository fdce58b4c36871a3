"""Away: after 15 minutes without a hand on the desk what somebody held waits again, and nothing of theirs is lost."""

from __future__ import annotations

import pytest
from django.utils import timezone

from bot import oncall
from content.ladder import ladder
from records.models import Seat, Staff
from records.staff import desk
from records.states import Level, Owner, Presence

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    # WhiteNoise gives Django's ASGI handler plain iterators; it reads them whole, which is right for small files.
    pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume:Warning"),
]


def test_what_an_idle_worker_held_waits_again_before_their_eyes_and_their_words_are_there_when_they_take_it(
    line, open_page
):
    number = line.conversation("hola", level=Level.URGENT, safe="yes")
    desk.claim(number, Staff.objects.get(username="sara"), timezone.now())
    sara, ben = open_page(staff="sara"), open_page(staff="ben")
    sara.click(f"#card-{number}")
    sara.fill("#reply", "half a reply")
    sara.wait_for_selector("#parts .kept")
    start = Seat.objects.get(staff__username="sara").active_at

    oncall.rest(start + ladder().away_after)
    away = Seat.objects.get(staff__username="sara").presence, line.owner(number)
    oncall.rest(start + ladder().give_back_after)
    sara.wait_for_selector("text=Sara was away: it went back to the queue", timeout=10_000)
    ben.wait_for_selector(f"section[aria-labelledby=group-waiting] #card-{number}", timeout=10_000)
    told = ben.inner_text(f"#card-{number}")
    sara.wait_for_function("() => document.title.startsWith('(1!)')", timeout=10_000)
    box = sara.locator("#reply").count()
    sara.click("#claim")
    sara.wait_for_selector("#reply")

    assert away == (Presence.AWAY, Owner.STAFF)
    assert "the worker was away" in told
    assert box == 0
    assert sara.input_value("#reply") == "half a reply"
    assert Seat.objects.get(staff__username="sara").presence == Presence.HERE
    assert sara.problems + ben.problems == []
