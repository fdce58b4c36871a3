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
    "a fixed question in a talk": (*SELF, "fixed_question=cost", "affirm=yes"),
    "a fixed question first": ("fixed_question=cost", "affirm=yes"),
    "a fixed question first, not before safety": ("fixed_question=promise", "affirm=yes"),
    "a time brings a person": (*SELF, "fixed_question=later", "affirm=woman", "disclose"),
    "a complaint, another word than who should write": (*SELF, "fixed_question=complaint", "disclose", "greet"),
    "a secret word": (*OFFER, "deny=no", "deny=no", "+word own_words", "disclose"),
    "no secret word": (*OFFER, "deny=no", "deny=no", "skip=skip", "greet"),
    "the word of an earlier talk": (*SELF, "fixed_question=returning", "own_words", "affirm=yes"),
    "about a relative after all": (*SELF, "fixed_question=other_person:family", "affirm=yes", "disclose"),
    "about a stranger after all": (*SELF, "fixed_question=other_person:community", "affirm=yes", "disclose"),
    "about whom, again": (*SELF, "fixed_question=other_person", "affirm=family", "affirm=yes"),
    "a relative writes of themselves after all": (*SAFE, "affirm=family", "fixed_question=other_person:self", "affirm=yes"),
    "a relative, about whom again": (*SAFE, "affirm=family", "fixed_question=other_person", "affirm=self", "affirm=yes"),
    "a neighbour writes of themselves after all": (*SAFE, "affirm=community", "fixed_question=other_person:self", "affirm=yes"),
    "a neighbour is a relative after all": (*SAFE, "affirm=community", "fixed_question=other_person:family", "affirm=yes"),
    "a neighbour, about whom again": (*SAFE, "affirm=community", "fixed_question=other_person", "affirm=self", "affirm=yes"),
    "back in the queue": ("+handed greet", "affirm=yes", "disclose"),
}  # fmt: skip


def keys_of(dialogue: Any, scene: tuple[str, ...]) -> list[list[str]]:
    """Return the keys that each line of a scene brings; a turn that fails is one word."""
    return played(dialogue, scene)[0]


def played(dialogue: Any, scene: tuple[str, ...]) -> tuple[list[list[str]], int]:
    """Return the keys, and how many events the dialogue read at most."""
    known, events, said = Assessment(country="GB"), [], []
    most = 0
    for line in scene:
        *marks, label = line.split()
        known = _prepared(known, marks)
        intent, _, answer = label.partition("=")
        topic, _, about = answer.partition(":") if intent == "fixed_question" else ("", "", "")
        answer = about if topic else answer
        slots = {
            "assessment": known.to_json(), "flow": known.flow, "waits_for": waits_for(known), "today": "2026-11-20",
            "language": "en",
        }  # fmt: skip
        role = answer if answer in ("self", "family", "community") else None
        told = answer if answer and not topic else None
        heard = Heard(text="as it was told", intent=intent, answer=told, role=role, topic=topic or None)
        try:
            step = dialogue.step(heard, events, slots)
        except DialogueFailed as failed:
            said.append([f"failed: {failed}"])
            continue
        events = [*(step.before or events), *step.events]
        most = max(most, len(events))
        known = Assessment.from_json(step.slots["assessment"])
        said.append([line["key"] for line in step.lines])
    return said, most


def _prepared(known: Assessment, marks: list[str]) -> Assessment:
    for mark in marks:
        name = mark.removeprefix("+")
        if name == "nowhere":
            known = known.with_(country=None)
        elif name == "minor":
            known = known.hear(indicators={"minor": Evidence()}, risks={})
        elif name == "handed":
            known = known.with_(reasons=("ask_human",), role="self")
        elif name == "word":
            known = known.with_(word="mango")
        elif name == "check_danger":
            known = known.with_(checks=("immediate_danger",))
        elif name == "check_medical":
            known = known.with_(checks=("medical_emergency",))
        elif name != "nothing":
            known = known.hear(indicators={}, risks={name: Evidence()})
    return known
