"""What never went out: a question takes no answer, and who cannot be answered goes to a person."""

from __future__ import annotations

import pytest

from channels.errors import OptedOut, PhoneUnreachable, WrongAddress
from desk.reasons import why
from records.errors import StaleTurn
from records.messages.outcome import TurnOutcome
from records.messages.queries import apply_status, claim_next_turn
from records.messages.turns import commit_turn, load_turn
from records.states import WAS_NOT_REACHED
from screening.assessment import Assessment, Heard
from tests.channels.conftest import FakeChannel


def lost(outbox, keys=("ask.consent",)):
    return load_turn(claim_next_turn("r", 0, 1, outbox.now)).recent().lost(frozenset(keys))


@pytest.mark.parametrize(
    ("states", "gone"),
    [
        (("failed", "dropped"), {"ack.thanks", "consent.keep", "ask.consent"}),
        (("failed", "sent"), {"ack.thanks", "consent.keep"}),
        (("sent", "dropped"), {"ask.consent"}),
        (("delivered", "sent"), set()),
        (("unknown", "sending"), set()),
    ],
)
def test_what_failed_or_was_dropped_of_the_turn_that_asked_is_known(outbox, states, gone):
    conversation = outbox.conversation()
    inbox_id = conversation.inbox.get().pk
    for n, (status, key) in enumerate(zip(states, ("ack.thanks consent.keep", "ask.consent"), strict=True)):
        outbox.add(conversation=conversation, status=status, key=key, inbox_id=inbox_id, n=n)

    assert lost(outbox) == gone


def test_the_newest_time_that_it_was_asked_counts(outbox):
    conversation = outbox.conversation()
    outbox.add(conversation=conversation, status="failed", key="ask.consent")
    outbox.add(conversation=conversation, status="delivered", key="ask.consent")
    outbox.add(conversation=conversation, status="failed", key="answer.identity")

    assert lost(outbox) == frozenset()


TOLD = Assessment(spoke=True).hear(indicators={"passport_taken": Heard()}, risks={})


@pytest.mark.parametrize(
    ("problem", "known", "owner", "reasons"),
    [
        (OptedOut(21610), TOLD, "queue", ["opted_out"]),
        (WrongAddress(21614), TOLD, "queue", ["not_reached"]),
        (OptedOut(21610), Assessment(), "bot", []),
        (PhoneUnreachable(30003), TOLD, "bot", []),
    ],
)
def test_who_told_something_and_is_not_reached_goes_to_a_person(outbox, problem, known, owner, reasons):
    conversation = outbox.conversation()
    commit_turn(
        claim_next_turn("r", 0, 1, outbox.now),
        TurnOutcome(version=conversation.version, assessment=known.to_json()),
        outbox.now,
    )
    outbox.add(conversation=conversation)

    outbox.delivers(FakeChannel("sms", problem))

    conversation.refresh_from_db()
    assert (conversation.owner, conversation.handoff_reasons) == (owner, reasons)
    assert conversation.level == ("offer" if reasons else None)


@pytest.mark.parametrize(
    ("channel", "told_by_receipt", "reasons"),
    [
        ("telegram", False, ["ask_human"]),
        ("sim-sms", False, ["ask_human"]),
        ("sms", False, ["ask_human", "not_reached"]),
        ("sms", True, ["ask_human"]),
        ("whatsapp", True, ["ask_human"]),
    ],
)
def test_that_nothing_reaches_them_is_no_reason_any_more_once_something_arrived(
    outbox, channel, told_by_receipt, reasons
):
    conversation = outbox.conversation(channel)
    conversation.handoff_reasons = ["ask_human", "not_reached"]
    conversation.save()
    outbox.add(conversation=conversation, channel=channel)

    outbox.delivers(FakeChannel(channel))
    if told_by_receipt:
        apply_status(channel, f"{channel}-1", "delivered")

    conversation.refresh_from_db()
    assert conversation.handoff_reasons == reasons


def test_a_card_keeps_a_reason_when_that_was_the_only_one(outbox):
    conversation = outbox.conversation("telegram")
    conversation.handoff_reasons = ["not_reached"]
    conversation.save()
    outbox.add(conversation=conversation, channel="telegram")

    outbox.delivers(FakeChannel("telegram"))

    conversation.refresh_from_db()
    assert conversation.handoff_reasons == [WAS_NOT_REACHED]
    assert why(conversation.handoff_reasons) == "Our messages did not reach them for a while"


def test_a_turn_that_was_begun_before_something_arrived_does_not_bring_the_reason_back(outbox):
    conversation = outbox.conversation("telegram")
    conversation.handoff_reasons = ["not_reached"]
    conversation.save()
    claimed = claim_next_turn("r", 0, 1, outbox.now)
    outbox.add(conversation=conversation, channel="telegram")
    outbox.delivers(FakeChannel("telegram"))

    with pytest.raises(StaleTurn):
        commit_turn(claimed, TurnOutcome(version=conversation.version), outbox.now)
