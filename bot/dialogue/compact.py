"""Compaction: the events of a long talk put into few, which every policy reads as it reads them all.

What rules and stories look at lies close behind: the last turns, the last turns of a story, and what slots and
loop hold by now. The rest is left out. Promises that each policy sees the same states before and after: it looks,
and where they differ it leaves everything as it was.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rasa.core.policies.policy import Policy
from rasa.core.policies.rule_policy import RULES, RULES_FOR_LOOP_UNHAPPY_PATH, RulePolicy
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.graph_components.providers.rule_only_provider import RuleOnlyDataProvider
from rasa.shared.core.domain import Domain, State
from rasa.shared.core.events import ActionExecuted, ActiveLoop, BotUttered, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

_RULES = (RULES, RULES_FOR_LOOP_UNHAPPY_PATH)


@dataclass(frozen=True, slots=True)
class Sight:
    """How far back the policies of a model look."""

    policies: tuple[Policy, ...]
    rule_only: dict[str, Any]
    rule_states: int  # of the longest rule
    story_states: int  # of a policy that learned from stories; turns of rules alone are not counted

    @classmethod
    def of(cls, runner: DaskGraphRunner) -> Sight:
        """Read it from a loaded model."""
        parts = [node._component for node in runner._instantiated_nodes.values()]
        policies = tuple(part for part in parts if isinstance(part, Policy))
        lookups = [
            policy.lookup.get(name, {}) for policy in policies if isinstance(policy, RulePolicy) for name in _RULES
        ]
        longest = max((len(json.loads(rule)) for lookup in lookups for rule in lookup), default=0)
        histories = [policy.featurizer.max_history for policy in policies if not isinstance(policy, RulePolicy)]
        rule_only: dict[str, Any] = next(
            (part.provide() for part in parts if isinstance(part, RuleOnlyDataProvider)), {}
        )
        # One more each: the state that tells a beginning from a middle.
        return cls(policies, rule_only, longest + 1, max(histories, default=0) + 1)

    def states(self, tracker: DialogueStateTracker, domain: Domain) -> list[list[State]]:
        """What each policy would look at if it were asked now."""
        seen = []
        for policy in self.policies:
            rules = isinstance(policy, RulePolicy)
            found = policy._prediction_states(tracker, domain, rule_only_data=None if rules else self.rule_only)
            seen.append(found[-(self.rule_states if rules else self.story_states) :])
        return seen


def compacted(tracker: DialogueStateTracker, domain: Domain, sight: Sight) -> DialogueStateTracker | None:
    """Return a tracker with fewer events that every policy reads the same; None if there is none."""
    short = DialogueStateTracker(tracker.sender_id, domain.slots)
    for event in _without_the_far(tracker.applied_events(), sight):
        short.update(event, domain)
    same = (
        short.current_slot_values() == tracker.current_slot_values()
        and short.active_loop_name == tracker.active_loop_name
        and short.latest_action_name == tracker.latest_action_name
        and short.is_paused() == tracker.is_paused()
        and sight.states(short, domain) == sight.states(tracker, domain)
    )
    return short if same and len(short.events) < len(tracker.events) else None


def _without_the_far(events: Sequence[Event], sight: Sight) -> list[Event]:
    """Leave out turns that no policy reaches, but for what they left in slots and loop."""
    near: list[list[Event]] = []
    actions = of_stories = 0
    for turn in reversed(_turns(events)):
        shown = [event for event in turn if isinstance(event, ActionExecuted)]
        of_story = sum(not event.hide_rule_turn for event in shown)
        keeps = actions < sight.rule_states or (of_story and of_stories < sight.story_states)
        near.append(turn if keeps else [event for event in turn if isinstance(event, SlotSet | ActiveLoop)])
        actions, of_stories = actions + len(shown), of_stories + of_story
    return _last_values(event for turn in reversed(near) for event in turn if not isinstance(event, BotUttered))


def _turns(events: Iterable[Event]) -> list[list[Event]]:
    """Cut before each message; what stands before the first is kept with it."""
    turns: list[list[Event]] = [[]]
    for event in events:
        if isinstance(event, UserUttered) and any(isinstance(one, UserUttered) for one in turns[-1]):
            turns.append([])
        turns[-1].append(event)
    return turns


def _last_values(events: Iterable[Event]) -> list[Event]:
    """Leave out what is set anew before anything looks at it."""
    kept: list[Event] = []
    waiting: dict[str, Event] = {}
    for event in events:
        if isinstance(event, SlotSet | ActiveLoop):
            name = f"slot {event.key}" if isinstance(event, SlotSet) else "loop"
            waiting.pop(name, None)
            waiting[name] = event
            continue
        kept += [*waiting.values(), event]
        waiting.clear()
    return [*kept, *waiting.values()]


__all__ = ["Sight", "compacted"]
