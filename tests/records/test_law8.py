"""Law 8: the check at the moment of sending, as a table."""

from __future__ import annotations

from datetime import timedelta

import pytest

from records.messages.law8 import SendFacts, reason_to_drop
from records.states import Author, Owner, SafeAnswer
from tests.records.conftest import START

S = timedelta(seconds=1)
NOW = START + 60 * S
BEFORE, AFTER = START - S, START + S
SAFE = {"safe_answer": SafeAnswer.YES, "safe_at": START}


def facts(**fields):
    """A bot's line made a minute ago in a conversation of the bot."""
    return SendFacts(
        **{
            "author": Author.BOT,
            "created_at": START,
            "not_before": START,
            "valid_for_s": 600,
            "timed": False,
            "always": False,
            "owner": Owner.BOT,
            "closed_at": None,
            "safe_answer": None,
            "safe_at": None,
            "opted_out_at": None,
            "ended_at": None,
            "not_safe_at": None,
            **fields,
        }
    )


@pytest.mark.parametrize("author", Author)
@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, None),
        ({"opted_out_at": BEFORE}, "opted_out"),
        ({"opted_out_at": AFTER}, "opted_out"),
        ({"opted_out_at": BEFORE, "always": True}, "opted_out"),
        ({"ended_at": BEFORE}, None),  # they wrote again since
        ({"ended_at": START}, None),  # the line that answers the exit word
        ({"ended_at": AFTER}, "ended"),
        ({"not_safe_at": START}, None),
        ({"not_safe_at": AFTER}, "not_safe"),
        ({"not_safe_at": AFTER, "always": True}, "not_safe"),
        ({"valid_for_s": 60}, None),
        ({"valid_for_s": 59}, "too_old"),
        ({"valid_for_s": 59, "always": True}, "too_old"),
        ({"valid_for_s": 59, "not_before": START + 10 * S}, None),  # it could not go earlier
        ({"timed": True}, "safety_unknown"),
        ({"timed": True, **SAFE, "maybe_watched": True}, "safety_unknown"),
        ({"timed": True, **SAFE}, None),
        ({"timed": True, **SAFE, "safe_answer": SafeAnswer.UNSURE}, "safety_unknown"),
        ({"timed": True, **SAFE, "safe_answer": SafeAnswer.NO}, "safety_unknown"),
        ({"timed": True, **SAFE, "safe_at": NOW - 600 * S}, None),
        ({"timed": True, **SAFE, "safe_at": NOW - 601 * S}, "safety_unknown"),
        ({"timed": True, **SAFE, "ended_at": BEFORE}, "ended"),  # never by itself after the exit word
        ({"timed": True, **SAFE, "not_safe_at": BEFORE}, "not_safe"),
        ({"timed": True, **SAFE, "chat_erased": True}, "chat_erased"),  # who hides the chat is not written to first
        ({"chat_erased": True}, None),  # an answer, or a worker's own words
        ({"owner": Owner.QUEUE}, None),
    ],
)
def test_a_message_goes_only_while_it_may_whoever_wrote_it(author, fields, reason):
    assert reason_to_drop(facts(author=author, **fields), NOW) == reason


@pytest.mark.parametrize(
    ("author", "fields", "reason"),
    [
        (Author.BOT, {"owner": Owner.STAFF}, "staff_has_it"),
        (Author.BOT, {"owner": Owner.STAFF, "always": True}, None),
        (Author.STAFF, {"owner": Owner.STAFF}, None),
        (Author.SYSTEM, {"owner": Owner.STAFF}, None),
        (Author.BOT, {"owner": Owner.CLOSED, "closed_at": AFTER}, "closed"),
        (Author.BOT, {"owner": Owner.CLOSED, "closed_at": START}, None),  # the farewell
        (Author.BOT, {"owner": Owner.CLOSED, "closed_at": AFTER, "always": True}, None),
        (Author.STAFF, {"owner": Owner.CLOSED, "closed_at": AFTER}, None),
        (Author.SYSTEM, {"owner": Owner.CLOSED, "closed_at": AFTER}, None),
    ],
)
def test_the_bot_is_silent_once_staff_have_it_or_it_is_closed(author, fields, reason):
    assert reason_to_drop(facts(author=author, **fields), NOW) == reason
