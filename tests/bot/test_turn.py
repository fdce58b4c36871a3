"""A turn: whatever arrives gets an answer or a person; the safety rules see it, whoever owns the conversation."""

from __future__ import annotations

from datetime import timedelta

import pytest

from channels.base import Kind
from records.models import AuditEvent, Contact, Conversation, InboxMessage, OutboxMessage
from records.states import InboxStatus, Level, Owner
from tests.bot.conftest import fails, greets, hands_off

ANA = "+12025550177"


def keys(line) -> list[str]:
    got = line.takes("sms", ANA)
    return [key for message, _ in got for key in OutboxMessage.objects.get(uid=message.uid).key.split()]


ODD = {
    "nothing": "", "blanks": "   \n", "NUL": "he\x00lp", "a lone surrogate": "hi \ud83d there", "emoji": "😭😭", "10,000 letters": "please " * 1429,
    "a command": "/restart", "a command with a payload": '/suicide{"x":"1"}', "a label": "/ask_human", "braces": "{number} {0} %s",
    "right to left": "\u202eolleh", "invisible": "\u200b\u200b",
}  # fmt: skip


@pytest.mark.parametrize("text", ODD.values(), ids=ODD.keys())
def test_whatever_is_written_is_answered_and_done(line_that, text):
    line = line_that(greets)

    line.receives("sms", ANA, text)

    assert keys(line)[0] == "opening"
    assert InboxMessage.objects.get().status == InboxStatus.DONE


def test_the_whole_text_is_kept_for_staff(line_that):
    line = line_that(greets)

    line.receives("sms", ANA, "word " * 2000)

    row = InboxMessage.objects.get()
    assert row.open_payload(row.conversation.open_key())["text"].count("word") == 2000


def test_media_alone_is_answered(line_that):
    line = line_that(greets)

    line.receives("sms", ANA, "", kind=Kind.MEDIA, media=("photo",))

    assert keys(line) == ["opening"]
    assert line._lane._turns.dialogue.heard[0].intent == "media_received"


def test_no_text_at_all_is_understood_as_nothing(rules_only):
    understood = rules_only.understand(None, country=None, hint=None, memory=None, question=None)

    assert understood.cleaned.text == ""
    assert not understood.risks


def test_a_risk_that_the_rules_hear_reaches_the_dialogue_as_a_risk(line_that):
    line = line_that(greets)

    line.receives("sms", ANA, "i want to kill myself")

    assert line._lane._turns.dialogue.heard[0].intent == "risk_heard"
    assert Conversation.objects.get().level == Level.URGENT


def test_a_dialogue_that_fails_three_times_brings_a_person_and_says_so(line_that):
    line = line_that(fails)

    line.receives("sms", ANA, "hello")
    for _ in range(8):
        line.now += timedelta(seconds=35)
        line.runs_until_idle()

    assert keys(line) == ["technical"]
    conversation = Conversation.objects.get()
    assert conversation.owner == Owner.QUEUE
    assert "bot_failed" in conversation.handoff_reasons


def test_a_dialogue_that_fails_still_has_the_words_of_a_risk(line_that):
    line = line_that(fails)

    line.receives("sms", ANA, "i want to kill myself")
    for _ in range(8):
        line.now += timedelta(seconds=35)
        line.runs_until_idle()

    said = keys(line)
    assert said[0] == "risk.suicide"
    assert said[-1] == "technical"
    assert Conversation.objects.get().level == Level.URGENT


def test_a_dialogue_that_says_nothing_is_a_failure(line_that):
    line = line_that(lambda known, heard: ([], known))

    line.receives("sms", ANA, "hello")

    assert InboxMessage.objects.get().status != InboxStatus.DONE


def test_without_a_model_the_truth_is_told_and_a_person_asked(line_that):
    line = line_that(None)

    line.receives("sms", ANA, "hello")

    assert keys(line) == ["technical"]
    assert Conversation.objects.get().owner == Owner.QUEUE


def test_the_exit_word_needs_no_model(line_that):
    line = line_that(None)

    line.receives("sms", ANA, "0")

    assert keys(line) == ["ended.neutral"]
    assert Conversation.objects.get().contact.ended_at is not None


def test_after_the_exit_word_the_next_message_opens_anew(line_that):
    line = line_that(greets)
    line.receives("sms", ANA, "0")
    keys(line)

    line.receives("sms", ANA, "hello")

    assert keys(line)[0] == "opening"
    assert Conversation.objects.get().contact.ended_at is None


