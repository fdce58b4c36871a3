"""What is understood of messages as people really write, on messages that taught nothing. Floors, not goals.

The sample of the larger unseen set is only read here; the own messages were written apart from the training ones.
Run with -s to see the table.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from content.catalogue import written

DATA = Path(__file__).resolve().parent.parent / "data"
pytestmark = pytest.mark.rasa


@dataclass
class Count:
    """Sums over a set of messages."""

    messages: int = 0
    language: int = 0
    intent: int = 0
    found: int = 0
    wrong: int = 0
    missed: int = 0
    urgent: int = 0
    urgent_found: int = 0
    urgent_asked: int = 0
    calm: int = 0
    false_alarm: int = 0

    @property
    def f1(self) -> float:
        """Of the indicators, micro-averaged."""
        return 2 * self.found / max(1, 2 * self.found + self.wrong + self.missed)


def count(understanding, rows) -> Count:
    c = Count()
    for row in rows:
        heard = understanding.understand(row["text"])
        note = row.get("note", "")
        fair = set(note.replace(",", " ").replace(";", " ").split()) if "also_ok" in note else set()
        told, gold = {one.id for one in heard.indicators}, set(row["indicators"])
        c.messages += 1
        c.language += heard.language.code == row["lang"]
        c.intent += heard.intent in row["intents"]
        c.found += len(told & gold)
        c.wrong += len(told - gold - fair)
        c.missed += len(gold - told)
        if "urgent_either" in note:
            continue
        if row["urgent"]:
            c.urgent += 1
            c.urgent_found += heard.urgent
            c.urgent_asked += not heard.urgent and bool(heard.ask)
        else:
            c.calm += 1
            c.false_alarm += heard.urgent
    return c


def shown(name: str, c: Count) -> str:
    return (
        f"{name:<10} n={c.messages:<4} language {c.language / c.messages:.2f} intent {c.intent / c.messages:.2f} "
        f"indicators F1 {c.f1:.2f} urgent {c.urgent_found}+{c.urgent_asked} asked of {c.urgent} "
        f"false {c.false_alarm} of {c.calm}"
    )


def read(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("language", written())
def test_messages_written_apart_are_understood_in_each_language_that_is_written(turns, language):
    c = count(turns.understanding, read(DATA / "own" / f"{language}.jsonl"))

    print(shown(language, c))
    assert c.language >= 0.85 * c.messages
    assert c.intent >= 0.55 * c.messages
    assert c.f1 >= 0.35
    assert c.urgent_found + c.urgent_asked >= 0.5 * c.urgent
    assert c.false_alarm <= 0.08 * c.calm


def test_the_sample_of_real_messages_is_understood_in_part_in_all_languages(turns):
    c = count(turns.understanding, read(DATA / "messages-sample.jsonl"))

    print(shown("sample", c))
    assert c.language >= 0.8 * c.messages
    assert c.intent >= 0.5 * c.messages
    assert c.f1 >= 0.3
    assert c.false_alarm <= 0.08 * c.calm
