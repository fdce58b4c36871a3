"""Speed: patches of Rasa 3.6 that change no reply (tests compare them with and without).

Measured on two cores: of a step of the dialogue a third went into playing the same events again for each policy, a
fifth into trying every rule, a tenth into checking the results of our own actions against a schema of everything; and
each stored event walked all event classes, each of three graph runs planned the same graph again. Each action is given
a copy of the tracker: that was made by playing all events again.
"""

from __future__ import annotations

import copy
import functools
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import rasa.core.actions.forms
import rasa.core.policies.memoization
import rasa.core.policies.rule_policy
import rasa.core.processor
import rasa.shared.core.trackers
from rasa.core.actions.action import RemoteAction
from rasa.core.policies.policy import Policy
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.constants import PREVIOUS_ACTION, USER
from rasa.shared.core.domain import Domain, State
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActionReverted,
    ActiveLoop,
    BotUttered,
    DefinePrevUserUtteredFeaturization,
    Event,
    FollowupAction,
    LoopInterrupted,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ACTION_NAME, INTENT

_TALKATIVE = (
    rasa.core.processor, rasa.core.actions.forms, rasa.core.policies.memoization, rasa.core.policies.rule_policy,
)  # fmt: skip
_PLACES: tuple[tuple[Any, str], ...] = (
    (RemoteAction, "_validate_action_result"),
    (Event, "resolve_by_type"),
    (rasa.core.processor, "DaskGraphRunner"),
    (Domain, "states_for_tracker_history"),
    (RulePolicy, "_get_possible_keys"),
    (Policy, "format_tracker_states"),
    (DialogueStateTracker, "copy"),
    (DialogueStateTracker, "applied_events"),
    (rasa.shared.core.trackers, "copy"),
    (rasa.core.policies.rule_policy, "copy"),
    (rasa.core.policies.memoization, "copy"),
    (rasa.core.processor, "copy"),
    (rasa.core.actions.forms, "copy"),
    *((module, "structlogger") for module in _TALKATIVE),
)
_ORIGINALS = tuple(vars(owner)[name] for owner, name in _PLACES)
_original_resolve = Event.resolve_by_type
_original_states = Domain.states_for_tracker_history
_original_copy = DialogueStateTracker.copy
_original_applied = DialogueStateTracker.applied_events
# After these a tracker that plays its events again stands elsewhere than one that has lived through them.
_TURNS_BACK = frozenset({ActionReverted, FollowupAction, Restarted, SessionStarted, UserUtteranceReverted})
# Among these alone nothing is taken back but what a loop does again.
_GO_ON = frozenset({
    ActionExecuted, ActionExecutionRejected, ActiveLoop, BotUttered, DefinePrevUserUtteredFeaturization, FollowupAction,
    LoopInterrupted, SlotSet, UserUttered,
})  # fmt: skip


