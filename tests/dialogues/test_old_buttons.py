"""Old buttons: a late press answers no other question, is no try of it, and a late "no" to safety is believed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from channels.base import Kind
from lantern.line import Line
from records.models import AssessmentRecord, Conversation, OutboxMessage
from tests.dialogues.script import START

pytestmark = pytest.mark.rasa
BEN = "5550177"


class Chat:
    """A chat with buttons, each of which can still be pressed when the talk has gone on."""

    def __init__(self, turns):
        self.line = Line(turns, START)
        self.buttons: dict[str, str] = {}

    def writes(self, text, **more):
        self.line.now += more.pop("after", START - START)
        self.line.receives("telegram", BEN, text, **more)
        keys = []
        for message, _ in self.line.takes("telegram", BEN):
            self.buttons.update({button.id: button.label for button in message.buttons})
            keys.append(OutboxMessage.objects.get(uid=message.uid).key)
        return " ".join(keys)

    def presses(self, button):
        return self.writes(self.buttons[button], button=button, kind=Kind.BUTTON)

    @property
    def known(self):
        record = AssessmentRecord.objects.get()
        return record.open_facts(record.conversation.open_key())


@pytest.fixture
def chat(transactional_db, turns):
    chat = Chat(turns)
    chat.writes("hello")
    chat.presses("yes@safe")
    assert "consent" in chat.presses("self@role")
    return chat


def test_old_buttons_ask_the_waiting_question_again_and_count_as_no_try_of_it(chat):
    before = chat.known
    for button in ("yes@safe", "self@role", "community@role", "yes@safe"):
        assert "consent" in chat.presses(button)

    assert chat.known["answers"] == before["answers"]
    assert (chat.known["pending"], chat.known["pending_tries"]) == ("consent", before["pending_tries"])
    assert "ask.age" in chat.presses("yes@consent")


def test_an_old_button_is_nobodys_story(chat):
    chat.presses("yes@consent")
    assert "ask.story" in chat.presses("18_plus@age_band")

    assert "story" in chat.presses("no@consent")
    assert chat.known["pending"] == "story"
    assert chat.known["consent"] == "yes"


def test_an_old_yes_deletes_nothing(chat):
    chat.writes("delete my data")
    assert chat.known["pending"] == "delete"

    chat.presses("yes@safe")

    assert (chat.known["pending"], chat.known["wishes"]) == ("delete", [])


def test_a_late_no_to_the_safety_question_ends_the_talk_neutrally(chat):
    assert chat.presses("no@safe") == "ended.neutral"

    assert chat.known["consent"] is None
    assert "consent" not in chat.known["answers"]
    assert (chat.known["safe"], chat.known["flow"]) == ("no", "unsafe")
    assert Conversation.objects.get().safe_answer == "no"


@pytest.fixture
def asked_again(chat):
    """After a silence it was asked again whether it is safe; the buttons of the first time can still be pressed."""
    chat.writes("hello", after=timedelta(minutes=31))
    assert chat.known["pending"] == "safe"
    return chat


def number_of(row):
    """What Telegram calls it."""
    OutboxMessage.objects.filter(pk=row.pk).update(provider_id=f"{1000 + row.pk},{2000 + row.pk}")
    return str(2000 + row.pk)


def test_an_old_yes_is_no_answer_to_a_newer_safety_question(asked_again):
    first = number_of(OutboxMessage.objects.filter(key__contains="opening").first())

    asked_again.writes("Yes", button="yes@safe", kind=Kind.BUTTON, pressed_on=first)
    assert (asked_again.known["safe"], asked_again.known["pending"]) == (None, "safe")
    assert Conversation.objects.get().safe_answer is None

    newest = number_of(OutboxMessage.objects.filter(key__contains="ask.safe").last())
    asked_again.writes("Yes", button="yes@safe", kind=Kind.BUTTON, pressed_on=newest)
    assert asked_again.known["safe"] == "yes"


def test_an_old_no_is_believed_all_the_same(asked_again):
    first = number_of(OutboxMessage.objects.filter(key__contains="opening").first())

    asked_again.writes("No", button="no@safe", kind=Kind.BUTTON, pressed_on=first)

    assert asked_again.known["safe"] == "no"
    assert Conversation.objects.get().contact.not_safe_at is not None
