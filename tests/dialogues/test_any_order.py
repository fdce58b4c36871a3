"""Any order: whatever is written at whatever moment of a talk, something fitting is said and no law is broken.

The other conversations follow a plan. Here every message is drawn: fixed questions, things told, ends, numbers, noise,
pictures, long pauses, a worker who takes over and hands back. The same seeds draw the same talks.
"""

from __future__ import annotations

import json
import random
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from content.source import CONTENT
from tests.dialogues.laws import broken
from tests.dialogues.script import Script, Turn, play
from tests.dialogues.test_dialogues import told

pytestmark = pytest.mark.rasa
OWN = Path(__file__).resolve().parents[1] / "data" / "own"
TURNS = 24
ANSWERS = ("1", "2", "3", "4", "5", "yes", "no", "ok", "skip", "0")
NOISE = ("?", "...", "😢", "[photo]", "[voice message]", "asdf", "17", "a " * 600, "1 2 3", "STOP", "START")
AGAIN_IN_A_ROW = "the same text twice in a row"  # who writes the same thing twice is told the same thing twice
NOW, LONG = range(6), range(6, 120)
SEEDS = [*NOW, *(pytest.param(seed, marks=pytest.mark.long) for seed in LONG)]


def _written(language: str) -> list[str]:
    rows = (OWN / f"{language}.jsonl").read_text("utf-8").splitlines()
    return [json.loads(row)["text"] for row in rows]


def _topics(language: str) -> list[str]:
    file = yaml.safe_load((CONTENT / "topics" / f"{language}.yml").read_text("utf-8"))
    return [phrase for topic in file["topics"].values() for phrase in topic["match"]]


def _drawn(chance: random.Random, written: list[str], topics: list[str]) -> Turn:
    kind = chance.choices(("answer", "written", "topic", "noise"), (42, 30, 20, 8))[0]
    text = chance.choice({"answer": ANSWERS, "written": written, "topic": topics, "noise": NOISE}[kind])
    minutes = chance.choices((0.4, 15, 180, 60 * 30), (85, 9, 4, 2))[0]
    return Turn(text=text, after=timedelta(minutes=minutes))


def _talk(seed: int) -> Script:
    chance = random.Random(seed)
    language = chance.choice(sorted(path.stem for path in (CONTENT / "topics").glob("*.yml")))
    written, topics = _written(language), _topics(language)
    turns = [_drawn(chance, written, topics) for _ in range(TURNS)]
    taken_over = chance.randrange(2, TURNS)
    turns[taken_over:taken_over] = [Turn(staff="claim"), _drawn(chance, written, topics), Turn(staff="hand_back")]
    channel = chance.choice(("sms", "telegram"))
    sender = f"+1202555{seed:04}" if channel == "sms" else f"8{seed:05}"
    return Script(id=f"seed {seed} ({language})", language=language, channel=channel, sender=sender, turns=tuple(turns))


@pytest.mark.parametrize("seed", SEEDS)
def test_no_message_at_any_moment_leaves_the_bot_without_an_answer(line, turns, monkeypatch, seed):
    broke = []
    take = turns.take

    def taken(material, now):
        try:
            return take(material, now)
        except Exception as problem:
            broke.append(f"{type(problem).__name__} at message {material.next_seq}")
            raise

    monkeypatch.setattr(turns, "take", taken)
    script = _talk(seed)

    exchanges = play(line, script)

    broke += [law for law in broken(script, exchanges) if AGAIN_IN_A_ROW not in law]
    assert not broke, "\n".join([*broke, "", *told(exchanges)])
