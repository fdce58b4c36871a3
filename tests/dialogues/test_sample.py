"""Whole conversations as people have them: the sample of those who ordered the line, and two a language of our own.

Ours were written by people's helpers who had not seen the code; every eighth is played each time, all in the long run.
When they were played for the first time, so many came out right: second round (e, f) 27 of 34, third (g, h) 28, fourth
(i, j) 25, fifth (k) 33, sixth (l, m) 29 of 35, seventh (n, o) 31 of 36, eighth (p, q) 27 of 34, ninth (t, u) 28 of 34,
tenth (r, s) 30 of 34. What went wrong was mended between the rounds, and in general, never for one conversation.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dialogues.expected import misheard, misses, read, script_of
from tests.dialogues.laws import broken
from tests.dialogues.script import play
from tests.dialogues.test_dialogues import told

pytestmark = pytest.mark.rasa
DATA = Path(__file__).resolve().parents[1] / "data"
SAMPLE = read(DATA / "dialogues-sample.yml")
OWN = [row for path in sorted((DATA / "conversations").glob("*.yml")) for row in read(path)]
EVERY = 8
# What is known to go wrong, so that a test fails the day it goes right.
MISSED: dict[str, list[str]] = {
    "a04": ["handed off at turn 5, against the wish", "urgent at turn 5, which it is not"],
    "a18": ["handed off at turn 6, against the wish"],
    "a22": ["handed off at turn 4, against the wish", "urgent at turn 4, which it is not"],
    "b05": ["handed off at turn 1, against the wish", "urgent at turn 1, which it is not"],
    "e02": ["handed off at turn 3, against the wish"],
    "e04": ["handed off at turn 3, against the wish"],
    "e15": ["urgent at turn 5, which it is not"],
    "f11": ["handed off at turn 4, against the wish", "urgent at turn 7, which it is not"],
    "f17": ["handed off at turn 2, against the wish"],
    "h01": ["never urgent"],
    "h06": ["never urgent"],
    "h13": ["handed off at turn 4, against the wish"],
    "i09": ["handed off at turn 3, against the wish"],
    "j04": ["handed off at turn 2, against the wish"],
    "j13": ["handed off at turn 4, against the wish"],
    "k21": ["handed off at turn None, wanted by 6"],
    "m10": ["handed off at turn 2, against the wish"],
    "m12": ["urgent at turn 2, which it is not"],
    "m13": ["handed off at turn 3, against the wish"],
    "o13": ["handed off at turn 3, against the wish"],
    "q17": ["handed off at turn 4, against the wish"],
    "r14": ["handed off at turn 5, wanted by 4"],
    "s03": ["handed off at turn 3, against the wish"],
    "t15": ["handed off at turn 3, against the wish"],
}
MOST_AMISS = 0.75
heard_right: list[tuple[int, int]] = []


def test_the_sample_is_there():
    if not SAMPLE:
        pytest.skip("no dialogues-sample.yml in tests/data: the sample conversations are not played")


def test_every_language_has_two_conversations():
    from content.languages import languages

    written = [row["expect"]["language"] for row in OWN]

    assert {code: written.count(code) for code in languages() if written.count(code) < 2} == {}


@pytest.mark.parametrize(
    "row",
    [
        *(pytest.param(row, id=row["id"]) for row in (*SAMPLE, *OWN[::EVERY])),
        *(pytest.param(row, id=row["id"], marks=pytest.mark.long) for n, row in enumerate(OWN) if n % EVERY),
    ],
)
def test_a_conversation_comes_out_as_it_must(line, row):
    script = script_of(row)

    exchanges = play(line, script)

    problems = [*broken(script, exchanges), *misses(row["expect"], exchanges)]
    amiss = list(misheard(row["expect"], exchanges))
    heard_right.append((len(row["expect"]["indicators"]) + len(row["expect"]["risks"]) + 1, len(amiss)))
    assert problems == MISSED.get(row["id"], []), "\n".join([*problems, *amiss, "", *told(exchanges)])


def test_most_of_what_was_told_is_heard():
    """Over the conversations above: what was missed and what was heard wrongly, against what was said."""
    said, amiss = map(sum, zip(*heard_right, strict=True))

    assert amiss <= MOST_AMISS * said, f"{amiss} amiss of {said}"
