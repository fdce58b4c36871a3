"""Fallback: what is said when the dialogue cannot speak: the words of a risk, and the truth that a person will read."""

from __future__ import annotations

from bot.dialogue_types import DialogueFailed
from bot.words import Line
from content.helplines import emergency
from content.triage import triage
from screening.assessment import Assessment


class NothingSaid(DialogueFailed):
    """The dialogue ended a turn without a word: nobody is left without an answer."""


def lines(known: Assessment) -> tuple[Line, ...]:
    """Return the lines for what is known, without Rasa."""
    found = [risk for risk in triage().risks if risk in known.risks and risk in triage().urgent_alone]
    said: list[Line] = []
    for risk in found[:1]:
        words = triage().risks[risk]
        if words.silent and not known.about_other:
            return (Line(key="ended.neutral"),)
        number = emergency(known.country, words.numbers) if words.numbers else None
        said += [_numbered(key, number) for key in (words.say_other if known.about_other else words.say)]
    return (*said, Line(key="technical"))


def _numbered(key: str, number: str | None) -> Line:
    if key not in ("risk.danger", "risk.medical", "risk.suicide.safe", "risk.other_person"):
        return Line(key=key)
    return Line(key=key, params={"number": number}) if number else Line(key=f"{key}.no_number")
