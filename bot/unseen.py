"""Unseen: a question that never went out takes no answer. It is asked again, with all that is said before it."""

from __future__ import annotations

from content.questions import questions
from records.messages.material import TurnMaterial
from screening.ask import OUTSIDE, SAID
from screening.assessment import Assessment


def without_unseen(known: Assessment, material: TurnMaterial) -> tuple[Assessment, bool]:
    """Return what is known without a question that failed or was dropped, and whether there was one.

    A form asks it anew. Outside of the forms it goes on waiting: two messages that answer nothing bring a person.
    """
    question = questions().get(known.pending or "")
    lost = material.lost(question.keys) if question else frozenset()
    if question is None or lost.isdisjoint((*question.keys, *question.before)):
        return known, False
    known = known.with_(told=tuple(one for one in known.told if one.removeprefix(SAID) not in lost))
    if question.id in OUTSIDE:
        return known, True
    asked = tuple(one for one in known.asked if one != question.id)
    return known.with_(pending=None, pending_tries=0, asked=asked), True
