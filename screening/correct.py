"""Correct: going back one question, and writing about somebody else than before. What was told is kept."""

from __future__ import annotations

from content.questions import questions
from content.triage import triage
from screening.assessment import ROLES, Assessment

_KEPT = ("safe", "consent")  # asked for safety and by law: taken back by other words, not by going back
_FORGET = {"role": "role", "age_band": "age_band", "person": "person"}  # what an answer fills -> the fact it set


def back(known: Assessment) -> Assessment:
    """Return the assessment before the last answered question of this talk, or as it is if there is none."""
    answered = [name for name in known.asked if name in known.answers and questions()[name].fills not in _KEPT]
    if not answered:
        return known
    name = answered[-1]
    known = known.with_(
        answers={k: v for k, v in known.answers.items() if k != name},
        asked=tuple(one for one in known.asked if one not in (name, known.pending)),
        skipped=tuple(one for one in known.skipped if one != name),
        pending=None, pending_tries=0, skips_in_row=0,
    )  # fmt: skip
    return _without(known, name)


def about(known: Assessment, role: str | None) -> Assessment:
    """Return the assessment when it turns out to be about somebody else; without a role they are asked again."""
    answers = {k: v for k, v in known.answers.items() if k != "role"}
    chosen = role if role in ROLES else None
    asked = tuple(name for name in known.asked if name != "role")
    changed = known.with_(role=chosen, answers=answers, asked=asked, pending=None, pending_tries=0)
    return changed.with_(flow=chosen or "opening") if known.flow in triage().flows else changed


def _without(known: Assessment, name: str) -> Assessment:
    """Take back what the answer to this question set; what they said in own words stays."""
    question = questions()[name]
    if question.fills in _FORGET:
        known = known.with_(**{_FORGET[question.fills]: None})
    if question.fills == "role":
        known = known.with_(flow="opening")
    if question.fills == "age_band":
        known = known.with_(
            indicators={k: v for k, v in known.indicators.items() if (k, v.source) != ("minor", "answer")},
            risks={k: v for k, v in known.risks.items() if (k, v.source) != ("minor_at_risk", "answer")},
            flow="self" if known.flow == "child" and known.role != "family" else known.flow,
        )
    if question.indicator:
        confirmed = known.indicators.get(question.indicator)
        if confirmed is not None and confirmed.source == "confirmed":
            rest = {k: v for k, v in known.indicators.items() if k != question.indicator}
            known = known.with_(indicators=rest)
    if question.fills == "need":
        known = known.with_(needs=known.needs[:-1])
    return known
