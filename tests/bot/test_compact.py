"""Compaction: a long talk is answered as if every event of it were read, and reads few."""

from __future__ import annotations

import itertools
import random

import pytest

from tests.dialogues.scenes import SCENES, played

pytestmark = pytest.mark.rasa
EVENTS = 150  # two turns more than after which a talk is put together


@pytest.fixture
def compacting(turns, monkeypatch):
    """Play a talk with compaction over so many events."""

    def played_with(lines, over):
        monkeypatch.setattr(turns.dialogue, "compact_over", over)
        return played(turns.dialogue, lines)

    return played_with


def _talk(seed: int, lines: int) -> tuple[str, ...]:
    """Scenes one after the other, as one talk."""
    scenes = random.Random(seed).sample(sorted(SCENES), len(SCENES))
    return tuple(itertools.islice(itertools.chain.from_iterable(SCENES[name] for name in scenes), lines))


def test_a_talk_that_is_put_together_at_every_turn_is_answered_the_same(compacting):
    talk = _talk(1, 30)

    whole, put_together = compacting(talk, None), compacting(talk, 0)

    assert put_together[0] == whole[0]
    assert put_together[1] < whole[1] / 2


def test_what_is_read_in_a_long_talk_does_not_grow(compacting):
    from bot.dialogue.engine import COMPACT_OVER

    keys, most_events = compacting(_talk(2, 60), COMPACT_OVER)

    assert len(keys) == 60
    assert most_events < EVENTS


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10))
def test_any_talk_of_all_scenes_is_answered_the_same(compacting, seed):
    talk = _talk(seed, 150)

    whole = compacting(talk, None)[0]

    assert compacting(talk, 0)[0] == whole
    assert compacting(talk, 60)[0] == whole


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(SCENES))
def test_each_scene_is_answered_the_same(compacting, name):
    assert compacting(SCENES[name], 0)[0] == compacting(SCENES[name], None)[0]