class SequentialRunner(DaskGraphRunner):
    """Runs the graph's nodes in an order that is worked out once for each target."""

    def run(self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
        """Return the outputs of the targets."""
        plans: dict[tuple[str, ...], list[tuple[str, tuple[str, ...]]]] = self.__dict__.setdefault("_plans", {})
        wanted = tuple(targets or self._graph_schema.target_names)
        if wanted not in plans:
            plans[wanted] = self._plan(wanted)
        out: dict[str, Any] = dict(inputs or {})
        for node, needs in plans[wanted]:
            out[node] = self._instantiated_nodes[node](*[(need, out[need]) for need in needs])[1]
        return {target: out[target] for target in wanted}

    def _plan(self, wanted: tuple[str, ...]) -> list[tuple[str, tuple[str, ...]]]:
        schema, order, seen = self._graph_schema.minimal_graph_schema(list(wanted)), [], set()

        def visit(node: str) -> None:
            if node in seen or node not in schema.nodes:
                return
            seen.add(node)
            for need in schema.nodes[node].needs.values():
                visit(need)
            order.append((node, tuple(schema.nodes[node].needs.values())))

        for target in wanted:
            visit(target)
        return order


@dataclass(frozen=True, slots=True)
class _Moment:
    """A tracker before an action: its state, and what tells whether stories see it."""

    state: State
    action: dict[str, str] | None
    hidden: bool
    as_before: bool  # hidden or not as the moment before it was


@dataclass(slots=True)
class _Played:
    """A tracker played so far, and what is needed to play on."""

    events: list[Event]
    tracker: DialogueStateTracker
    until: tuple[int, Event | None] = (-1, None)  # how many events the tracker had, and its last: it only grows
    moments: list[_Moment] = field(default_factory=list)
    now: _Moment | None = None  # where it stands, once somebody has asked

    def moment(self, domain: Domain, *, hidden: bool) -> _Moment:
        """Return where it stands."""
        one = self.tracker
        as_before = bool(one.followup_action) or one.latest_action_name == one.active_loop_name
        return _Moment(domain.get_active_state(one), domain._get_prev_action_sub_state(one), hidden, as_before)


def _states_for_history(
    self: Domain,
    tracker: DialogueStateTracker,
    omit_unset_slots: bool = False,
    ignore_rule_only_turns: bool = False,
    rule_only_data: dict[str, Any] | None = None,
) -> list[State]:
    """Return what the original does; events that were played for an earlier question are not played again."""
    if omit_unset_slots:  # in training
        found: list[State] = _original_states(
            self, tracker, omit_unset_slots=True, ignore_rule_only_turns=ignore_rule_only_turns,
            rule_only_data=rule_only_data,
        )  # fmt: skip
        return found
    played = _play(self, tracker)
    played.now = played.now or played.moment(self, hidden=False)
    moments = [*played.moments, played.now]
    # Policies take parts out of the states that they are given.
    if not ignore_rule_only_turns:
        return [_copied(one.state) for one in moments]
    return _seen_by_stories(self, moments, rule_only_data)


def _seen_by_stories(domain: Domain, moments: list[_Moment], rule_only_data: dict[str, Any] | None) -> list[State]:
    """Return the states without turns of rules alone, step by step as the original does."""
    states: list[State] = []
    hidden, last_action = False, None
    for one in moments:
        if not hidden:
            last_action = one.action
        if not one.as_before:
            hidden = one.hidden
        if hidden:
            continue
        state = _copied(one.state)
        domain._remove_rule_only_features(state, rule_only_data)
        if states:
            domain._substitute_rule_only_user_input(state, states[-1])
        if last_action:
            state[PREVIOUS_ACTION] = last_action
        states.append(domain._clean_state(state))
    return states


def _play(domain: Domain, tracker: DialogueStateTracker) -> _Played:
    played: _Played | None = getattr(tracker, "_played", None)
    until = (len(tracker.events), tracker.events[-1] if tracker.events else None)
    if played is not None and played.until[0] == until[0] and played.until[1] is until[1]:
        return played
    applied = tracker.applied_events()
    if played is None or not _begins(applied, played.events):  # a loop that goes on takes earlier events out
        played = _Played([], tracker.init_copy())
        tracker._played = played
    for event in applied[len(played.events) :]:
        if isinstance(event, ActionExecuted):
            played.moments.append(played.moment(domain, hidden=event.hide_rule_turn))
        played.tracker.update(event)
    played.events, played.until, played.now = applied, until, None
    return played


def _begins(events: list[Event], beginning: list[Event]) -> bool:
    return len(events) >= len(beginning) and all(map(lambda one, other: one is other, events, beginning))


def _copied(state: State) -> State:
    return {name: dict(part) for name, part in state.items()}


def _twin(self: DialogueStateTracker) -> DialogueStateTracker:
    """Return a copy as the original makes it, without playing the events again where that would tell nothing new."""
    kinds = set(map(type, self.events))
    if ActionExecuted not in kinds or not _TURNS_BACK.isdisjoint(kinds) or getattr(self, "opened", False):
        return _original_copy(self)
    twin = DialogueStateTracker.__new__(type(self))
    twin.__dict__.update(self.__dict__)
    twin.__dict__.pop("_played", None)
    twin.events = self._create_events(self.events)
    twin.slots = {name: _copied_slot(slot) for name, slot in self.slots.items()}
    twin.active_loop = copy.copy(self.active_loop)
    # What is no event is not played again.
    twin.followup_action = twin.sender_source = twin.model_id = twin.assistant_id = None
    return twin


def _applied(self: DialogueStateTracker) -> list[Event]:
    """Return what the original does; each event was held against a dozen classes to find one that turns back."""
    if not _GO_ON.issuperset(map(type, self.events)):
        return cast(list[Event], _original_applied(self))
    loops = {event.name for event in self.events if type(event) is ActiveLoop and event.name}
    applied: list[Event] = []
    for event in self.events:
        again = type(event) is ActionExecuted and event.action_name in loops
        if again and not self._first_loop_execution_or_unhappy_path(event.action_name, applied):
            self._undo_till_previous_loop_execution(event.action_name, applied)
        else:
            applied.append(event)
    return applied


def _copied_slot(slot: Slot) -> Slot:
    """Return what `copy.copy` does, in a third of its time."""
    twin: Slot = object.__new__(type(slot))
    twin.__dict__.update(slot.__dict__)
    return twin


@functools.lru_cache(maxsize=4)
def _by_last_state(rules: tuple[str, ...]) -> tuple[dict[tuple[Any, Any], list[str]], int]:
    """Rules by the action and the intent of their last state, and how many states the longest has."""
    found: dict[tuple[Any, Any], list[str]] = defaultdict(list)
    longest = 0
    for rule in rules:
        states = RulePolicy._rule_key_to_state(rule)
        found[_last_of(states[-1])].append(rule)
        longest = max(longest, len(states))
    return found, longest


def _last_of(state: State) -> tuple[Any, Any]:
    return state.get(PREVIOUS_ACTION, {}).get(ACTION_NAME), state.get(USER, {}).get(INTENT) or None


def _possible_keys(self: RulePolicy, lookup: dict[str, str], states: list[State]) -> set[str]:
    """Return the rules that fit, as the original does, without trying those whose last action or intent is another."""
    rules, longest = _by_last_state(tuple(lookup))
    action, intent = _last_of(states[-1])
    if action is None:  # nothing has happened yet: no intent is compared
        possible = {rule for (last, _), some in rules.items() if last is None for rule in some}
    else:
        possible = {*rules.get((action, intent), ()), *rules.get((action, None), ())}
    for index, state in enumerate(reversed(states[-longest:])):
        possible = {rule for rule in possible if self._is_rule_applicable(rule, index, state)}
    return possible


def _usable(self: RemoteAction, result: dict[str, Any] | None) -> bool:
    """Check what our own actions return as far as Rasa reads it; the SDK has made the events."""
    if result is not None:
        events: Iterable[Any] = result.get("events") or ()
        if not all(isinstance(event.get("event"), str) for event in events):
            raise ValueError("an action returned an event without a type")
        if not all(isinstance(line, dict) for line in result.get("responses") or ()):
            raise ValueError("an action returned a response that is not one")
    return True


class _Quiet:
    """A logger of Rasa's whose lines below errors nobody keeps: they are not put together."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def debug(self, *words: Any, **values: Any) -> None:
        """Say nothing."""

    info = warning = debug

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


def _resolve(name: str, default: Any = None) -> Any:
    return _original_resolve(name, default)


def apply() -> None:
    """Put the patches in place; before a model is loaded."""
    uncopied = SimpleNamespace(
        deepcopy=lambda value: value
    )  # these modules copy only what goes into a log we do not keep
    patches: tuple[Any, ...] = (
        _usable,
        staticmethod(functools.lru_cache(maxsize=None)(_resolve)),
        SequentialRunner,
        _states_for_history,
        _possible_keys,
        staticmethod(lambda states: ""),
        _twin,
        _applied,
        SimpleNamespace(copy=_copied_slot),  # that module copies nothing but slots
        *(uncopied,) * 4,
        *(_Quiet(_ORIGINALS[place]) for place in range(-len(_TALKATIVE), 0)),
    )
    for (owner, name), patch in zip(_PLACES, patches, strict=True):
        setattr(owner, name, patch)


def undo() -> None:
    """Take the patches out again, for the test that compares."""
    for (owner, name), original in zip(_PLACES, _ORIGINALS, strict=True):
        setattr(owner, name, original)