def test_in_a_person_s_hands_the_bot_is_silent_and_danger_still_counts(line_that):
    from records.models import Staff
    from records.staff import desk

    line = line_that(hands_off)
    line.receives("sms", ANA, "hello")
    keys(line)
    assert desk.claim(Conversation.objects.get().pk, Staff.objects.create_user("mara", alias="Mara"), line.now)

    line.receives("sms", ANA, "i want to kill myself")

    assert keys(line) == []
    assert Conversation.objects.get().level == Level.URGENT


def test_the_same_words_twice_come_with_another_line_first(line_that):
    line = line_that(lambda known, heard: (["ask.story"], known))
    line.receives("sms", ANA, "hello")
    first = keys(line)

    line.receives("sms", ANA, "hello")

    assert first == ["ask.story"]
    assert keys(line) == ["answer.reading", "ask.story"]


def test_a_number_that_blocked_us_hears_nothing(line_that):
    line = line_that(greets)

    line.receives("sms", ANA, "STOP", kind=Kind.OPT_OUT)

    assert keys(line) == []
    assert Conversation.objects.get().contact.opted_out_at is not None


@pytest.mark.parametrize(("channel", "kind"), [("sms", Kind.OPT_OUT), ("telegram", Kind.BLOCKED)])
@pytest.mark.parametrize(
    ("told", "owner", "reasons", "level"),
    [("my boss keeps my passport", Owner.QUEUE, ["opted_out"], Level.PRIORITY), ("hello", Owner.BOT, [], None)],
)
def test_who_told_something_and_then_blocks_us_goes_to_a_person_and_hears_nothing(
    line_that, channel, kind, told, owner, reasons, level
):
    line = line_that(greets)
    address = ANA if channel == "sms" else "42"
    line.receives(channel, address, told)
    line.takes_received(channel, address)

    line.receives(channel, address, "STOP" if channel == "sms" else "", kind=kind)

    row = Conversation.objects.get()
    assert (row.owner, row.handoff_reasons, row.level) == (owner, reasons, level)
    assert line.takes_received(channel, address) == []
    assert AuditEvent.objects.filter(action="handed_off").exists() == (owner == Owner.QUEUE)


def test_an_edited_message_without_news_is_no_new_turn(line_that):
    line = line_that(greets)
    line.receives("sms", ANA, "helo")
    keys(line)

    line.receives("sms", ANA, "hello", kind=Kind.EDIT)

    assert keys(line) == []


def test_a_risk_in_an_edited_message_is_heard(line_that):
    line = line_that(greets)
    line.receives("sms", ANA, "helo")
    keys(line)

    line.receives("sms", ANA, "i want to kill myself", kind=Kind.EDIT)

    assert Conversation.objects.get().level == Level.URGENT


@pytest.mark.parametrize(
    ("text", "owner", "reasons"),
    [("i will kill myself", Owner.QUEUE, ["opted_out", "risk.suicide_self_harm"]), ("ok", Owner.BOT, [])],
)
def test_who_blocks_our_messages_and_tells_something_goes_to_a_person_and_nothing_is_asked(
    line_that, text, owner, reasons
):
    line = line_that(greets)
    line.receives("sms", ANA, "hello")
    Contact.objects.update(opted_out_at=line.now)
    line.now += timedelta(seconds=20)

    line.receives("sms", ANA, text)

    row = Conversation.objects.get()
    assert (row.owner, sorted(row.handoff_reasons)) == (owner, reasons)
    assert OutboxMessage.objects.count() == 1, "nothing after the opening"


def test_thirty_messages_a_second_apart_are_answered_ten_times_and_once_more_when_it_is_over(line_that):
    line = line_that(greets)
    for _ in range(30):
        line.receives("sms", ANA, "is it safe?")
        line.now += timedelta(seconds=1)
    while_it_lasts = len(line.takes("sms", ANA))

    line.now += timedelta(seconds=10)
    line.runs_until_idle()

    assert (while_it_lasts, len(line.takes("sms", ANA))) == (10, 1)


def test_a_risk_in_a_flood_is_answered_at_once_and_brings_a_person(line_that):
    line = line_that(greets)
    for _ in range(15):
        line.receives("sms", ANA, "is it safe?")
        line.now += timedelta(seconds=1)
    line.takes("sms", ANA)

    line.receives("sms", ANA, "i want to kill myself")

    assert len(line.takes("sms", ANA)) == 1
    assert Conversation.objects.get().level == Level.URGENT
