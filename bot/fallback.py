"""Fallback: what is said when the dialogue cannot speak: a risk's words, and the truth that it went to our team."""

from __future__ import annotations

from bot.dialogue_types import DialogueFailed
from bot.words import Line
from content.triage import triage
from screening.assessment import Assessment
from screening.risk_words import NEUTRAL, gravest, risk_words


class NothingSaid(DialogueFailed):
    """The dialogue ended a turn without a word: nobody is left without an answer."""


def lines(known: Assessment) -> tuple[Line, ...]:
    """Return the lines for what is known, without Rasa."""
    risk = gravest(tuple(name for name in known.risks if name in triage().urgent_alone))
    said = risk_words(known, risk) if risk else ()
    return said if NEUTRAL in said else (*said, Line(key="technical"))
