"""Who has a conversation: races, capacity, take-over, languages, earlier ones, and a desk that hides itself."""

from __future__ import annotations

import io
import re
import threading
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connections, transaction
from django.test import Client
from django.utils import timezone

from desk.board import Filters, board
from records.messages.intake import store_inbound
from records.messages.outcome import Changes
from records.messages.step import change_facts, locked
from records.models import AuditEvent, Conversation, ConversationLink, InboxMessage, Note, Seat, Staff
from records.staff import desk, seats
from records.staff.seats import MOST_CAPACITY
from records.states import Level, Owner, Presence, StaffRole
from tests.desk.conftest import MARKED

ROUNDS = 100


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_in_a_hundred_races_of_two_workers_each_has_one_winner(hotline, seated):
    clients = {"Sara": seated("sara"), "Ben": seated("ben")}
    races = [hotline.conversation(level=Level.OFFER) for _ in range(ROUNDS)]
    Seat.objects.update(capacity=MOST_CAPACITY)
    start, told = threading.Barrier(2), {name: {} for name in clients}

    def claim(name, client):
        for conversation in races:
            start.wait(60)
            told[name][conversation] = client.post(f"/desk/c/{conversation}/claim/").status_code
            start.wait(60)
            if name == "Sara":  # nobody is at capacity in the next round
                Conversation.objects.filter(pk=conversation, owner=Owner.STAFF).update(owner=Owner.CLOSED)
            start.wait(60)
        connections.close_all()

    both = [threading.Thread(target=claim, args=pair) for pair in clients.items()]
    for one in both:
        one.start()
    for one in both:
        one.join()

    taken = AuditEvent.objects.filter(action="owner_changed", details__to="staff")
    winners = {
        uid: list(taken.filter(conversation_uid=uid)) for uid in taken.values_list("conversation_uid", flat=True)
    }
    assert len(winners) == ROUNDS
    assert all(len(rows) == 1 for rows in winners.values())
    assert all(code == 302 for answers in told.values() for code in answers.values())


def test_at_capacity_an_offer_is_refused_and_an_urgent_one_is_not(hotline, seated):
    client = seated("sara")
    for _ in range(3):
        client.post(f"/desk/c/{hotline.conversation()}/claim/")
    offer, urgent = hotline.conversation(), hotline.conversation(level=Level.URGENT)

    page = client.post(f"/desk/c/{offer}/claim/", follow=True).content.decode()
    client.post("/desk/claim-next/")
    nothing = client.post("/desk/claim-next/", follow=True).content.decode()

    assert "You hold 3 of 3." in page
    assert hotline.owner(offer) == Owner.QUEUE
    assert hotline.owner(urgent) == Owner.STAFF
    assert "You hold 4 of 3." in nothing


def test_of_one_level_the_next_is_one_whose_language_i_speak(hotline, seated):
    client = seated("sara")
    Staff.objects.update(languages=["id"])
    hotline.conversation(language="my", level=Level.PRIORITY)
    mine = hotline.conversation(language="id", level=Level.PRIORITY)
    urgent = hotline.conversation(language="km", level=Level.URGENT)

    first, second = (client.post("/desk/claim-next/")["Location"] for _ in range(2))

    assert (first, second) == (f"/desk/c/{urgent}/#newest", f"/desk/c/{mine}/#newest")


def test_a_supervisor_takes_over_and_a_worker_may_not(hotline, seated, staff):
    sara, nour, tom = seated("sara"), seated("nour", StaffRole.SUPERVISOR), seated("tom")
    conversation = hotline.conversation()
    sara.post(f"/desk/c/{conversation}/claim/")

    refused = tom.post(f"/desk/c/{conversation}/take-over/")
    page = nour.post(f"/desk/c/{conversation}/take-over/", follow=True).content.decode()

    assert refused.status_code == 403
    assert "With you" in page
    assert "Nour took it over" in page
    assert sara.post(f"/desk/c/{conversation}/reply/", {"text": "one more"}).status_code == 409


def test_transferred_to_a_language_it_waits_for_somebody_who_speaks_it(hotline, seated):
    sara, ben = seated("sara"), seated("ben")
    Staff.objects.filter(username="ben").update(languages=["my"])
    conversation = hotline.conversation(language="my")
    sara.post(f"/desk/c/{conversation}/claim/")

    sara.post(f"/desk/c/{conversation}/transfer/", {"to": "language:my", "for_them": f"she waits {MARKED}"})

    page = ben.get("/desk/").content.decode()
    assert hotline.owner(conversation) == Owner.QUEUE
    assert "For somebody who speaks Burmese" in page
    assert MARKED not in page
    assert Note.objects.count() == 1


