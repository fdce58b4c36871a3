"""What one person holds: what is new in it, whose turn is first, and what a colleague has just given to them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from records.messages.intake import store_inbound
from records.models import Conversation, Staff, Viewer
from records.staff import desk, seats
from records.staff.holding import holding
from records.states import Level

ANA = "+15005557777"


@pytest.fixture
def sara(hotline, seated):
    """Sara's browser, and Sara."""
    client = seated("sara")
    client.staff = Staff.objects.get(username="sara")
    return client


def writes(text, address=ANA, at=None):
    now = at or timezone.now()
    store_inbound(
        channel="sms", provider_id=f"{address}{text}", address=address, kind="text", text=text, received_at=now
    )


def held(hotline, staff, **made):
    number = hotline.conversation("hola", **made)
    assert desk.claim(number, staff, timezone.now())
    return number


def page(client: Client, path="/desk/") -> str:
    return client.get(path).content.decode()


def test_new_words_in_a_conversation_that_is_not_open_are_counted_until_it_is_opened(hotline, sara):
    number = held(hotline, sara.staff, address=ANA)
    page(sara, f"/desk/c/{number}/")
    before = page(sara)

    writes("one")
    writes("two")
    shown = page(sara)
    page(sara, f"/desk/c/{number}/")

    assert 'data-unread="0"' in before
    assert 'data-unread="2"' in shown
    assert '<span class="tag unread">2 new</span>' in shown
    assert 'data-unread="0"' in page(sara)


def test_in_the_conversation_that_is_open_nothing_is_new(hotline, sara):
    number = held(hotline, sara.staff, address=ANA)
    writes("one")

    shown = page(sara, f"/desk/queue/?open={number}")

    assert 'data-unread="0"' in shown
    assert 'class="tag unread"' not in shown


def test_what_came_before_there_were_such_marks_is_not_new(hotline, sara):
    number = held(hotline, sara.staff, address=ANA)
    page(sara, f"/desk/c/{number}/")
    Viewer.objects.update(read_to=None)

    assert holding(sara.staff, timezone.now())[0].unread == 0
    writes("since", at=timezone.now() + timedelta(seconds=1))
    assert holding(sara.staff, timezone.now())[0].unread == 1


def test_what_a_colleague_holds_is_not_counted_for_me(hotline, sara, staff):
    held(hotline, staff("ben"), address=ANA)
    writes("one")

    assert 'data-unread="0"' in page(sara)


def test_what_its_holder_was_not_shown_is_marked_for_all_who_see_it_with_others(hotline, sara, staff):
    held(hotline, staff("ben"), address=ANA)
    writes("one")

    shown = page(sara)

    assert '<span class="tag unread">1 new</span>' in shown
    assert 'data-unread="0"' in shown, "it is not new for me"


@pytest.mark.parametrize(("note", "told"), [("she has two children", True), ("", False)])
def test_one_left_for_whoever_speaks_a_language_says_that_a_note_is_with_it(hotline, sara, seated, note, told):
    number = held(hotline, sara.staff)
    desk.add_note(number, sara.staff, "of before", timezone.now())
    form = {"to": "language:my", "for_them": note}
    assert sara.post(f"/desk/c/{number}/transfer/", form).status_code == 302

    card = page(seated("ben"))

    assert "For somebody who speaks Burmese" in card
    assert ('<span class="given">With a note</span>' in card) is told


