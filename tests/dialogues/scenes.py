"""Scenes: talks told by labels instead of words, played by the dialogue alone: what its rules and stories decide.

Each line is `label` or `label=answer`; `+risk` before it lets a risk be heard, `+person` and so on set what is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.dialogue_types import DialogueFailed, Heard
from screening.ask import waits_for
from screening.assessment import Assessment
from screening.assessment import Heard as Evidence

SAFE = ("greet", "affirm=yes")
SELF = (*SAFE, "affirm=self")
AGE = (*SELF, "affirm=yes", "affirm=18_plus")
OFFER = (*AGE, "skip=skip", "skip=skip", "affirm=information")

SCENES: Mapping[str, tuple[str, ...]] = {
    "self to hand-off": (*OFFER, "affirm=yes", "disclose", "thanks"),
    "self, person declined, numbers": (*OFFER, "deny=no", "affirm=yes", "disclose", "ask_help"),
    "self, person declined, no numbers": (*OFFER, "deny=no", "deny=no", "greet"),
    "self, no answer to the offer": (*OFFER, "greet", "greet", "greet"),
    "child by age": (*SELF, "affirm=yes", "affirm=15_17", "disclose", "disclose", "affirm=yes"),
    "child found while the role is asked": ("greet", "affirm=yes", "+minor disclose=self", "disclose", "disclose", "deny=no"),
    "child in danger": (*SELF, "affirm=yes", "affirm=15_17", "+check_medical disclose", "affirm=yes"),
    "family to its end": (*SAFE, "affirm=family", "affirm=yes", "disclose", "affirm=18_plus", "deny=no", "disclose", "deny=no", "affirm=yes"),
    "family refuses": (*SAFE, "affirm=family", "deny=no", "affirm"),
    "family, danger": (*SAFE, "affirm=family", "affirm=yes", "disclose", "affirm=18_plus", "affirm=yes"),
    "community to its end": (*SAFE, "affirm=community", "affirm=yes", "deny=no", "disclose", "disclose", "disclose", "affirm=18_plus", "deny=no"),
    "community refuses": (*SAFE, "affirm=community", "deny=no", "deny", "deny"),
    "community, danger": (*SAFE, "affirm=community", "affirm=yes", "affirm=yes"),
    "not safe": ("greet", "deny=no"),
    "unsure if safe": ("greet", "skip=unsure"),
    "danger in the opening": ("+check_danger greet", "affirm=yes", "affirm=yes"),
    "danger in their own talk": (*SELF, "+check_danger affirm=yes", "affirm=yes"),
    "risk heard, call wanted": ("+immediate_danger risk_heard", "affirm", "disclose"),
    "risk heard, call not wanted": ("+immediate_danger risk_heard", "deny", "greet"),
    "risk heard, another word": ("+immediate_danger risk_heard", "disclose", "affirm"),
    "risk heard in a form": (*SELF, "+suicide_self_harm risk_heard", "disclose"),
    "country asked": ("+nowhere +suicide_self_harm risk_heard", "disclose"),
    "careful question in the queue": ("ask_human", "+check_danger disclose", "affirm=yes", "disclose"),
    "careful question in the queue, no": ("ask_human", "+check_danger disclose", "deny=no", "disclose"),
    "refuses, wants a person": (*SELF, "deny=no", "affirm"),
    "refuses, writes on": (*SELF, "deny=no", "deny", "disclose"),
    "refuses and goes on": (*SELF, "deny=no", "ask_identity", "+nothing disclose"),
    "a person at once": ("ask_human", "disclose"),
    "a person in a form": (*SELF, "ask_human"),
    "no words in the language": ("language_missing", "language_missing"),
    "who are you, first": ("ask_identity", "affirm=yes"),
    "secret, first": ("ask_confidentiality", "affirm=yes"),
    "who are you, later": (*SELF, "ask_identity"),
    "secret, later": (*SELF, "ask_confidentiality"),
    "services": (*SELF, "ask_services"),
    "rights": (*SELF, "ask_rights"),
    "thanks": (*SELF, "thanks"),
    "hello again": (*SELF, "greet"),
    "not ours": (*SELF, "out_of_scope"),
    "another language": (*SELF, "change_language"),
    "cry for help": (*SELF, "ask_help"),
    "media": (*SELF, "media_received"),
    "told in the middle": (*SELF, "disclose"),
    "a bare yes": (*OFFER, "deny=no", "deny=no", "deny", "skip"),
    "not understood": (*SELF, "not_understood", "not_understood", "affirm"),
    "not understood, no person": (*SELF, "not_understood", "not_understood", "deny"),
    "not understood, no answer": (*SELF, "not_understood", "not_understood", "disclose"),
    "goodbye": (*SELF, "goodbye", "disclose"),
    "stop": (*SELF, "stop"),
    "someone is near": (*SELF, "not_safe_now"),
    "delete": (*SELF, "delete_data", "affirm"),
    "delete not": (*SELF, "delete_data", "deny"),
    "insults": (*SAFE, "abuse", "abuse", "abuse"),
    "two insults in a talk": (*SELF, "abuse", "abuse"),
    "three insults in a talk": (*SELF, "abuse", "abuse", "abuse"),
    "back in the queue": ("+handed greet", "affirm=yes", "disclose"),
}  # fmt: skip


def keys_of(dialogue: Any, scene: tuple[str, ...]) -> list[list[str]]:
    """Return the keys that each line of a scene brings; a turn that fails is one word."""
    known, events, said = Assessment(country="GB"), [], []
    for line in scene:
        *marks, label = line.split()
        known = _prepared(known, marks)
        intent, _, answer = label.partition("=")
        slots = {
            "assessment": known.to_json(), "flow": known.flow, "waits_for": waits_for(known), "today": "2026-11-20",
            "language": "en",
        }  # fmt: skip
        role = answer if answer in ("self", "family", "community") else None
        heard = Heard(text="as it was told", intent=intent, answer=answer or None, role=role)
        try:
            step = dialogue.step(heard, events, slots)
        except DialogueFailed as failed:
            said.append([f"failed: {failed}"])
            continue
        events = [*events, *step.events]
        known = Assessment.from_json(step.slots["assessment"])
        said.append([line["key"] for line in step.lines])
    return said


def _prepared(known: Assessment, marks: list[str]) -> Assessment:
    for mark in marks:
        name = mark.removeprefix("+")
        if name == "nowhere":
            known = known.with_(country=None)
        elif name == "minor":
            known = known.hear(indicators={"minor": Evidence()}, risks={})
        elif name == "handed":
            known = known.with_(reasons=("ask_human",), role="self")
        elif name == "check_danger":
            known = known.with_(checks=("immediate_danger",))
        elif name == "check_medical":
            known = known.with_(checks=("medical_emergency",))
        elif name != "nothing":
            known = known.hear(indicators={}, risks={name: Evidence()})
    return known
