"""Beside the talk: fixed questions, the secret word, the code for danger."""

from __future__ import annotations

from datetime import date

import pytest

from actions.act import Seen
from actions.topics import TakeHelper
from bot import asides
from bot.understanding.answers import QuestionShape
from bot.understanding.language import LanguageMemory
from content.questions import questions
from content.topics import fixed_answers, topics
from records.models import AssessmentRecord, Conversation
from screening.assessment import Assessment

ANA, BEN = "+12025550177", "+12025550178"


def answers_with(key, **facts):
    return lambda known, heard: ([key], known.with_(safe="yes", **facts))


def known_of(conversation):
    record = AssessmentRecord.objects.select_related("conversation__day_key").get(conversation=conversation)
    return Assessment.from_json(record.open_facts(record.conversation.open_key()))


def last_heard(line):
    return line._lane._turns.dialogue.heard[-1]


def test_a_fixed_question_is_heard_without_a_model(line_that):
    line = line_that()

    line.receives("sms", ANA, "is it free to write here")

    assert (last_heard(line).intent, last_heard(line).topic) == ("fixed_question", "cost")


def test_a_risk_comes_before_any_topic(line_that):
    line = line_that()

    line.receives("sms", ANA, "is it free? i want to kill myself")

    assert last_heard(line).intent == "risk_heard"
    assert last_heard(line).topic is None


def test_a_word_is_kept_when_it_was_asked_for(line_that):
    line = line_that(answers_with("ask.word", pending="word"))
    line.receives("sms", ANA, "hello")

    line.receives("sms", ANA, "Mango")

    assert last_heard(line).intent == "own_words"
    assert known_of(Conversation.objects.get()).word == "mango"


def test_a_story_is_no_word(line_that):
    line = line_that(answers_with("ask.word", pending="word"))
    line.receives("sms", ANA, "hello")

    line.receives("sms", ANA, "my sister is in the other house and they took her phone")

    assert known_of(Conversation.objects.get()).word is None


@pytest.mark.parametrize(
    ("sender", "text", "known"), [(ANA, "mango", True), (ANA, "melon", False), (BEN, "mango", False)]
)
def test_only_the_right_word_from_the_same_phone_opens_the_earlier_talk(line_that, sender, text, known):
    line = line_that(answers_with("ask.return_word", pending="return_word"))
    line.receives("sms", ANA, "hello")
    first = Conversation.objects.get()
    _keep_word(first, "mango")
    Conversation.objects.update(owner="closed")
    line.receives("sms", sender, "hello")

    line.receives("sms", sender, text)

    assert last_heard(line).word_known is known
    linked = known_of(Conversation.objects.order_by("-pk").first()).linked
    assert linked == (first.pk if known else None)


def _keep_word(conversation, word):
    record = AssessmentRecord.objects.select_related("conversation__day_key").get(conversation=conversation)
    key = record.conversation.open_key()
    record.seal_facts(key, {**record.open_facts(key), "word": word})
    record.save()


def test_the_code_for_danger_ends_the_talk_and_tells_staff(line_that):
    line = line_that(answers_with("answer.hello", danger_code="42"))
    line.receives("sms", ANA, "hello")
    line.takes("sms", ANA)

    line.receives("sms", ANA, "hello friend 42")

    sent = [message.text for message, _ in line.takes("sms", ANA)]
    conversation = Conversation.objects.get()
    assert sent == ["OK. Ended."]
    assert (conversation.owner, conversation.level) == ("queue", "urgent")
    assert "duress" in known_of(conversation).flags


def test_another_number_is_no_code(line_that):
    line = line_that(answers_with("answer.hello", danger_code="42"))
    line.receives("sms", ANA, "hello")

    line.receives("sms", ANA, "i am 24")

    assert Conversation.objects.get().owner == "bot"


def test_every_topic_is_written_in_every_language_that_has_a_file():
    languages = {topic.language for topic in topics()}

    for language in languages:
        assert {topic.id for topic in topics() if topic.language == language} == set(fixed_answers())


@pytest.mark.parametrize(
    ("answer", "why"), [("woman", ("wants_woman",)), ("man", ("wants_man",)), ("any", ()), (None, ())]
)
def test_whom_they_want_to_write_is_a_reason_that_staff_see_in_their_list(answer, why):
    known = Assessment(reasons=("ask_human",), pending="helper")
    seen = Seen(known, {"answer": {"value": answer}}, date(2026, 11, 23), None)

    _lines, after = TakeHelper().decide(seen)

    assert after.reasons == ("ask_human", *why)
    assert after.answers["helper"] == (answer or "any")


def wishes():
    options = questions()["helper"].options
    return [(topic.language, topic.id, said) for topic in topics() if topic.id in options for said in topic.yes]


@pytest.mark.parametrize(("language", "whom", "said"), wishes())
def test_a_woman_or_a_man_wished_for_in_own_words_is_the_answer(rules_only, language, whom, said):
    question = questions()["helper"]
    understood = rules_only.understand(
        said, memory=LanguageMemory.chosen(language), question=QuestionShape(question.id, question.options)
    )

    assert asides.wish(understood, question.options) == whom


@pytest.mark.parametrize(
    "said", ["a man hit me yesterday, please help", "a woman or a man, i dont care thank you", "i live with a man"]
)
def test_who_only_names_a_woman_or_a_man_wishes_for_none(rules_only, said):
    understood = rules_only.understand(said)

    assert asides.wish(understood, questions()["helper"].options) is None


@pytest.mark.parametrize("pending", ["helper", None])
def test_a_wish_in_own_words_is_heard_when_it_was_asked_and_when_they_come_back_to_it(line_that, pending):
    asked = {"flow": "queue", "reasons": ("ask_human",), "asked": ("helper",), "pending": pending}
    line = line_that(answers_with("ask.helper", **asked))
    line.receives("sms", ANA, "hello")

    line.receives("sms", ANA, "a woman please")

    assert (last_heard(line).intent, last_heard(line).answer) == ("affirm", "woman")


def test_a_wish_is_no_answer_to_another_question(line_that):
    line = line_that(answers_with("ask.country", flow="queue", reasons=("ask_human",), pending="country"))
    line.receives("sms", ANA, "hello")

    line.receives("sms", ANA, "a woman please")

    assert last_heard(line).answer is None


@pytest.mark.parametrize(
    "said",
    [
        "who is this? what is she writing?", "quien es? que escribe ella?", "ко је ово? шта она пише?", "что она пишет?",
        "وہ کیا لکھ رہی ہے", "wo kya likh rahi hai", "ও কি লিখছে", "她在写什么", "သူ ဘာရေးပို့လဲ", "nó viết gì vậy", "dia chat apa sama kamu",
    ],
)  # fmt: skip
def test_who_wants_to_know_what_another_writes_fishes(rules_only, said):
    assert "fishing" in rules_only.understand(said).topics
