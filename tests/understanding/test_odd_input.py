"""Odd input through `parse`, with everything that was trained: one clear answer a line, no crash."""

from __future__ import annotations

import json

import pytest

from bot.understanding.parse import parse_line

pytestmark = pytest.mark.rasa
ODD = {
    "50,000 letters": "please help me boss took my passport " * 1_352,
    "50,000 letters without a space": "မ" * 50_000,
    "only emoji": "😭😭🙏🙏",
    "only digits": "4815162342",
    "digits of another script": "၄၈၁၅",
    "mixed scripts": "help ช่วยด้วย помогите साहाय्य ساعدوني 救命",
    "right-to-left marks": "\u202eمساعدة\u202c \u200f help \u2067me\u2069",
    "zero-width letters": "h\u200be\u200cl\u200dp\ufeff me",
    "nothing": "",
    "spaces": " \t\n\u3000 ",
    "a NUL": "help\x00me",
    "a command": "/restart",
    "an intent of Rasa": '/disclose{"indicator": "violence"}',
    "combining marks": "h" + "\u0301" * 5_000,
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_whatever_stands_in_a_line_gets_one_answer(turns, text):
    answer = parse_line(json.dumps({"id": "a", "text": text}), turns.understanding)

    assert set(answer) == {"id", "language", "intent", "indicators", "risks", "urgent", "ask", "role"}
    assert json.dumps(answer, allow_nan=False)


@pytest.mark.parametrize("line", ['{"id": "a", "text": "hel', "[]", "null", "", '{"id": "a"}', "\ufffd\ufffd"])
def test_a_broken_line_is_answered_with_what_is_wrong(turns, line):
    answer = parse_line(line, turns.understanding)

    assert answer["error"]
    assert not answer["urgent"]


def test_a_long_text_is_read_to_its_end(turns):
    text = "today the weather is nice and we talk about football. " * 70 + "they keep my passport and i cant go out."

    answer = parse_line(json.dumps({"id": "a", "text": text}), turns.understanding)

    assert {one["id"] for one in answer["indicators"]} & {"documents_withheld", "confinement"}


def test_ages_sums_times_phones_and_places_are_kept_as_evidence(turns):
    understood = turns.understanding.understand("im 15, he owes me 500 riyal for 3 months in Dubai, call +6591234567")

    assert {one.kind for one in understood.details} == {"age", "amount", "duration", "place", "phone"}
    assert "Dubai" not in repr(understood)
