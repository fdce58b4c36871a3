"""Stories: rules and stories name only intents, actions and slot values that Rasa's domain knows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from content.check.problem import Problem
from content.source import ROOT, Node, load

STORIES, DOMAIN = ROOT / "stories", ROOT / "bot" / "domain"
_LISTEN = ("action_listen", "action_restart", "action_default_fallback", "action_session_start")


@dataclass(frozen=True, slots=True)
class Domain:
    """What rules may speak of."""

    intents: frozenset[str]
    actions: frozenset[str]
    forms: frozenset[str]
    slots: dict[str, frozenset[str]]  # values, empty where any will do


def domain() -> Domain:
    """Return what stands in bot/domain."""
    forms = frozenset(load(DOMAIN / "flows.yml").entries()["forms"].entries())
    responses = frozenset(load(DOMAIN / "words.yml").entries()["responses"].entries())
    slots = load(DOMAIN / "slots.yml").entries()["slots"].entries()
    return Domain(
        intents=frozenset(load(DOMAIN / "intents.yml").entries()["intents"].strings()),
        actions=frozenset(load(DOMAIN / "actions.yml").entries()["actions"].strings()) | responses | forms | {*_LISTEN},
        forms=forms,
        slots={name: _values(node) for name, node in slots.items()},
    )


def _values(slot: Node) -> frozenset[str]:
    fields = slot.entries()
    return frozenset(fields["values"].strings()) if "values" in fields else frozenset()


def stories_name_only_what_there_is() -> Iterator[Problem]:
    """Yield steps and conditions with an unknown name, and titles that stand twice."""
    known, titles = domain(), dict[str, str]()
    for path in sorted(STORIES.glob("*.yml")):
        fields = load(path).mapping(required=("version",), optional=("rules", "stories"))
        for kind, place in (("rule", "rules"), ("story", "stories")):
            for node in fields[place].list() if place in fields else ():
                row = node.mapping(required=(kind, "steps"), optional=("condition",))
                title = row[kind].str()
                if title in titles:
                    yield Problem(
                        row[kind].where, f"this title stands at {titles[title]} too", "give it one of its own"
                    )
                titles[title] = row[kind].where
                steps = [*(row["condition"].list() if "condition" in row else ()), *row["steps"].list()]
                yield from (problem for step in steps for problem in _step(step, known))


def every_intent_has_a_rule() -> Iterator[Problem]:
    """Yield intents that no rule and no story answers."""
    used: set[str] = set()
    for path in sorted(STORIES.glob("*.yml")):
        used |= {node.str() for node in _intents(load(path))}
    for node in load(DOMAIN / "intents.yml").entries()["intents"]:
        if node.str() not in used:
            yield Problem(node.where, f"no rule answers {node.str()}", "write one in stories/")


def _intents(node: Node) -> Iterator[Node]:
    """Yield every value of a field called intent, at any depth."""
    if node.is_list:
        for one in node:
            yield from _intents(one)
    elif not node.is_text and not node.is_null:
        for name, value in node.entries().items():
            yield from [value] if name == "intent" else _intents(value)


def _step(step: Node, known: Domain) -> Iterator[Problem]:
    fields = step.entries()
    for name, value in fields.items():
        if name == "or":
            yield from (problem for one in value for problem in _step(one, known))
        elif name == "intent" and value.str() not in known.intents:
            yield Problem(value.where, f"unknown intent {value.str()}", "the intents stand in bot/domain/intents.yml")
        elif name == "action" and value.str() not in known.actions:
            yield Problem(value.where, f"unknown action {value.str()}", "the actions stand in bot/domain/")
        elif name == "active_loop" and not value.is_null and value.str() not in known.forms:
            yield Problem(value.where, f"unknown form {value.str()}", f"known here: {', '.join(sorted(known.forms))}")
        elif name == "slot_was_set":
            yield from _slots(value, known)


def _slots(node: Node, known: Domain) -> Iterator[Problem]:
    for one in node:
        for name, value in one.entries().items():
            if name not in known.slots:
                yield Problem(value.where, f"unknown slot {name}", "the slots stand in bot/domain/slots.yml")
            elif known.slots[name] and value.is_text and value.str() not in known.slots[name]:
                right = f"known here: {', '.join(sorted(known.slots[name]))}"
                yield Problem(value.where, f"{name} is never {value.str()}", right)
