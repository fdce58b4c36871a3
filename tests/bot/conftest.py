"""A line without Rasa: the real rooms around a dialogue that says what a test tells it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.dialogue_types import DialogueFailed, Heard, Step
from bot.turn import Turns
from screening.assessment import Assessment
from tests.dialogues.script import START


class Told:
    """A dialogue of one's own: a function of what is known and what was heard."""

    def __init__(self, answer: Callable[[Assessment, Heard], tuple[list[str], Assessment]]) -> None:
        self.answer = answer
        self.heard: list[Heard] = []

    def step(self, heard, events, slots) -> Step:
        self.heard.append(heard)
        keys, known = self.answer(Assessment.from_json(slots["assessment"]), heard)
        return Step(lines=tuple({"key": key} for key in keys), events=(), slots={"assessment": known.to_json()})


def greets(known, heard):
    return ["opening"], known.with_(pending="safe")


def hands_off(known, heard):
    return ["handoff.asked"], known.with_(reasons=("ask_human",), flow="queue", safe="yes")


def fails(known, heard):
    raise DialogueFailed("as told")


@pytest.fixture
def line_that(transactional_db, rules_only):
    """A line whose dialogue answers as the test says."""
    from lantern.line import Line

    def made(answer=greets, understanding=rules_only):
        return Line(Turns(understanding, Told(answer) if answer else None), START)

    return made
