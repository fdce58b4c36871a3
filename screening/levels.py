"""Levels: how soon a person is needed, and by which rule. A low level never closes a door."""

from __future__ import annotations

from dataclasses import dataclass

from content.triage import triage
from screening.assessment import Assessment
from screening.score import Score, score

ORDER = ("urgent", "priority", "offer", "info")
_ASKS_FOR_PERSON = (
    "ask_human", "wants_person", "asked_for_a_time", "complaint", "unclear_twice", "language_missing", "technical",
    "no_answer_to_offer",
)  # fmt: skip

# Why staff were asked in where the contact alone wanted it: who takes it back is believed.
OWN_WISHES = frozenset(
    {"ask_human", "wants_person", "asked_for_a_time", "no_answer_to_offer", "wants_woman", "wants_man"}
)
_NOT_SURELY_THEIRS = ("duress", "asked_by_other")  # flags: somebody else may have the phone


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """The level and the rules that gave it, strongest first."""

    name: str | None  # urgent | priority | offer | info; None before anything was said
    rules: tuple[str, ...]


def level(known: Assessment) -> Level:
    """Return the level of a conversation as it stands."""
    points = score(known)
    for name, rules in (
        ("urgent", _urgent(known)),
        ("priority", _priority(known, points)),
        ("offer", _offer(known, points)),
        ("info", ("heard",) if known.spoke else ()),
    ):
        if rules:
            return Level(name=name, rules=rules)
    return Level(name=None, rules=())


def certain(known: Assessment) -> bool:
    """True where a person is needed soon by more than guesses: guesses of a model below the limit are left out.

    Consent to a hand-off is needed except to save life (reference: screening, hand-off thresholds); a silence is
    taken for it only where the line is sure of what it heard.
    """
    sure = known.with_(indicators={name: one for name, one in known.indicators.items() if not one.guessed})
    return urgent(known) or bool(_priority(sure, score(sure)))


def urgent(known: Assessment) -> bool:
    """True where a person must be brought in at once."""
    return bool(_urgent(known))


def grave(known: Assessment) -> tuple[str, ...]:
    """Return what whoever takes it must see before any wish: what makes it urgent, any risk, the harm that they told.

    A guess of a model below the limit is not among it.
    """
    risks = [f"risk.{risk}" for risk in triage().risks if risk in known.risks]
    told = {name for name, one in known.indicators.items() if not one.guessed}
    return tuple(dict.fromkeys((*_urgent(known), *risks, *(name for name in triage().harm if name in told))))


def may_take_back(known: Assessment) -> bool:
    """True where a wish for a person was theirs alone, nothing grave was told, and nobody else may hold the phone."""
    grave = known.risks or known.checks or known.despair or known.minor or known.left_unsafe
    theirs = OWN_WISHES.issuperset(known.reasons) and not set(_NOT_SURELY_THEIRS) & set(known.flags)
    return known.safe == "yes" and theirs and not grave


def _urgent(known: Assessment) -> tuple[str, ...]:
    rules = [f"risk.{risk}" for risk in triage().urgent_alone if risk in known.risks]
    if known.minor and any(name != "minor" for name in known.indicators):
        rules.append("child_with_indicator")
    return tuple(rules)


def _priority(known: Assessment, points: Score) -> tuple[str, ...]:
    rules = [f"positive.{dimension}" for dimension in points.positive]
    rules += [f"strong.{dimension}" for dimension in ("CON", "EXP") if points.strong_in(dimension)]
    if known.minor:
        rules.append("child_alone")
    if known.left_unsafe and known.safe == "yes":
        rules.append("returned_after_unsafe")
    return tuple(dict.fromkeys(rules))


def _offer(known: Assessment, points: Score) -> tuple[str, ...]:
    rules = [reason for reason in known.reasons if reason in _ASKS_FOR_PERSON]
    if points.total:
        rules.append("some_points")
    if known.about_other and known.spoke:
        rules.append("report")
    if known.needs:
        rules.append("need_named")
    return tuple(rules)