def test_a_message_to_a_closed_conversation_begins_a_new_one_that_only_a_worker_joins(hotline, seated):
    client, address = seated("sara"), "+15005550990"
    first = hotline.conversation("once", address=address)
    client.post(f"/desk/c/{first}/claim/")
    client.post(f"/desk/c/{first}/close/", {"outcome": "helped"})
    stored = store_inbound(
        channel="sms", provider_id="again", address=address, kind="text", text="hola", received_at=timezone.now()
    )
    second = stored.conversation_id
    new_owner = hotline.owner(second)
    Conversation.objects.filter(pk=second).update(owner=Owner.QUEUE, queued_at=timezone.now())
    client.post(f"/desk/c/{second}/claim/")
    stranger = hotline.conversation()

    listed = client.post(f"/desk/c/{second}/earlier/").content.decode()
    wrong = client.post(f"/desk/c/{second}/earlier/", {"join": stranger})
    none_yet = ConversationLink.objects.count()
    page = client.post(f"/desk/c/{second}/earlier/", {"join": first}, follow=True).content.decode()

    assert (second != first, new_owner) == (True, Owner.BOT)
    assert f'value="{first}"' in listed
    assert (wrong.status_code, none_yet) == (404, 0)
    assert f"joined to {first} by Sara" in page
    assert AuditEvent.objects.filter(action="earlier_looked_up").count() == 2


def test_earlier_conversations_are_shown_only_to_who_holds_this_one(hotline, seated):
    conversation = hotline.conversation()

    page = seated("sara").post(f"/desk/c/{conversation}/earlier/", follow=True).content.decode()

    assert "Nothing was changed. It waits in the queue" in page
    assert not AuditEvent.objects.filter(action="earlier_looked_up").exists()


def test_a_queue_of_many_is_a_page_and_its_counts_are_of_all(hotline, staff):
    for _ in range(45):
        hotline.conversation(language="es")
    khmer = hotline.conversation(language="km", level=Level.INFO)
    sara, now = staff("sara", languages=["km"]), timezone.now()

    whole, filtered = board(sara, now), board(sara, now, filters=Filters.of({"language": "mine"}))

    waiting = next(one for one in whole.sections if one.id == "waiting")
    assert (len(waiting.cards), waiting.count, waiting.more, whole.waiting) == (40, 46, 6, 46)
    assert [card.id for card in next(one for one in filtered.sections if one.id == "waiting").cards] == [khmer]
    assert (filtered.hidden, filtered.waiting) == (45, 46)


def test_a_filter_stays_until_it_is_changed_and_says_how_many_it_hides(hotline, seated):
    client = seated("sara")
    hotline.conversation(level=Level.OFFER)
    hotline.conversation(level=Level.URGENT)

    client.get("/desk/queue/", {"filter": "1", "level": "offer"}, headers={"HX-Request": "true"})
    page = client.get("/desk/").content.decode()
    client.get("/desk/queue/", {"filter": "1", "level": "nonsense"}, headers={"HX-Request": "true"})

    assert "1 that waits is not shown" in page
    assert 'data-urgent="1"' in page
    assert "not shown" not in client.get("/desk/").content.decode()


def test_a_hidden_desk_shows_nothing_until_the_password(hotline, staff):
    staff("sara", password="a long password")
    client = Client()
    client.force_login(Staff.objects.get(username="sara"), backend="django.contrib.auth.backends.ModelBackend")
    conversation = hotline.conversation(f"my word {MARKED}")

    client.post("/desk/hide/")
    pages = [client.get(path) for path in ("/desk/", f"/desk/c/{conversation}/", "/desk/queue/", "/desk/account/")]
    wrong = client.post("/desk/hidden/", {"password": "not it"})
    client.post("/desk/hidden/", {"password": "a long password"})

    assert {page["Location"].split("?")[0] for page in pages} == {"/desk/hidden/"}
    assert wrong.status_code == 403
    assert MARKED in client.get(f"/desk/c/{conversation}/").content.decode()


def test_a_wrong_password_five_times_ends_the_session(staff, client):
    client.force_login(staff("sara", password="a long password"), backend="django.contrib.auth.backends.ModelBackend")
    client.post("/desk/hide/")

    for _ in range(5):
        last = client.post("/desk/hidden/", {"password": "guess"})

    assert last["Location"] == "/desk/sign-in/"
    assert client.get("/desk/hidden/")["Location"].startswith("/desk/sign-in/")


