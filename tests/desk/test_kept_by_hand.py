"""What stands in the reply box where no script keeps it: kept by a press, and not promised to be kept otherwise."""

from __future__ import annotations

import pytest

from records.models import Conversation, Draft
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
