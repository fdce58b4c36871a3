"""What stands in the reply box where no script keeps it: kept by a press, and not promised to be kept otherwise."""

from __future__ import annotations

import pytest

from records.models import Conversation, Draft, Note
from records.states import Level


def test_without_scripts_what_stands_in_the_box_is_kept_by_a_press_and_not_sent(mine, hotline):
    client, number = mine

    page = client.post(f"/desk/c/{number}/draft/", {"text": "half a reply", "keep": "1"}, follow=True).content.decode()

    assert "Kept, sealed: it stands in the box again. It was not sent." in page
    assert ">half a reply</textarea>" in page
    assert hotline.replies(number) == []


def test_without_scripts_nothing_is_called_kept_that_is_not(mine, seated):
    number = mine[1]

    page = seated("ben").post(f"/desk/c/{number}/draft/", {"text": "half", "keep": "1"}, follow=True).content.decode()

    assert "Kept, sealed" not in page
    assert Draft.objects.count() == 0


@pytest.mark.parametrize("address", ["/desk/sign-out/", "/desk/presence/"])
@pytest.mark.parametrize("drafted", [True, False])
def test_that_a_draft_stays_sealed_is_promised_to_whoever_has_one(mine, address, drafted):
    client, number = mine
    Conversation.objects.filter(pk=number).update(level=Level.URGENT)
    if drafted:
        client.post(f"/desk/c/{number}/draft/", {"text": "half a reply", "keep": "1"})

    page = client.post(address, {"is": "break"}).content.decode()

    assert "Hand back before you" in page
    assert ("What you have begun to write stays sealed" in page) is drafted


@pytest.mark.parametrize("address", ["/desk/presence/", "/desk/sign-out/", "/desk/hide/"])
def test_whatever_stood_in_the_boxes_goes_along_with_who_leaves_and_is_kept(mine, address):
    client, number = mine
    Conversation.objects.filter(pk=number).update(level=Level.URGENT)
    client.post(f"/desk/c/{number}/draft/", {"text": "half"})
    boxes = {"is": "break", "open": number, "text": "half a reply", "note": "half a note"}

    left = client.post(address, boxes)

    kept = {row.kind: row.open_text(row.conversation.open_key()) for row in Draft.objects.all()}
    assert kept == {"reply": "half a reply", "note": "half a note"}
    assert "/hide/" in address or f'href="/desk/c/{number}/#newest">Stay' in left.content.decode()


@pytest.mark.parametrize(("what", "left"), [("reply", {"note": "half a note"}), ("note", {"reply": "half a reply"})])
def test_without_scripts_what_goes_out_of_one_box_leaves_the_words_of_the_other(mine, hotline, what, left):
    client, number = mine

    client.post(f"/desk/c/{number}/{what}/", {"text": "half a reply", "note": "half a note"})

    kept = {row.kind: row.open_text(row.conversation.open_key()) for row in Draft.objects.all()}
    assert kept == left
    assert hotline.replies(number) == (["half a reply"] if what == "reply" else [])
    assert Note.objects.count() == (what == "note")


def test_nobody_keeps_words_in_what_is_not_open_to_them(mine, seated):
    number = mine[1]

    left = seated("ben").post("/desk/presence/", {"is": "break", "open": number, "text": "half", "note": "half"})

    assert left.status_code == 302
    assert Draft.objects.count() == 0
