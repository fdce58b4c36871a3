"""What is understood of messages as people really write, on messages that taught nothing. Floors, not goals.

The sample of the larger unseen set is only read here; the own messages were written apart from the training ones.
Figures: docs/understanding.md, made by `./run evaluate --write`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.understanding.evaluation import evaluate, read_cases
from content.languages import languages

DATA = Path(__file__).resolve().parent.parent / "data"
OWN = sorted((DATA / "own").glob("*.jsonl"))
pytestmark = pytest.mark.rasa


def test_every_language_of_the_line_has_test_messages_of_its_own():
    assert {path.stem for path in OWN} == set(languages())
    assert all(len(read_cases([path])) >= 150 for path in OWN)


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.stem)
def test_messages_written_apart_are_understood_in_every_language(turns, path):
    found = evaluate(turns.understanding, read_cases([path])).total

    assert found.language.value >= 0.75
    assert found.intent.value >= 0.65
    assert found.indicators.f1 >= 0.45
    assert found.urgent_or_asked.value >= 0.75
    assert found.false_urgent.value <= 0.10


def test_the_sample_of_real_messages_is_understood(turns):
    found = evaluate(turns.understanding, read_cases([DATA / "messages-sample.jsonl"])).total

    assert found.language.value >= 0.85
    assert found.intent.value >= 0.70
    assert found.indicators.f1 >= 0.5
    assert found.urgent_or_asked.value >= 0.8
    assert found.false_urgent.value <= 0.08
