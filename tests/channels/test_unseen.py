"""What never went out: a question takes no answer, and who cannot be answered goes to a person."""

from __future__ import annotations

import pytest

from records.messages.queries import claim_next_turn
from records.messages.turns import load_turn


def lost(outbox, keys=("ask.consent",)):
    return load_turn(claim_next_turn("r", 0, 1, outbox.now)).lost(frozenset(keys))


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
    inbox_id = conversation.inboxmessage_set.get().pk
    for status, key in zip(states, ("ack.thanks consent.keep", "ask.consent"), strict=True):
        outbox.add(conversation=conversation, status=status, key=key, inbox_id=inbox_id)

    assert lost(outbox) == gone


def test_the_newest_time_that_it_was_asked_counts(outbox):
    conversation = outbox.conversation()
    outbox.add(conversation=conversation, status="failed", key="ask.consent")
    outbox.add(conversation=conversation, status="delivered", key="ask.consent")
    outbox.add(conversation=conversation, status="failed", key="answer.identity")

    assert lost(outbox) == frozenset()
