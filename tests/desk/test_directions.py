"""What contacts write is read as it was written: signs that turn letters round are shown and never followed."""

from __future__ import annotations

import pytest

from desk.directions import phones_in_order
from records.models import InboxMessage

TURNING = [chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))]


@pytest.mark.parametrize("sign", TURNING)
def test_no_page_follows_a_sign_that_turns_what_a_contact_wrote(hotline, seated, sign):
    sara = seated("sara")
    number = hotline.conversation(f"he wants {sign}gnp.exe")
    sara.post(f"/desk/c/{number}/claim/")

    page = sara.get(f"/desk/c/{number}/").content.decode()

    assert sign not in page
    assert "he wants \u21c4gnp.exe" in page


def test_what_is_kept_stays_as_it_came(hotline):
    number = hotline.conversation("a \u202egnp")

    [row] = InboxMessage.objects.filter(conversation=number)

    assert row.open_payload(row.conversation.open_key())["text"] == "a \u202egnp"


def test_paper_shows_the_same_mark():
    assert phones_in_order("a \u202egnp") == "a \u21c4gnp"