def test_times_stand_in_the_zone_and_colours_in_the_theme_one_chose(hotline, seated):
    client = seated("sara")
    conversation = hotline.conversation("hola")
    noon = timezone.now().replace(hour=20, minute=0)
    Conversation.objects.get(pk=conversation).inbox.update(received_at=noon)

    client.post("/desk/account/", {"capacity": "4", "time_zone": "Asia/Kathmandu", "theme": "dark", "on_call": "on"})
    page = client.get(f"/desk/c/{conversation}/").content.decode()

    seat = Seat.objects.get()
    assert (seat.capacity, seat.on_call) == (4, True)
    assert 'data-theme="dark" data-zone="Asia/Kathmandu"' in page
    assert ">01:45</time>" in page


def test_colleagues_in_the_transfer_list_are_those_who_are_here_first(hotline, staff):
    sara, ben, tom = staff("sara"), staff("ben"), staff("tom")
    now = timezone.now()
    seats.be_here(tom, now, active=True)
    desk.claim(hotline.conversation(), tom, now)

    shown = seats.colleagues(sara)

    assert [(one.alias, one.presence, one.holds) for one in shown] == [
        ("Tom", Presence.HERE, 1), ("Ben", Presence.AWAY, 0),
    ]  # fmt: skip
    assert ben.pk == shown[1].staff_id


@pytest.mark.parametrize("before", [Presence.HERE, Presence.BREAK])
def test_who_signs_out_is_away_at_once_for_everybody_and_keeps_what_they_hold(hotline, seated, before):
    client, number = seated("sara"), hotline.conversation(level=Level.OFFER)
    client.post(f"/desk/c/{number}/claim/")
    sara = Staff.objects.get(username="sara")
    seats.set_presence(sara, before, timezone.now())

    client.post("/desk/sign-out/")

    assert Seat.objects.get(staff=sara).presence == Presence.AWAY
    assert AuditEvent.objects.filter(action="presence").latest("pk").details == {"is": "away"}
    assert Conversation.objects.get(pk=number).claimed_by == sara


@pytest.fixture
def holder(hotline, seated):
    """Sara's browser; she holds an urgent one and an offer."""
    client = seated("sara")
    numbers = [hotline.conversation(level=level) for level in (Level.URGENT, Level.OFFER)]
    for number in numbers:
        client.post(f"/desk/c/{number}/claim/")
    return client, numbers


def test_who_holds_an_urgent_one_is_asked_once_before_they_sign_out_and_may_stay(holder, hotline):
    client, numbers = holder

    asked = client.post("/desk/sign-out/")

    page = asked.content.decode()
    assert asked.status_code == 422
    assert "You hold 2 conversations. Urgent among them: 1." in page
    assert "Hand back to the queue and sign out" in page
    assert [hotline.owner(number) for number in numbers] == [Owner.STAFF, Owner.STAFF]
    assert Seat.objects.get(staff__username="sara").presence == Presence.HERE
    assert client.get("/desk/").status_code == 200


def test_handed_back_at_sign_out_all_wait_in_the_queue_and_the_thread_says_who_gave_them(holder, hotline, seated):
    client, numbers = holder

    left = client.post("/desk/sign-out/", {"held": "queue"})

    assert left["Location"] == "/desk/sign-in/"
    assert [hotline.owner(number) for number in numbers] == [Owner.QUEUE, Owner.QUEUE]
    assert Seat.objects.get(staff__username="sara").presence == Presence.AWAY
    assert "Sara gave it back to the queue" in seated("ben").get(f"/desk/c/{numbers[0]}/").content.decode()


def test_who_holds_an_urgent_one_is_asked_the_same_before_a_break_and_may_stay(holder, hotline):
    client, numbers = holder

    asked = client.post("/desk/presence/", {"is": "break"})

    page = asked.content.decode()
    assert asked.status_code == 422
    assert "You hold 2 conversations. Urgent among them: 1." in page
    assert "Hand back to the queue and take the break" in page
    assert 'id="hand-back-form"' not in page  # that one tells the other tabs that nobody is signed in
    assert [hotline.owner(number) for number in numbers] == [Owner.STAFF, Owner.STAFF]
    assert Seat.objects.get(staff__username="sara").presence == Presence.HERE


