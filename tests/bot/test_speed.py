"""Speed: the patches of Rasa change no reply."""

from __future__ import annotations

import warnings

import pytest

from tests.dialogues.scenes import SCENES, keys_of

pytestmark = pytest.mark.rasa
TURNS = 60


def _scenes() -> dict[str, tuple[str, ...]]:
    picked, turns = {}, 0
    for name, lines in SCENES.items():
        picked[name] = lines
        turns += len(lines)
        if turns >= TURNS:
            return picked
    raise AssertionError("too few scenes")


def test_sixty_turns_are_answered_the_same_with_and_without_the_patches(turns, model):
    from bot.dialogue import Dialogue, speed

    scenes = _scenes()
    fast = {name: keys_of(turns.dialogue, lines) for name, lines in scenes.items()}

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        plain = Dialogue(model, patched=False)
    try:
        slow = {name: keys_of(plain, lines) for name, lines in scenes.items()}
    finally:
        speed.apply()

    assert fast == slow
