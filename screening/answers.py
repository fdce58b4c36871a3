"""Answers: what an answer to the waiting question changes. Silence, "no" and "skip" never subtract."""

from __future__ import annotations

from collections.abc import Callable

from content.questions import Question, questions
from content.triage import triage
from screening.assessment import CHILD_BANDS, ROLES, Assessment, Heard
from screening.levels import urgent

CHECK = "check_"  # the careful question for a risk that is only possible
MOST_TRIES = 2  # a question is asked twice at most, the second time in other words
TAKE_BACK = "take_back"  # a wish: no person any more, the conversation leaves the queue
_NOTHING_SAID = ("skip", "dont_know")


def take_answer(known: Assessment, value: str, words: str = "") -> Assessment:
    """Return the assessment after this answer to the waiting question.

    Args:
        value: an option of the question, or `told` for an answer in own words.
        words: the person's own words, kept as evidence only where the answer confirms a finding.
    """
    question = questions()[known.pending or ""]
    known = _checked(known, question.id).with_(
        answers={**known.answers, question.id: value}, pending=None, pending_tries=0, unclear_in_row=0,
        skips_in_row=known.skips_in_row + 1 if value in _NOTHING_SAID else 0,
    )  # fmt: skip
    if value in _NOTHING_SAID:
        known = known.with_(skipped=(*known.skipped, question.id))
    return _FILL.get(question.fills, _keep)(known, question, value, words)


def pass_over(known: Assessment) -> Assessment:
    """Return the assessment when the waiting question was asked enough: it is left alone, never held against them."""
    name = known.pending or ""
    return _checked(known, name).with_(
        answers={**known.answers, name: "unanswered"}, skipped=(*known.skipped, name), pending=None, pending_tries=0
    )


def _checked(known: Assessment, name: str) -> Assessment:
    """Note that the careful question of this name was asked, if it is one: no risk is asked about twice."""
    risk = name.removeprefix(CHECK)
    if risk == name:
        return known
    return known.with_(checks=tuple(one for one in known.checks if one != risk), checked=(*known.checked, risk))


def _keep(known: Assessment, question: Question, value: str, words: str) -> Assessment:
    return known


def _safe(known: Assessment, question: Question, value: str, words: str) -> Assessment:
    if value == "yes":  # the careful question whether it is safe is answered by the same word
        return _checked(known, f"{CHECK}controller_present").with_(safe="yes")
    return known.with_(safe=value, flow="unsafe", left_unsafe=True)


def _role(known: Assessment, question: Question, value: str, words: str) -> Assessment:
    return known.with_(role=value) if value in ROLES else known


def _consent(known: Assessment, question: Question, value: str, words: str) -> Assessment:
    if value == "more":
        answers = {k: v for k, v in known.answers.items() if k != "consent"}
        return known.with_(answers=answers, pending="consent", pending_tries=1, say_first=("consent.more",))
    return known.with_(consent=value, flow=known.flow if value == "yes" else "refused")


def _age(known: Assessment, question: Question, value: str, words: str) -> Assessment:
    band = value if value in (*CHILD_BANDS, "18_plus") else "unknown"
    known = known.with_(age_band=band)
    if band in CHILD_BANDS:
        heard = Heard(words=words, source="answer", third_party=known.about_other)
        known = known.hear(indicators={"minor": heard}, risks={"minor_at_risk": heard})
    return known


def _need(known: Assessment, question: Question, value: str, words: str) -> Assessment:
    if value in ("told", *_NOTHING_SAID):
        return known
    return known.with_(needs=(*known.needs, value), say_first=(f"need.{value}",))


def _person(known: Assessment, question: Question, value: str, words: str) -> Assessment:
    wants = {"yes": "yes", "no": "no"}.get(value)
    return known.with_(person=wants)


def _core(known: Assessment, question: Question, value: str, words: str) -> Assessment:
    if question.confirms == value and question.indicator:
        heard = Heard(words=words, source="confirmed", third_party=known.about_other)
        return known.hear(indicators={question.indicator: heard}, risks={})
    return known


def _their_danger(known: Assessment, question: Question, value: str, words: str) -> Assessment:
    if value != "yes":
        return known
    return known.hear(indicators={}, risks={"immediate_danger": Heard(words=words, source="answer", third_party=True)})


def _check(known: Assessment, question: Question, value: str, words: str) -> Assessment:
    risk = question.id.removeprefix(CHECK)
    if risk == "controller_present":  # the question is "is it safe to write", so yes is the good answer
        if value == "yes":
            return known.with_(safe="yes")
        return known.hear(indicators={}, risks={risk: Heard(words=words, source="answer")})
    if risk == "sexual_violence_recent":  # asked was whether a doctor is needed, so that is what a yes says
        risk = "medical_emergency"
    if value in ("yes", "unsure"):
        return known.hear(
            indicators={}, risks={risk: Heard(words=words, source="answer", third_party=known.about_other)}
        )
    return known.with_(person=None) if risk == "suicide_self_harm" else known


_FILL: dict[str, Callable[[Assessment, Question, str, str], Assessment]] = {
    "safe": _safe,
    "role": _role,
    "consent": _consent,
    "age_band": _age,
    "need": _need,
    "person": _person,
    "core": _core,
    "their_danger": _their_danger,
    "check": _check,
}


def settle(known: Assessment) -> Assessment:
    """Return the assessment in the flow that its facts call for: what follows the opening, a child, a risk."""
    if known.flow in ("queue", "unsafe", "refused", "closing"):
        return known
    opened = known.safe == "yes" or "safe" in known.answers
    if any(risk in known.fresh_risks for risk in triage().urgent_alone) or _urgent_child(known):
        return known.with_(flow="risk")
    if known.flow == "opening" and opened and known.handed_off:
        return known.with_(flow="queue")
    if known.flow == "opening" and opened and (known.role is not None or "role" in known.answers):
        known = known.with_(flow=known.role or "self")  # who does not say whom it is about is asked as for themselves
    if known.flow == "self" and known.minor:
        known = known.with_(flow="child")
    return known


def _urgent_child(known: Assessment) -> bool:
    """True when an answer has just shown that something already told happens to a child: a person now, not later."""
    return "minor_at_risk" in known.fresh_risks and urgent(known)