def test_handed_back_before_a_break_all_wait_in_the_queue_and_the_break_begins(holder, hotline):
    client, numbers = holder

    gone = client.post("/desk/presence/", {"is": "break", "held": "queue"})

    assert gone["Location"] == "/desk/"
    assert [hotline.owner(number) for number in numbers] == [Owner.QUEUE, Owner.QUEUE]
    assert Seat.objects.get(staff__username="sara").presence == Presence.BREAK
    assert "go back to the queue; hand over" not in client.get("/desk/").content.decode()


def test_a_hidden_desk_asks_nothing_at_sign_out_and_an_urgent_one_is_handed_back(holder, hotline):
    client, numbers = holder
    client.post("/desk/hide/")

    left = client.post("/desk/sign-out/")

    assert left["Location"] == "/desk/sign-in/"
    assert [hotline.owner(number) for number in numbers] == [Owner.QUEUE, Owner.QUEUE]


@pytest.mark.parametrize(("act", "form", "card", "told"), [
    ("anew", {}, "the worker lost password or phone", "Sara lost password or phone"),
    ("sign-out", {}, "the worker was signed out everywhere", "Sara was signed out everywhere"),
    ("switch", {"to": "off"}, "the worker&#x27;s account was switched off", "The account of Sara was switched off"),
], ids=["lost password or phone", "signed out everywhere", "switched off"])  # fmt: skip
def test_what_somebody_holds_who_was_shut_out_waits_again_the_most_urgent_first(hotline, seated, act, form, card, told):
    seated("sara")
    sara, now = Staff.objects.get(username="sara"), timezone.now()
    offer, urgent = hotline.conversation(level=Level.OFFER), hotline.conversation(level=Level.URGENT)
    closed, other = hotline.conversation(), hotline.conversation()
    for one in (offer, urgent, closed):
        desk.claim(one, sara, now)
    desk.close(closed, sara, "helped", now)
    seats.set_presence(sara, Presence.BREAK, now)
    nour, address = seated("nour", StaffRole.SUPERVISOR), f"/desk/people/{sara.pk}/{act}/"
    desk.claim(other, Staff.objects.get(username="nour"), now)

    asked = nour.post(address, form).content.decode()
    before = hotline.owner(offer), hotline.owner(urgent)
    page = nour.post(address, {**form, "really": "yes"}, follow=True).content.decode()

    assert "The conversations that they hold go back to the queue, the most urgent first." in asked
    assert before == (Owner.STAFF, Owner.STAFF)
    assert "2 conversations that they held are back in the queue." in page
    assert [one.conversation_id for one in desk.queue(timezone.now())] == [urgent, offer]
    assert (hotline.owner(closed), hotline.owner(other)) == (Owner.CLOSED, Owner.STAFF)
    assert Seat.objects.get(staff=sara).presence == Presence.AWAY
    given = AuditEvent.objects.filter(action="given_back")
    assert {row.details["from"] for row in given} == {sara.pk}
    assert {row.conversation_uid for row in given} == {
        row.uid for row in Conversation.objects.filter(pk__in=(offer, urgent))
    }
    shown = nour.get("/desk/").content.decode()
    assert f"Came back: {card}" in shown
    assert f"{told}: it went back to the queue" in nour.get(f"/desk/c/{urgent}/").content.decode()


@pytest.mark.parametrize(("act", "why"), [
    ("off", "worker_off"), ("factors", "worker_lost"), ("sign-out", "worker_signed_out"), ("password", "worker_lost"),
])  # fmt: skip
@pytest.mark.usefixtures("quick")
def test_at_the_terminal_too_what_they_hold_waits_again_and_it_is_said(hotline, staff, capsys, monkeypatch, act, why):
    monkeypatch.setattr("lantern.management.commands.staff.open_database", lambda _: None)
    number = hotline.conversation()
    desk.claim(number, staff("sara"), timezone.now())

    monkeypatch.setattr("sys.stdin", io.StringIO("seven kettles at dawn\n"))

    call_command("staff", act, "sara", *(["--password-stdin"] if act == "password" else []))

    assert hotline.owner(number) == Owner.QUEUE
    assert Conversation.objects.get(pk=number).handoff_reasons[-1] == why
    assert "1 conversation that they held is back in the queue." in capsys.readouterr().err


def test_every_desk_is_told_at_once_of_what_waits_again(hotline, seated, staff, monkeypatch):
    told = []
    monkeypatch.setattr("desk.people.signals.publish", lambda topic, ids: told.append(topic))
    sara, number = staff("sara"), hotline.conversation()
    desk.claim(number, sara, timezone.now())

    seated("nour", StaffRole.SUPERVISOR).post(f"/desk/people/{sara.pk}/sign-out/", {"really": "yes"})

    assert "desk" in told


