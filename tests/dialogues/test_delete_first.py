"""A talk that begins with a wish to delete: nothing is told before it is safe, and then the wish is not forgotten."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lantern.line import Line
from records.models import Contact, Conversation, OutboxMessage
from tests.dialogues.script import START

pytestmark = pytest.mark.rasa
ANA = "77001"


class Talk:
    def __init__(self, turns):
        self.line = Line(turns, START)

    def says(self, text, *, after=timedelta(seconds=40)):
        self.line.now += after
        self.line.receives("telegram", ANA, text)
        got = self.line.takes("telegram", ANA)
        return [OutboxMessage.objects.get(uid=message.uid).key for message, _ in got]


@pytest.fixture
def talk(transactional_db, turns):
    return Talk(turns)


@pytest.mark.parametrize(("wish", "yes"), [("delete", "yes"), ("borra todo", "si"), ("hapus semua", "aman")])
def test_who_begins_with_delete_is_asked_for_safety_and_then_whether_to_delete(talk, wish, yes):
    assert talk.says(wish)[-1] in ("opening", "language.offer")

    assert "ask.delete" in " ".join(talk.says(yes)).split()
    assert "deleted" in " ".join(talk.says(yes)).split()


def test_who_comes_back_after_the_gap_only_to_delete_is_not_made_to_say_it_twice(talk):
    for text in ("hello", "yes", "they took my passport"):
        talk.says(text)

    opening = talk.says("delete", after=timedelta(hours=2))
    asked = talk.says("yes")
    said = talk.says("yes")

    assert "opening" in opening
    assert "ask.delete" in " ".join(asked).split()
    assert "deleted" in " ".join(said).split()


def test_who_is_not_safe_is_not_asked_whether_to_delete(talk):
    talk.says("delete")

    assert talk.says("no") == ["ended.neutral"]


def test_who_then_wants_to_keep_it_is_asked_on(talk):
    talk.says("delete")
    talk.says("yes")

    said = " ".join(talk.says("no")).split()

    assert "delete.kept" in said
    assert Conversation.objects.filter(erase_at=None).exists()
    assert Contact.objects.exists()
