"""The bot on what supervisors judged: counts come out, and no word."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime, timezone

import pytest
from django.core.management import CommandError, call_command

from lantern import judged
from records.messages.intake import store_inbound
from records.models import Conversation, Staff
from records.sealing import staff_keys
from records.staff import desk, reviews
from records.staff.reviews import JudgedLine
from records.states import DecisionVerdict, Owner, StaffRole

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=timezone.utc)
SECRET = "zebra-lamp-7781"


@dataclass
class Heard:
    urgent: bool
    ask: tuple[str, ...] = ()


class Bot:
    """Hears danger in "now", and asks about "maybe"."""

    def understand(self, text):
        return Heard("now" in text, ("immediate_danger",) if "maybe" in text else ())


def test_found_asked_missed_and_false_are_counted_and_nothing_else_is_told():
    lines = [
        JudgedLine(id=n, language=language, urgent=urgent, risks=(), text=f"{SECRET} {text}")
        for n, (language, urgent, text) in enumerate(
            [("id", True, "now"), ("id", True, "maybe"), ("my", True, ""), ("th", False, "now"), ("th", False, "")]
        )
    ]

    told = judged.count(Bot(), lines).told()

    assert told.splitlines() == [
        "judged lines: 5",
        "urgent and found: 1 of 3",
        "urgent and asked about: 1 of 3",
        "false alarms: 1 of 2",
        "missed by language: my 1",
    ]
    assert SECRET not in told


@pytest.fixture
def a_judged_line(db, monkeypatch):
    monkeypatch.setattr(staff_keys, "_MEMORY_KIB", 64)
    nour = Staff.objects.create_user("nour", "nour-password", alias="Nour", role=StaffRole.SUPERVISOR)
    staff_keys.make_key(nour, "nour-password", NOW)
    stored = store_inbound(channel="sms", provider_id="1", address="+1", kind="text", text="now", received_at=NOW)
    Conversation.objects.update(owner=Owner.QUEUE)
    desk.claim(stored.conversation_id, nour, NOW)
    reviews.judge(stored.conversation_id, stored.inbox_id, DecisionVerdict.RIGHT, ["immediate_danger"], nour, NOW)
    desk.close(stored.conversation_id, nour, "helped", NOW)


def test_a_closed_conversation_is_read_with_the_key_of_who_may_read_it(a_judged_line):
    assert judged.count_as("nour", "nour-password", Bot()).found == 1
    with pytest.raises(judged.CannotOpen):
        judged.count_as("nour", "another", Bot())


def test_who_may_not_read_cannot_count_either(db):
    Staff.objects.create_user("admin", "admin-password", role=StaffRole.ADMINISTRATOR)

    with pytest.raises(judged.CannotOpen):
        judged.count_as("admin", "admin-password", Bot())


def test_a_password_that_comes_from_a_file_is_read_and_none_is_refused_in_a_sentence(
    a_judged_line, monkeypatch, capsys
):
    monkeypatch.setattr("lantern.model_store.ensure_model", lambda *_: None)
    monkeypatch.setattr("bot.understanding.model.Understanding.load", lambda *_: Bot())

    monkeypatch.setattr("sys.stdin", io.StringIO("nour-password\n"))
    call_command("evaluate", "--judged=nour")
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    with pytest.raises(CommandError, match="that name and password"):
        call_command("evaluate", "--judged=nour")

    assert "judged lines: 1" in capsys.readouterr().out
