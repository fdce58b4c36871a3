"""Speed: the patches of Rasa change no reply."""

from __future__ import annotations

import warnings

import pytest

from tests.dialogues.scenes import SCENES, keys_of, played

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


def test_each_policy_sees_what_it_would_see_without_the_patches(turns, monkeypatch):
    from rasa.core.policies.rule_policy import RulePolicy
    from rasa.shared.core.domain import Domain

    from bot.dialogue import speed

    originals = dict(zip((name for _, name in speed._PLACES), speed._ORIGINALS, strict=True))
    asked = []

    def compared(name, patched):
        def both(self, *args, **settings):
            ours, theirs = patched(self, *args, **settings), originals[name](self, *args, **settings)
            assert ours == theirs
            asked.append(name)
            return ours

        return both

    for owner, name in ((Domain, "states_for_tracker_history"), (RulePolicy, "_get_possible_keys")):
        monkeypatch.setattr(owner, name, compared(name, getattr(owner, name)))
    monkeypatch.setattr(turns.dialogue, "compact_over", 30)
    talk = tuple(line for name in list(SCENES)[3::9] for line in SCENES[name])
    played(turns.dialogue, talk)

    assert asked.count("states_for_tracker_history") > len(talk)
    assert asked.count("_get_possible_keys") > len(talk)


def test_a_copy_of_a_tracker_is_what_playing_its_events_again_gives(turns, monkeypatch):
    from rasa.shared.core.trackers import DialogueStateTracker

    from bot.dialogue import speed

    asked = []

    def told(tracker):
        kept = {name: value for name, value in vars(tracker).items() if name != "_played"}
        return {**kept, "slots": {name: vars(slot) for name, slot in tracker.slots.items()}}

    def both(self):
        ours, theirs = speed._twin(self), speed._original_copy(self)
        assert told(ours) == told(theirs)
        assert ours.events is not self.events
        assert all(ours.slots[name] is not slot for name, slot in self.slots.items())
        asked.append("_played" in vars(self))
        return ours

    monkeypatch.setattr(DialogueStateTracker, "copy", both)
    talk = tuple(line for name in list(SCENES)[1::7] for line in SCENES[name])
    played(turns.dialogue, talk)

    assert len(asked) > len(talk)
    assert any(asked)
