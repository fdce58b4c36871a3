"""Summary: what is known about the person, as situation, background, assessment, request.

Made from the assessment, whose findings and answers are ids: so it reads the same whatever
language the contact wrote in. Their own words stay as they wrote them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from babel import Locale

from channels.simulator import look_of
from content.indicators import indicators
from content.questions import CORE, questions
from content.triage import triage
from desk import labels
from records.material import ConversationFacts
from screening.assessment import Assessment, Heard
from screening.score import Line, score

DESK_LOCALE = Locale("en")

Rows = tuple[tuple[str, str], ...]

WEIGHTS = {"S": "strong", "M": "medium", "W": "weak"}
DIMENSIONS = {"REC": "recruitment", "CON": "control", "EXP": "exploitation", "VUL": "vulnerability", "MOD": ""}
PATTERNS = {
    "P1": "Control, exploitation and means of recruitment were heard.",
    "P2": "Control and exploitation were heard.",
    "P3": "Control was heard; exploitation was not, or not yet.",
    "P4": "Exploitation was heard; control was not, or not yet.",
    "P5": "Only recruitment was heard: perhaps before departure.",
    "P6": "Some signs were heard: presume in favour.",
    "C": "Under 18 with another indicator: how they were brought in does not matter.",
}
NEEDS = {
    "safe_place": "a safe place",
    "doctor": "a doctor",
    "pay_papers": "pay or papers",
    "go_home": "to go home",
    "talk": "to talk",
    "information": "information",
}
REASONS_SHOWN = 3
ROLES = {"self": "themselves", "family": "someone close to them", "community": "someone they saw or know"}
AGES = {"under_15": "under 15", "15_17": "15 to 17", "18_plus": "18 or more"}
QUESTIONS = {
    "safe": "safe to write",
    "role": "about whom",
    "language": "language",
    "consent": "may we keep it",
    "age_band": "age",
    "story": "what is going on",
    "need": "what would help",
    "person": "want a person",
    "numbers": "want numbers",
    "country": "country",
    "delete": "delete",
    "worry": "what worries them",
    "their_age": "age of the person",
    "their_danger": "in danger now",
    "reach": "can they be reached",
    "they_know": "do they know",
    "seen": "what was seen",
    "where": "where",
    "when": "when",
    "write_back": "may we write back",
    "child_alone": "alone or with someone",
    "child_story": "what is going on",
}
TOLD = {"numbers": "helplines", "digital_safety": "safety of the phone", "emergency": "emergency number"}


@dataclass(frozen=True, slots=True)
class FindingView:
    """One finding, with the words it was heard in."""

    title: str
    strength: str
    possible: bool
    source: str
    words: str = field(default="", repr=False)
    language: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """The right pane."""

    flags: tuple[FindingView, ...]
    do_not: tuple[str, ...]
    situation: Rows
    background: Rows
    points: str
    findings: tuple[FindingView, ...]
    pattern: str
    request: Rows
    asked: Rows


def person(facts: Mapping[str, Any] | None, of: ConversationFacts, safe_words: str, country: str | None) -> Person:
    """The pane, from the assessment (None: nothing yet) and the conversation's row."""
    known = Assessment.from_json(facts)
    points = score(known)
    by_indicator = {line.indicator: line for line in points.lines}
    told_reasons = [
        one
        for one in dict.fromkeys([*of.handoff_reasons, *known.reasons])
        if one.removeprefix("risk.") not in known.risks
    ]
    return Person(
        flags=tuple(_risk(name, heard, of.language) for name, heard in known.risks.items()),
        do_not=_do_not(known, of),
        situation=_rows(
            ("Level", labels.level(of.level).word),
            ("Why", ", ".join(labels.finding(one) for one in told_reasons)),
            ("Safe to write", safe_words),
        ),
        background=_background(known, of, country),
        points=" · ".join(f"{DIMENSIONS[name].capitalize()} {sum_}" for name, sum_ in points.points.items() if sum_),
        findings=(
            *(_heard(name, heard, by_indicator.get(name), of.language) for name, heard in known.indicators.items()),
            *(FindingView(labels.finding(name), "", True, "not counted, may be asked") for name in known.possible),
        ),
        pattern=PATTERNS.get(points.pattern, ""),
        request=_request(known, of),
        asked=_asked(known),
    )


def why(ids: Sequence[str]) -> str:
    """One line for a card: ids in plain words, at most a few; never the contact's text."""
    told = list(dict.fromkeys(labels.finding(one) for one in ids))
    if not told:
        return "No reason noted yet"
    more = len(told) - REASONS_SHOWN
    return " · ".join(told[:REASONS_SHOWN]) + (f" · {more} more" if more > 0 else "")


