"""The ladder and those who are away: others are told in time, without content, and nobody is kept waiting in silence."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from bot import oncall
from bot.clock import Clock
from channels.base import Sent
from channels.errors import ProviderUnreachable
from content.ladder import ladder, rungs
from records.models import Alert, AuditEvent, Conversation, OnCallAddress, OutboxMessage, Seat, Staff
from records.staff import alerts, desk, seats, shifts
from records.states import AlertBy, AlertStatus, Level, Owner, Presence, ShiftKind
from tests.desk.conftest import MARKED

MIN = timedelta(minutes=1)


class Box:
    """A channel that keeps what it was given."""

    name, can_find_sent = "sms", False

    def __init__(self, fails=False):
        self.sent, self.fails = [], fails

    async def send(self, message):
        if self.fails:
            raise ProviderUnreachable
        self.sent.append(message)
        return Sent("x")

    async def close(self):
        return


@pytest.fixture
def reached(staff, settings):
    """Nour is on call, by mail and by SMS."""
    settings.EMAIL_HOST = "127.0.0.1"
    nour = staff("nour")
    now = timezone.now()
    alerts.set_address(nour, AlertBy.EMAIL, "nour@example.org", now)
    alerts.set_address(nour, AlertBy.SMS, "+12025550111", now)
    seats.seat_of(nour, now)
    Seat.objects.filter(staff=nour).update(on_call=True)
    return nour


def test_an_urgent_wait_climbs_from_desk_and_mail_to_the_phone(hotline, reached):
    hotline.conversation(f"my word {MARKED}", level=Level.URGENT)
    start, box = timezone.now(), Box()
    post = oncall.poster({"sms": box})
    told = []

    for minutes in (2, 4, 11):
        now = start + minutes * MIN
        oncall.climb(now)
        oncall.tell(now, post)
        told.append((len(mail.outbox), len(box.sent)))

    assert told == [(0, 0), (1, 0), (1, 1)]
    assert mail.outbox[0].to == ["nour@example.org"]
    assert box.sent[0].recipient.value == "+12025550111"


def test_an_alert_holds_no_content(hotline, reached):
    hotline.conversation(f"my word {MARKED}", level=Level.URGENT, language="km", reasons=("risk.immediate_danger",))
    now, box = timezone.now() + 11 * MIN, Box()
    oncall.climb(now)

    oncall.tell(now, oncall.poster({"sms": box}))

    assert box.sent[0].text == "Desk: 1 waits for a person, for 11 min. Please sign in."
    assert mail.outbox[0].body == box.sent[0].text
    assert mail.outbox[0].subject == "Desk"


def test_the_same_rung_tells_nobody_twice_and_many_that_wait_are_one_message(hotline, reached):
    for _ in range(5):
        hotline.conversation(level=Level.URGENT)
    now, box = timezone.now() + 4 * MIN, Box()

    for seconds in (0, 5, 10):
        oncall.climb(now + timedelta(seconds=seconds))
        oncall.tell(now + timedelta(seconds=seconds), oncall.poster({"sms": box}))

    assert len(mail.outbox) == 1
    assert mail.outbox[0].body.startswith("Desk: 5 wait for a person")


def test_what_somebody_has_taken_alerts_nobody_any_more(hotline, reached, staff):
    conversation = hotline.conversation(level=Level.URGENT)
    now = timezone.now() + 4 * MIN
    oncall.climb(now)
    desk.claim(conversation, staff("sara"), now)

    oncall.tell(now, oncall.poster({}))

    assert mail.outbox == []
    assert set(Alert.objects.filter(staff=reached).values_list("status", flat=True)) == {AlertStatus.DROPPED}


def test_an_alert_that_fails_is_tried_again_and_then_given_up(hotline, reached):
    hotline.conversation(level=Level.URGENT)
    OnCallAddress.objects.filter(by=AlertBy.EMAIL).delete()
    now, box = timezone.now() + 11 * MIN, Box(fails=True)
    oncall.climb(now)

    for minutes in range(8):
        oncall.tell(now + 2 * minutes * MIN, oncall.poster({"sms": box}))

    row = Alert.objects.get(by=AlertBy.SMS)
    assert (row.status, row.reason) == (AlertStatus.FAILED, "ProviderUnreachable")
    box.fails = False
    assert oncall.tell(now + 60 * MIN, oncall.poster({"sms": box})) == 0


def test_an_offer_wakes_nobody_at_night(hotline, reached):
    hotline.conversation(level=Level.OFFER)
    now = timezone.now() + 30 * MIN

    oncall.climb(now)
    oncall.tell(now, oncall.poster({}))

    assert mail.outbox == []
    assert not Alert.objects.exists()


def test_an_address_on_call_is_sealed(reached):
    stored = bytes(OnCallAddress.objects.get(by=AlertBy.SMS).address)

    assert b"2025550111" not in stored
    assert OnCallAddress.objects.get(by=AlertBy.SMS).open() == "+12025550111"


def test_every_level_has_its_ladder_and_begins_at_the_desk():
    assert rungs("urgent")[0].after == 3 * MIN
    assert rungs("urgent")[1].after == 10 * MIN
    assert rungs(None) == rungs("offer")
    assert all("desk" in rows[0].by for rows in ladder().rungs.values())


def test_who_is_away_gives_back_what_they_hold_and_the_thread_says_so(hotline, seated, staff):
    ben, sara = seated("ben"), staff("sara")
    start = timezone.now()
    conversation = hotline.conversation()
    seats.be_here(sara, start, active=True)
    desk.claim(conversation, sara, start)

    before = oncall.rest(start + ladder().away_after - MIN), hotline.owner(conversation)
    away = oncall.rest(start + ladder().away_after), Seat.objects.get(staff=sara).presence
    oncall.rest(start + ladder().give_back_after)

    assert before == (0, Owner.STAFF)
    assert away == (0, Presence.AWAY)
    row = Conversation.objects.get(pk=conversation)
    assert (row.owner, row.claimed_by) == (Owner.QUEUE, None)
    assert "worker_away" in row.handoff_reasons
    assert AuditEvent.objects.filter(action="given_back", conversation_uid=row.uid).count() == 1
    assert "Sara was away: it went back to the queue" in ben.get(f"/desk/c/{conversation}/").content.decode()


def test_a_break_that_is_too_long_is_called_a_break_and_not_away(hotline, seated, staff):
    ben, sara = seated("ben"), staff("sara")
    start, conversation = timezone.now(), hotline.conversation()
    seats.be_here(sara, start, active=True)
    desk.claim(conversation, sara, start)
    seats.set_presence(sara, Presence.BREAK, start)

    oncall.rest(start + ladder().give_back_after)

    page = ben.get(f"/desk/c/{conversation}/").content.decode()
    assert "Sara was on a break: it went back to the queue" in page
    assert "Came back: the worker was on a break" in page
    assert "was away" not in page


def test_a_hand_on_the_desk_keeps_what_one_holds(hotline, seated):
    client, conversation = seated(), hotline.conversation()
    client.post(f"/desk/c/{conversation}/claim/")

    oncall.rest(timezone.now() + ladder().away_after - MIN)
    client.post("/desk/here/")
    oncall.rest(timezone.now() + MIN)

    assert hotline.owner(conversation) == Owner.STAFF


def test_after_a_long_break_what_is_held_goes_back_and_after_a_short_one_it_stays(hotline, seated):
    client, conversation = seated(), hotline.conversation()
    client.post(f"/desk/c/{conversation}/claim/")

    page = client.post("/desk/presence/", {"is": "break"}, follow=True).content.decode()
    oncall.rest(timezone.now() + ladder().give_back_after - MIN)
    short = hotline.owner(conversation)
    oncall.rest(timezone.now() + ladder().give_back_after + MIN)

    minutes = ladder().give_back_after // MIN
    assert f"You hold 1. After {minutes} minutes they go back to the queue" in page
    assert short == Owner.STAFF
    assert hotline.owner(conversation) == Owner.QUEUE


def test_an_account_that_is_switched_off_holds_nothing(hotline, staff):
    sara, conversation = staff("sara"), hotline.conversation()
    desk.claim(conversation, sara, timezone.now())
    sara.is_active = False
    sara.save()

    oncall.rest(timezone.now())

    assert hotline.owner(conversation) == Owner.QUEUE


def test_who_is_on_shift_and_speaks_the_language_is_told_first(hotline, reached, staff):
    start = timezone.now()
    thiri = staff("thiri", languages=["my"])
    alerts.set_address(thiri, AlertBy.EMAIL, "thiri@example.org", start)
    shifts.add(thiri, start - MIN, start + 60 * MIN, ShiftKind.DESK, reached, start)
    hotline.conversation(level=Level.URGENT, language="my")
    post, told = oncall.poster({}), []

    for minutes in (4, 5, 7):
        oncall.climb(start + minutes * MIN)
        oncall.tell(start + minutes * MIN, post)
        told.append([one.to[0] for one in mail.outbox])

    assert told == [["thiri@example.org"]] * 2 + [["thiri@example.org", "nour@example.org"]]


def test_after_a_give_back_nobody_is_told_that_no_helper_has_joined(hotline, staff):
    conversation, now = hotline.conversation(safe="yes"), timezone.now()
    desk.claim(conversation, staff("sara"), now)
    desk.hand_back(conversation, Staff.objects.get(username="sara"), Owner.QUEUE, now)
    Clock().tick(now + 3.5 * MIN)
    Conversation.objects.filter(pk=conversation).update(safe_at=now + 10 * MIN)
    Clock().tick(now + 10.5 * MIN)

    said = list(OutboxMessage.objects.filter(conversation=conversation, timed=True).values_list("key", flat=True))

    assert said[0] == "stay.here"
    assert said[1] in ("numbers", "stay.here")
    assert len(said) == 2