def test_mine_stand_by_level_then_the_longest_without_an_answer_first(hotline, sara):
    now = timezone.now()
    numbers = {
        name: held(hotline, sara.staff, level=level, address=f"+150055500{at}")
        for at, (name, level) in enumerate(
            [("answered", Level.OFFER), ("late", Level.OFFER), ("soon", Level.OFFER), ("urgent", Level.URGENT)], 11
        )
    }
    Conversation.objects.update(last_in_at=now)
    for name, minutes in (("answered", 40), ("late", 20), ("soon", 5), ("urgent", 1)):
        row = Conversation.objects.get(pk=numbers[name])
        row.inbox.update(received_at=now - timedelta(minutes=minutes))
        asked = 40 if name == "late" else minutes
        Conversation.objects.filter(pk=row.pk).update(unanswered_since=now - timedelta(minutes=asked))
    desk.reply(numbers["answered"], sara.staff, "si", now - timedelta(minutes=30), client_token="a")
    desk.reply(numbers["late"], sara.staff, "si", now - timedelta(minutes=25), client_token="b")
    writes("otra vez", "+15005550012", at=now)

    shown = holding(sara.staff, now)

    names = {number: name for name, number in numbers.items()}
    assert [names[one.entry.conversation_id] for one in shown] == ["urgent", "late", "soon", "answered"]
    assert [one.unanswered_since and round((now - one.unanswered_since).seconds / 60) for one in shown] == [
        1,
        20,
        5,
        None,
    ]


@pytest.mark.parametrize("noted", [False, True])
def test_what_a_colleague_gave_me_says_who_and_whether_with_a_note_until_i_open_it(hotline, sara, seated, noted):
    ben = seated("ben")
    page(sara)  # she is here
    number = held(hotline, Staff.objects.get(username="ben"))
    form = {"to": sara.staff.pk, "for_them": "she has two children" if noted else ""}
    assert ben.post(f"/desk/c/{number}/transfer/", form).status_code == 302

    card = page(sara)
    opened = page(sara, f"/desk/c/{number}/")
    later = page(sara)
    desk.reply(number, sara.staff, "hola", timezone.now(), client_token="c")

    words = "Ben gave it to you, with a note" if noted else "Ben gave it to you"
    assert f'<span class="given">{words}</span>' in card
    assert ("with a note: it stands" if noted else "Ben gave it to you, without a note.") in opened
    assert 'class="given"' not in later
    assert 'class="given"' not in page(sara, f"/desk/c/{number}/")


def test_what_i_claimed_myself_was_given_by_nobody(hotline, sara):
    number = held(hotline, sara.staff)

    assert 'class="given"' not in page(sara) + page(sara, f"/desk/c/{number}/")


@pytest.mark.parametrize("path", ["/desk/directory/", "/desk/cases/", "/desk/account/", "/desk/training/"])
def test_a_page_beside_the_list_says_in_its_bar_how_many_wait(hotline, sara, path):
    hotline.conversation(level=Level.URGENT)
    hotline.conversation()
    held(hotline, sara.staff, address=ANA)
    writes("one")

    bar = page(sara, path).split("</header>")[0]

    assert 'data-urgent="1" data-waiting="2" data-unread="1"' in bar
    assert "2 wait" in bar
    assert "1 new in yours" in bar
    assert page(sara, "/desk/counts/").split("<strong")[0] in bar


def test_who_may_not_read_has_no_numbers_in_the_bar(hotline, seated):
    shown = page(seated("audit", role="auditor"), "/desk/account/")

    assert "queue-counts" not in shown
    assert "data-events" not in shown


@pytest.mark.parametrize(
    ("safe", "tag"), [("yes", None), ("unsure", "safety not known"), (None, "safety not known"), ("no", "not safe")]
)
def test_a_card_of_the_queue_says_when_nothing_is_told_to_the_phone(hotline, sara, safe, tag):
    hotline.conversation(safe=safe)

    card = page(sara).split('class="card ')[1].split("</li>")[0]

    assert (f'<span class="tag">{tag}</span>' in card) if tag else ('class="tag"' not in card)


def test_what_was_begun_in_a_conversation_that_is_closed_is_no_draft_any_more(hotline, sara):
    number = held(hotline, sara.staff, safe="yes")
    sara.post(f"/desk/c/{number}/draft/", {"text": "half a sentence"})
    before = list(seats.drafts_of(sara.staff))

    sara.post(f"/desk/c/{number}/close/", {"outcome": "helped"})

    assert (before, list(seats.drafts_of(sara.staff))) == ([number], [])
