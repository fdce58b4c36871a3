"""The runner: a turn is true once or not at all, whatever happens while it is made."""

from __future__ import annotations

import pytest
from django.db import connection

from bot.runner import Lane, Runner
from bot.turn import Turns
from records.messages.intake import store_inbound
from records.messages.queries import claim_next_turn
from records.models import Conversation, InboxMessage, OutboxMessage, Staff
from records.staff import desk
from records.states import InboxStatus, Owner
from tests.bot.conftest import Told, greets, hands_off
from tests.dialogues.script import START

ANA = "+12025550177"


def receives(text="hello", provider_id="SM1", address=ANA):
    return store_inbound(
        channel="sms", provider_id=provider_id, address=address, kind="text", text=text, received_at=START
    )  # fmt: skip


@pytest.fixture
def lane(transactional_db, rules_only):
    def made(answer=greets, holder="lane-0"):
        return Lane(Turns(rules_only, Told(answer)), holder=holder, clock=lambda: START)

    return made


def test_a_turn_is_taken_once(lane):
    receives()

    assert lane().run_until_idle() == 1
    assert lane(holder="lane-1").run_until_idle() == 0
    assert OutboxMessage.objects.count() == 1


def test_the_lane_takes_what_it_claimed_with_a_turn_and_no_more(lane):
    for number in range(3):
        receives(address=f"+1202555010{number}", provider_id=f"SM{number}")
    first = claim_next_turn("lane-0", 0, 1, START)

    following = lane().take(first, goes_on=True)

    held = InboxMessage.objects.filter(claimed_by="lane-0")
    assert [row.pk for row in held] == ([following.inbox_id] if connection.vendor == "sqlite" else [])
    assert lane().take(following or claim_next_turn("lane-0", 0, 1, START)) is None
    assert lane().run_until_idle() == 1
    assert OutboxMessage.objects.count() == 3


def test_a_turn_made_from_facts_that_moved_is_thought_again(lane):
    lane(hands_off).take(_claimed())
    mara = Staff.objects.create_user("mara", alias="Mara")
    thoughts = []

    def staff_come_in_between(known, heard):
        thoughts.append(heard.text)
        if len(thoughts) == 1:
            assert desk.claim(Conversation.objects.get().pk, mara, START)
        return ["handoff.noted"], known

    receives("one more", provider_id="SM2")
    lane(staff_come_in_between).run_until_idle()

    assert thoughts == ["one more"], "the second thought finds a person there and asks the dialogue nothing"
    assert Conversation.objects.get().owner == Owner.STAFF
    assert not OutboxMessage.objects.filter(key="handoff.noted").exists()
    assert InboxMessage.objects.filter(status=InboxStatus.DONE).count() == 2


def test_a_message_to_a_closed_conversation_starts_a_new_one(lane):
    lane(hands_off).take(_claimed())
    mara = Staff.objects.create_user("mara", alias="Mara")
    first = Conversation.objects.get()
    assert desk.claim(first.pk, mara, START)
    receives("still there?", provider_id="SM2")
    desk.close(first.pk, mara, "helped", START)

    lane().run_until_idle()

    newest = Conversation.objects.order_by("-pk").first()
    assert newest.pk != first.pk
    assert newest.owner == Owner.BOT
    assert [row.key for row in OutboxMessage.objects.filter(conversation=newest)] == ["opening"]


def test_the_claims_of_a_lane_that_died_are_given_back_at_once(lane, monkeypatch):
    runner = Runner(Turns(None, None), lanes=1, name="runner")
    receives()
    assert claim_next_turn("runner-0", 0, 1, START)
    assert claim_next_turn("other", 0, 1, START) is None
    runner._born[0] = -100.0
    monkeypatch.setattr(runner, "_fork", lambda number: None)

    runner._again(0)

    assert claim_next_turn("other", 0, 1, START) is not None


def test_a_message_erased_meanwhile_is_nobody_s_turn(lane):
    claimed = _claimed()
    Conversation.objects.all().delete()

    lane().take(claimed)

    assert not OutboxMessage.objects.exists()


def _claimed():
    receives()
    return claim_next_turn("lane-0", 0, 1, START)
