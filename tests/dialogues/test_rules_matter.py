"""Take any rule or story out, and a scene goes another way: nothing in stories/ is dead."""

from __future__ import annotations

import pytest

from tests.dialogues.policies import names, sample, swapped, train_policies, without
from tests.dialogues.scenes import SCENES, keys_of

pytestmark = pytest.mark.rasa


@pytest.fixture(scope="module")
def as_trained(turns):
    return {name: keys_of(turns.dialogue, scene) for name, scene in SCENES.items()}


@pytest.mark.parametrize("name", list(SCENES))
def test_no_scene_is_left_without_a_word(as_trained, name):
    for turn in as_trained[name]:
        assert turn, "nobody is left without an answer"
        assert not turn[0].startswith("failed"), turn


def test_policies_trained_from_the_same_stories_say_the_same(turns, as_trained, tmp_path):
    again = train_policies(turns.dialogue, without(None, tmp_path))

    with swapped(turns.dialogue, again):
        scene = "self, person declined, numbers"
        assert keys_of(turns.dialogue, SCENES[scene]) == as_trained[scene]


@pytest.mark.parametrize("name", sample(4))
def test_a_rule_that_is_taken_out_is_missed(turns, as_trained, tmp_path, name):
    assert changed_scene(turns.dialogue, as_trained, name, tmp_path), f"no scene needs the rule: {name}"


@pytest.mark.long
@pytest.mark.parametrize("name", names())
def test_every_rule_that_is_taken_out_is_missed(turns, as_trained, tmp_path, name):
    assert changed_scene(turns.dialogue, as_trained, name, tmp_path), f"no scene needs the rule: {name}"


def changed_scene(dialogue, as_trained, name, folder) -> str | None:
    """Return the first scene that goes another way without this rule."""
    policies = train_policies(dialogue, without(name, folder))
    with swapped(dialogue, policies):
        return next((scene for scene, lines in SCENES.items() if keys_of(dialogue, lines) != as_trained[scene]), None)