def _risk(name: str, heard: Heard, language: str) -> FindingView:
    return FindingView(labels.finding(name), "", False, _source(heard), heard.words, language)


def _heard(name: str, heard: Heard, line: Line | None, language: str) -> FindingView:
    known = indicators().get(name)
    dimension = DIMENSIONS.get(known.dimension, "") if known else ""
    weight = WEIGHTS.get(line.weight, "") if line else ""
    strength = " ".join(word for word in (weight, dimension) if word)
    return FindingView(labels.finding(name), strength, False, _source(heard), heard.words, language)


def _source(heard: Heard) -> str:
    how = {
        "said": "said",
        "confirmed": "confirmed when asked",
        "answer": "from an answer",
        "staff": "noted by staff",
        "model": "heard by the model",
        "intent": "heard by the model",
    }
    told = how.get(heard.source, f"rule {heard.source}")
    return f"{told}, about another person" if heard.third_party else told


def _rows(*rows: tuple[str, str]) -> Rows:
    return tuple((name, value) for name, value in rows if value)


def _do_not(known: Assessment, of: ConversationFacts) -> tuple[str, ...]:
    told = []
    if of.not_safe_at or of.safe_answer == "no":
        told.append("Do not write until they write: they said it is not safe.")
    if of.ended_at:
        told.append("Do not write: they ended the chat. Wait until they write.")
    if of.opted_out_at:
        until = "it texts START" if look_of(of.channel) == "sms" else "they write again"
        told.append(f"Nothing reaches them: their phone blocks our messages until {until}.")
    if known.minor:
        told.append("Do not ask about sex or violence, and do not send them to their parents.")
    if known.about_other:
        told.append("Do not say whether anybody else has written to us.")
    told.append("Do not write first after a silence: no safe time and word are set.")
    return tuple(told)


def _background(known: Assessment, of: ConversationFacts, country: str | None) -> Rows:
    language = labels.language(of.language)
    age = AGES.get(known.age_band or "", "may be under 18" if known.minor else "not known")
    return _rows(
        ("About", ROLES.get(of.role or known.role or "", "not said")),
        ("Age", age),
        ("Language", language.english_name if language else "not known"),
        ("Country", _country(known.country) or (f"{_country(country)} (from the number)" if country else "not known")),
        ("Channel", labels.channel(of.channel)),
    )


def _country(code: str | None) -> str:
    return str(DESK_LOCALE.territories.get(code, code)) if code else ""


def _request(known: Assessment, of: ConversationFacts) -> Rows:
    keep = {"yes": "yes", "no": "no: erased 24 hours after the last word"}
    wants = {"yes": "yes", "no": "declined, may come back"}
    return _rows(
        ("Needs", ", ".join(NEEDS.get(one, labels.finding(one).lower()) for one in known.needs) or "not said"),
        ("A person", wants.get(known.person or "", f"offered {known.offered} times" if known.offered else "not asked")),
        ("May we keep it", keep.get(of.consent or known.consent or "", "not answered")),
        ("Delete", "they asked to delete" if of.erase_at else ""),
        ("Told already", ", ".join(dict.fromkeys(_told(one) for one in known.told if not one.startswith(_INNER)))),
    )


_INNER = ("said.", "offer.")  # marks of the dialogue that it has said something once


def _told(one: str) -> str:
    kind, _, name = one.partition(".")
    return f"right {name}" if kind == "right" and name else TOLD.get(kind, labels.finding(one).lower())


def _asked(known: Assessment) -> Rows:
    flow = triage().flows.get(known.flow, ())
    open_ones = [one for one in flow if one != "core" and one not in known.asked and one not in known.answers]
    return _rows(
        ("Waiting", _question(known.pending) if known.pending else ""),
        ("Asked", ", ".join(dict.fromkeys(_question(one) for one in known.asked if one != known.pending))),
        ("Skipped", ", ".join(_question(one) for one in known.skipped)),
        ("Not asked", ", ".join(_question(one) for one in open_ones) or "nothing more is planned"),
        ("Worth asking", ", ".join(labels.finding(one).lower() for one in known.checks)),
    )


def _question(name: str) -> str:
    if name.startswith(CORE):
        return labels.finding(name.removeprefix(CORE)).lower()
    if name.startswith("check_"):
        return labels.finding(name.removeprefix("check_")).lower()
    known = questions().get(name)
    return QUESTIONS.get(name) or (QUESTIONS.get(known.fills, "") if known else "") or labels.finding(name).lower()
