"""Unseen: a question that was not on their phone when they wrote takes no answer.

One that failed, was dropped or stands still on its way is asked again, with all that is said before it. One that was
written only after their message goes on waiting.
"""

from __future__ import annotations

from bot import unanswered
from content.questions import questions
from records.messages.material import TurnMaterial
from screening.ask import OUTSIDE, SAID
from screening.assessment import Assessment

_SHORT = ("affirm", "deny", "skip")  # labels of what would have been an answer


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


def waits_on(known: Assessment, intent: str) -> str | None:
    """Return the question outside of the forms that goes on waiting, for nothing they write now can be its answer.

    A country that they name is one, whoever asks. The offer of a person is none to who says no to nothing: unsure
    twice, one is brought in, but not on a number, and not to who wants nothing kept.

    Args:
        known: with a question that was not seen.
        intent: the label of the message.
    """
    asked = known.pending or ""
    careful = known.flow == "queue" and asked.startswith("check_") and not unanswered.waits(known)
    if not (careful or asked in OUTSIDE) or asked == "country":
        return None
    offered = asked == "outside_person" and known.consent != "no" and intent not in _SHORT
    return None if offered else asked


def waiting_still(known: Assessment, held: str | None, flow: str, material: TurnMaterial) -> Assessment:
    """Return what is known with the question that was held back, where it still goes and nothing else was asked."""
    if held is None or known.pending is not None or known.flow != flow:
        return known
    goes = material.recent().goes(questions()[held].keys)
    return known.with_(pending=held) if goes else known
