"""Unseen: a question that was not on their phone when they wrote takes no answer.

One that failed, was dropped or stands still on its way is asked again, with all that is said before it. One that was
written only after their message goes on waiting.
"""

from __future__ import annotations

from content.questions import questions
from records.messages.material import TurnMaterial
from screening.ask import OUTSIDE, SAID
from screening.assessment import Assessment


def without_unseen(known: Assessment, material: TurnMaterial) -> tuple[Assessment, bool]:
    """Return what is known without a question that was never seen, and whether there was one.

    A form asks anew what is lost. Outside of the forms it goes on waiting: two messages that answer nothing bring a
    person.
    """
    question = questions().get(known.pending or "")
    if question is None:
        return known, False
    recent = material.recent()
    lost = recent.lost(question.keys)
    if lost.isdisjoint((*question.keys, *question.before)):
        # A button was pressed where it stands: whoever pressed it has seen the question.
        return known, material.kind != "button" and recent.crossed(question.keys)
    known = known.with_(told=tuple(one for one in known.told if one.removeprefix(SAID) not in lost))
    if question.id in OUTSIDE:
        return known, True
    asked = tuple(one for one in known.asked if one != question.id)
    return known.with_(pending=None, pending_tries=0, asked=asked), True
