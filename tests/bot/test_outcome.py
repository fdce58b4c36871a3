"""What a turn makes true around deleting, opting out and the audit."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta, timezone

import pytest

from bot.dialogue_types import Heard
from bot.hearing import Hearing
from bot.turn import Said, outcome
from records.messages.material import ConversationFacts, InboxPayload, TurnMaterial
from records.messages.outcome import KEEP
from records.states import Owner
from screening.assessment import Assessment
from screening.assessment import Heard as Evidence

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=timezone.utc)
SECOND = timedelta(seconds=1)


def facts(**fields) -> ConversationFacts:
    unknown = dict.fromkeys(
        (
            "level", "role", "consent", "last_out_at", "queued_at", "staff_id", "safe_answer", "safe_at", "erase_at",
            "opted_out_at", "ended_at", "not_safe_at",
        )
    )  # fmt: skip
    usual = {
        "id": 1, "uid": uuid.UUID(int=1), "contact_id": 1, "channel": "sms", "owner": Owner.BOT, "language": "en",
        "version": 3, "started_at": NOW - 60 * SECOND, "last_in_at": NOW - 20 * SECOND, "handoff_reasons": (),
        "waits_told": 0, "address": lambda: "+15005550006",
    }  # fmt: skip
    return ConversationFacts(**{**unknown, **usual, **fields})


def turn(before: Assessment, after: Assessment, *, mark=None, received_at=NOW - SECOND, **of):
    material = TurnMaterial(
        conversation=facts(**of),
        message=InboxPayload(text="x", button=None, media=(), hint_language=None),
        kind="text",
        received_at=received_at,
        events=[],
        next_seq=0,
        assessment=before.to_json(),
        last_keys=(),
        last_texts=(),
    )
    message = Heard(text="x", intent="affirm", confidence=1.0, answer=None, role=None, country_said=None)
    heard = Hearing(
        known=before, message=message, language="en", memory={}, new_session=False, findings=(), provider_mark=mark
    )
    return outcome(material, heard, Said(known=after), NOW)


ASKED = Assessment(wishes=("delete",))
WAITS = Assessment(reasons=("ask_human",))


def test_a_delete_with_the_bot_takes_all_once_the_answer_is_out():
    assert turn(Assessment(), ASKED).changes.erase_at == NOW + 30 * SECOND


@pytest.mark.parametrize("owner", [Owner.BOT, Owner.QUEUE])
def test_a_delete_while_a_person_is_needed_is_up_to_now(owner):
    asked = WAITS.with_(wishes=("delete",))

    assert turn(WAITS, asked, owner=owner).changes.erase_at == NOW
    assert turn(asked, asked, owner=Owner.QUEUE, erase_at=NOW - 60 * SECOND).changes.erase_at is KEEP


def test_who_asks_for_help_right_after_a_delete_is_read_by_staff():
    made = turn(ASKED, ASKED.with_(reasons=("ask_human",)), erase_at=NOW + 10 * SECOND)

    assert made.changes.owner == Owner.QUEUE
    assert made.changes.erase_at == NOW - 20 * SECOND


@pytest.mark.parametrize(
    ("channel", "mark", "received_at", "cleared"),
    [
        ("telegram", None, NOW - SECOND, False),
        ("telegram", None, NOW - 20 * SECOND, None),  # written before the block
        ("sms", None, NOW - SECOND, None),
        ("sms", "in", NOW - SECOND, False),
        ("sms", "out", NOW - SECOND, True),
        ("telegram", "out", NOW - SECOND, True),
    ],
)
def test_a_block_ends_with_opt_in_or_on_telegram_with_a_new_message(channel, mark, received_at, cleared):
    since = NOW - 10 * SECOND

    made = turn(Assessment(), Assessment(), channel=channel, mark=mark, received_at=received_at, opted_out_at=since)

    assert made.marks.opted_out is cleared


def test_the_audit_gets_ids_one_by_one():
    risks = {"immediate_danger": Evidence(words="he has a knife"), "suicide_self_harm": Evidence()}
    reasons = tuple(f"risk.{risk}" for risk in risks)

    made = turn(Assessment(), Assessment(risks=risks, reasons=reasons))

    rows = {entry.action: entry.details for entry in made.audit}
    assert rows["handed_off"] == {"reasons": list(reasons)}
    assert rows["level_set"]["rules"] == list(reasons)


@pytest.mark.parametrize("owner", [Owner.QUEUE, Owner.STAFF])
def test_a_risk_heard_after_staff_were_asked_in_is_a_reason_too(owner):
    watched = Assessment(reasons=("ask_human",), risks={"controller_present": Evidence(source="model")})

    made = turn(WAITS, watched, owner=owner, handoff_reasons=("ask_human",))

    assert made.changes.handoff_reasons == ("ask_human", "risk.controller_present")


def test_harm_that_was_told_stands_beside_the_wish_for_a_person_and_a_guess_does_not():
    told = {"violence": Evidence(words="he beats me"), "confinement": Evidence(source="model", confidence=0.4)}

    made = turn(Assessment(), Assessment(reasons=("ask_human",), indicators=told))

    assert made.changes.handoff_reasons == ("ask_human", "violence")


def test_with_the_bot_a_risk_alone_asks_no_staff_in():
    made = turn(Assessment(), Assessment(risks={"controller_present": Evidence(source="model")}))

    assert made.changes.handoff_reasons is KEEP


def test_who_takes_the_wish_for_a_person_back_leaves_the_queue_and_nothing_is_erased():
    found = turn(WAITS, Assessment(wishes=("take_back",)), owner=Owner.QUEUE)

    assert found.changes.owner == Owner.BOT
    assert found.changes.erase_at is KEEP


def test_a_wish_of_an_earlier_message_takes_nothing_back_again():
    asked_again = Assessment(wishes=("take_back",), reasons=("ask_human",))

    assert turn(asked_again, asked_again, owner=Owner.QUEUE).changes.owner is KEEP