MIN = timedelta(minutes=1)


def waits(hotline, since, **fields):
    """One that was put into the queue then; return its number."""
    number = hotline.conversation(**fields)
    Conversation.objects.filter(pk=number).update(queued_at=since, unanswered_since=since)
    return number


def test_after_a_hand_back_card_and_head_say_for_how_long_no_person_has_answered_and_it_stands_first(hotline, seated):
    client, now = seated("sara"), timezone.now()
    sara = Staff.objects.get(username="sara")
    handed, other = waits(hotline, now - 24 * MIN), waits(hotline, now - 10 * MIN)
    desk.claim(handed, sara, now - 20 * MIN)
    desk.hand_back(handed, sara, Owner.QUEUE, now - MIN)

    cards, head = (client.get(path).content.decode() for path in ("/desk/queue/", f"/desk/c/{handed}/"))

    assert [one.conversation_id for one in desk.queue(now)] == [handed, other]
    assert re.findall("waits <time[^>]*>(.*?)<", cards) == ["24 min", "10 min"]
    assert "no person has answered for" in head


def test_what_a_person_answered_counts_from_what_was_written_since_and_with_nothing_new_from_the_hand_back(
    hotline, staff
):
    sara, now = staff("sara"), timezone.now()
    wrote, silent = (waits(hotline, now - 60 * MIN) for _ in range(2))
    for number in (wrote, silent):
        desk.claim(number, sara, now - 50 * MIN)
        desk.reply(number, sara, "I am here", now - 40 * MIN, client_token=f"t{number}")
        InboxMessage.objects.filter(conversation=number).update(received_at=now - 61 * MIN)
    InboxMessage.objects.filter(conversation=wrote).update(received_at=now - 30 * MIN)

    for number in (wrote, silent):
        desk.hand_back(number, sara, Owner.QUEUE, now - 5 * MIN)

    since = dict(Conversation.objects.values_list("pk", "unanswered_since"))
    assert since == {wrote: now - 30 * MIN, silent: now - 5 * MIN}


def asks_again(number, now):
    """The bot has it and they ask for a person; return since when no person has answered."""
    with transaction.atomic():
        row = locked(number)
        change_facts(row, Changes(owner=Owner.QUEUE), now)
        row.save()
    [entry] = desk.queue(now)
    assert (entry.conversation_id, entry.queued_at) == (number, now)
    return entry.unanswered_since


def test_what_the_bot_answered_after_a_hand_back_is_no_word_of_a_person(hotline, seated):
    client, now = seated("sara"), timezone.now()
    sara = Staff.objects.get(username="sara")
    number = waits(hotline, now - 60 * MIN)
    desk.claim(number, sara, now - 50 * MIN)
    desk.hand_back(number, sara, Owner.BOT, now - 40 * MIN)

    since = asks_again(number, now - 2 * MIN)

    assert since == now - 60 * MIN
    page = client.get("/desk/queue/").content.decode()
    assert re.findall("waits <time[^>]*>(.*?)<", page) == ["1 h 0 min"]


def test_who_was_answered_and_asks_for_a_person_again_after_the_bot_had_them_begins_anew(hotline, staff):
    sara, now = staff("sara"), timezone.now()
    number = waits(hotline, now - 60 * MIN)
    desk.claim(number, sara, now - 50 * MIN)
    InboxMessage.objects.filter(conversation=number).update(received_at=now - 61 * MIN)
    desk.reply(number, sara, "I am here", now - 45 * MIN, client_token="t")
    desk.hand_back(number, sara, Owner.BOT, now - 40 * MIN)
    InboxMessage.objects.filter(conversation=number).update(received_at=now - 30 * MIN)  # to the bot

    assert asks_again(number, now - 2 * MIN) == now - 2 * MIN


def test_who_never_asked_for_a_person_has_no_wait_from_one_who_looked_in(hotline, staff):
    nour, now = staff("nour", StaffRole.SUPERVISOR), timezone.now()
    number = hotline.conversation(owner=Owner.BOT)
    Conversation.objects.filter(pk=number).update(queued_at=None, unanswered_since=None)
    desk.claim(number, nour, now - 50 * MIN)
    desk.hand_back(number, nour, Owner.BOT, now - 40 * MIN)

    assert asks_again(number, now - 2 * MIN) == now - 2 * MIN
