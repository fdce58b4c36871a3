"""While staff have it: what is heard speaks against an earlier "it is safe", and the contact's own answer counts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from channels.base import Kind
from channels.errors import ProviderUnreachable
from desk.phrasebook import worded
from records.models import AssessmentRecord, Conversation, OutboxMessage, Staff
from records.staff import desk
from records.states import Owner, SafeAnswer
from tests.bot.conftest import hands_off

ANA = "+12025550177"


@pytest.fixture
def held(line_that):
    """Ana said that it is safe, and Mara has the conversation."""
    line = line_that(hands_off)
    line.receives("sms", ANA, "hello")
    line.mara = Staff.objects.create_user("mara", alias="Mara")
    line.number = Conversation.objects.get().pk
    assert desk.claim(line.number, line.mara, line.now)
    return line


def row() -> Conversation:
    return Conversation.objects.select_related("contact").get()


def says(line, text, key=""):
    line.now += timedelta(seconds=5)
    desk.reply(line.number, line.mara, text, line.now, client_token=f"{text}{line.now}", key=key)
    line.runs_until_idle()
    line.now += timedelta(seconds=5)


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("he is here now", "controller_present"),
        ("gun to my head", "immediate_danger"),
        ("someone is screaming upstairs", "immediate_danger"),
        ("thank you", ""),
    ],
)
def test_danger_or_company_speaks_against_an_earlier_yes(held, text, doubt):
    held.receives("sms", ANA, text)

    assert (row().safe_answer, row().doubt, bool(row().doubt_at)) == (SafeAnswer.YES, doubt, bool(doubt))


@pytest.mark.parametrize("key", ["ask.safe", "ask.safe.again", "helper.hello", "helper.back"])
def test_a_no_to_any_sentence_that_asks_for_safety_is_believed(held, key):
    says(held, "Is it still safe for you to write?", key)

    held.receives("sms", ANA, "2")

    assert row().safe_answer == SafeAnswer.NO


def test_a_doubt_outlasts_later_words_and_ends_with_the_next_answer(held):
    held.receives("sms", ANA, "he is here now")
    held.receives("sms", ANA, "ok")
    stands = row().doubt

    desk.tell_safety(held.number, held.mara, SafeAnswer.YES, held.now)

    assert stands == "controller_present"
    assert (row().doubt, row().doubt_at) == ("", None)


def test_danger_told_later_does_not_end_the_doubt_that_they_are_not_alone(held):
    held.receives("sms", ANA, "he is here now")
    held.receives("sms", ANA, "gun to my head")

    assert row().doubt == "controller_present"


@pytest.mark.parametrize(("text", "answer"), [("1", SafeAnswer.YES), ("yes", SafeAnswer.YES), ("2", SafeAnswer.NO)])
def test_what_they_answer_to_a_workers_safety_question_counts(held, text, answer):
    held.receives("sms", ANA, "he is here now")
    says(held, "Is it safe?", key="ask.safe")

    held.receives("sms", ANA, text)

    assert (row().safe_answer, row().safe_at, row().doubt) == (answer, held.now, "")
    assert bool(row().contact.not_safe_at) == (answer == SafeAnswer.NO)
    assert row().owner == Owner.STAFF


def test_it_counts_after_a_silence_too_which_is_when_it_is_asked(held):
    held.now += timedelta(minutes=12)
    says(held, "Is it safe?", key="ask.safe")

    held.receives("sms", ANA, "yes")

    assert (row().safe_answer, row().safe_at) == (SafeAnswer.YES, held.now)


def test_a_yes_to_a_workers_own_words_is_no_answer_about_safety(held):
    says(held, "Is it safe?", key="ask.safe")
    says(held, "Do you have children?")

    held.receives("sms", ANA, "2")

    assert row().safe_answer == SafeAnswer.YES
    assert row().safe_at < held.now


def test_whoever_writes_after_the_gap_has_not_said_that_it_is_safe(held):
    held.now += timedelta(minutes=12)

    held.receives("sms", ANA, "hello")

    assert row().safe_answer is None


@pytest.fixture
def away(held):
    """The provider takes nothing until it is told to."""
    sends = held.channels["sms"].send

    async def refused(message):
        raise ProviderUnreachable

    held.channels["sms"].send = refused

    def comes_back():
        held.channels["sms"].send = sends
        held.now += timedelta(minutes=2)
        held.runs_until_idle()

    held.comes_back = comes_back
    return held


@pytest.mark.parametrize("text", ["1", "yes", "2"])
@pytest.mark.parametrize("seconds", [0, 40])
def test_a_workers_question_that_has_not_left_is_not_answered(away, text, seconds):
    away.receives("sms", ANA, "he is going to kill me")
    says(away, "Is it safe?", key="ask.safe")
    before = row().safe_at

    away.now += timedelta(seconds=seconds)
    away.receives("sms", ANA, text)

    assert (row().safe_answer, row().safe_at, row().doubt) == (SafeAnswer.YES, before, "immediate_danger")
    assert row().contact.not_safe_at is None

    away.comes_back()
    away.receives("sms", ANA, "1")

    assert (row().safe_at, row().doubt) == (away.now, ""), "now they have seen it"


def test_a_workers_seen_question_is_answered_although_the_bots_own_never_left(away):
    with_unsent_call(away)
    away.comes_back()
    says(away, "Is it safe?", key="ask.safe")

    away.receives("sms", ANA, "yes")

    assert (row().safe_answer, row().safe_at) == (SafeAnswer.YES, away.now)


def with_unsent_call(line):
    """Whether to call was asked by the bot, and dropped unsent when the worker came."""
    record = AssessmentRecord.objects.get()
    key = row().open_key()
    record.seal_facts(key, {**record.open_facts(key), "pending": "call"})
    record.save()
    OutboxMessage.objects.filter(author="bot").update(key="ask.call_for_you", status="dropped")


def test_a_no_pressed_under_a_workers_greeting_is_believed(line_that):
    line = line_that(hands_off)
    line.receives("telegram", "7001", "hello")
    line.mara = Staff.objects.create_user("mara", alias="Mara")
    line.number = Conversation.objects.get().pk
    assert desk.claim(line.number, line.mara, line.now)
    words = worded("helper.hello", {"alias": "Mara"}, language="en", channel="telegram")
    line.now += timedelta(seconds=5)
    desk.reply(line.number, line.mara, words.text, line.now, client_token="hello", key=words.key, buttons=words.buttons)
    line.runs_until_idle()
    line.now += timedelta(seconds=5)

    line.receives("telegram", "7001", "", button=words.buttons[1][0], kind=Kind.BUTTON)

    assert row().safe_answer == SafeAnswer.NO
