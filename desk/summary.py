"""Summary: what is known about the person, as situation, background, assessment, request.

Made from the assessment, whose findings and answers are ids: so it reads the same whatever
language the contact wrote in. Their own words stay as they wrote them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from channels.simulator import look_of
from content.catalogue import PLACEHOLDER
from content.indicators import indicators
from content.questions import CORE, questions
from content.triage import triage
from desk import labels
from desk.reasons import gravest_first
from desk.summary_words import (
    AGES,
    CONSENT,
    DIMENSIONS,
    NEEDS,
    PATTERNS,
    PATTERNS_PARTLY,
    QUESTIONS,
    ROLES,
    SOURCES,
    STRENGTHS,
    TOLD,
    WANTS,
)
from records.messages.law8 import erased_their_chat
from records.messages.material import ConversationFacts
from records.states import NOT_ALONE, SafeAnswer
from screening.assessment import Assessment, Heard
from screening.score import Line, Score, score

__all__ = ["DIMENSIONS", "Person", "answer_to", "person", "weighed"]

Rows = tuple[tuple[str, str], ...]
WEAK_BELOW = 0.3  # a guess of the model that is less sure stands apart, closed: it says little and weighs on who reads


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
    do_not_short: tuple[str, ...]  # the same in a word or two each, for the line above the reply box
    situation: Rows
    background: Rows
    points: str
    silent: bool  # nothing at all was heard: no risk, no reason to call a person, not even a weak guess
    findings: tuple[FindingView, ...]
    weak: tuple[FindingView, ...]  # guesses that are hardly any: not beside what was told
    pattern: str
    request: Rows
    rights_told: tuple[str, ...]  # as whole sentences of the catalogue, in the reader's language
    asked: Rows


def person(
    facts: Mapping[str, Any] | None,
    of: ConversationFacts,
    safe_words: str,
    country: str | None,
    never_sent: Collection[str] = (),
    sent: Collection[str] = (),
) -> Person:
    """The pane, from the assessment (None: nothing yet) and the conversation's row.

    Args:
        facts: of the assessment, as it is kept.
        of: the conversation's own facts.
        safe_words: whether it is safe to write, as the line above the reply box says it.
        country: where they are, as far as it is known.
        never_sent: questions that were to be asked and never left.
        sent: keys of the lines that did leave.
    """
    planned = Assessment.from_json(facts)
    known = _as_sent(planned, never_sent, sent)
    points = score(known)
    by_indicator = {line.indicator: line for line in points.lines}
    told_reasons = [
        one
        for one in dict.fromkeys([*of.handoff_reasons, *known.reasons])
        if one.removeprefix("risk.") not in known.risks
    ]
    do_not = _do_not(known, of)
    return Person(
        flags=tuple(_risk(name, heard, of) for name, heard in gravest_first(known.risks.items(), by=_risk_id)),
        do_not=tuple(full for _short, full in do_not),
        do_not_short=tuple(dict.fromkeys(short for short, _full in do_not)),
        situation=_rows(
            (_("Level"), str(labels.level(of.level).word)),
            (_("Why"), _list(labels.finding(one) for one in gravest_first(told_reasons))),
            (_("Safe to write"), safe_words),
            (_("Note"), _list(labels.finding(one) for one in known.flags)),
        ),
        background=_background(known, of, country),
        points=" · ".join(f"{DIMENSIONS[name]}: {sum_}" for name, sum_ in points.points.items() if sum_),
        silent=not (known.risks or known.indicators or known.possible or told_reasons or of.doubt),
        findings=(
            *(_heard(name, heard, by_indicator.get(name), of.language) for name, heard in _surest_first(known)),
            *_possible(known, lambda sure: sure >= WEAK_BELOW),
        ),
        weak=_possible(known, lambda sure: sure < WEAK_BELOW),
        pattern=_pattern(points),
        request=_request(known, of),
        rights_told=tuple(labels.said(one) for one in known.told if one.startswith(_RIGHT) and labels.said(one)),
        asked=_asked(known, [one for one in planned.asked if one not in known.asked]),
    )


def _pattern(points: Score) -> str:
    """What the points say together; nothing that has points is called not heard."""
    missing = _NOT_HEARD.get(points.pattern, ())
    words = PATTERNS_PARTLY if any(points.points[one] for one in missing) else PATTERNS
    return str(words.get(points.pattern, ""))


# What the sentence of a pattern says was not heard.
_NOT_HEARD = {"P3": ("EXP",), "P4": ("CON",), "P5": ("CON", "EXP", "VUL")}


def _risk_id(one: tuple[str, Heard]) -> str:
    return f"risk.{one[0]}"


def _risk(name: str, heard: Heard, of: ConversationFacts) -> FindingView:
    settled = name == NOT_ALONE and of.safe_answer == SafeAnswer.YES and not of.doubt
    title = _("Perhaps not alone, before they said that it is safe") if settled else labels.finding(name)
    return FindingView(title, "", False, _source(heard), _telling(heard), of.language)


def _surest_first(known: Assessment) -> list[tuple[str, Heard]]:
    return sorted(known.indicators.items(), key=lambda one: -one[1].confidence)


def _possible(known: Assessment, fits: Callable[[float], bool]) -> tuple[FindingView, ...]:
    surest_first = sorted(known.possible.items(), key=lambda one: -one[1])
    how = _("not counted, may be asked")
    return tuple(FindingView(labels.finding(name), "", True, how) for name, sure in surest_first if fits(sure))


def _heard(name: str, heard: Heard, line: Line | None, language: str) -> FindingView:
    known = indicators().get(name)
    strength = weighed(line.weight if line else "", known.dimension if known else "")
    return FindingView(labels.finding(name), strength, False, _source(heard), _telling(heard), language)


def _telling(heard: Heard) -> str:
    """The words that it was heard in; the number of a choice tells nothing away from its question."""
    return heard.words if any(letter.isalpha() for letter in heard.words) else ""


def weighed(weight: str, dimension: str) -> str:
    """How much a finding weighs and in what: "strong control"."""
    how, what = str(STRENGTHS.get(weight, "")), str(DIMENSIONS.get(dimension, ""))
    return _("%(weight)s %(dimension)s") % {"weight": how, "dimension": what} if how and what else how or what


def _source(heard: Heard) -> str:
    told = str(SOURCES.get(heard.source) or _("rule %(id)s") % {"id": heard.source})
    return _("%(source)s, about another person") % {"source": told} if heard.third_party else told


def _rows(*rows: tuple[str, str]) -> Rows:
    return tuple((name, value) for name, value in rows if value)


def _list(parts: Any) -> str:
    return ", ".join(dict.fromkeys(str(part) for part in parts if part))


def _do_not(known: Assessment, of: ConversationFacts) -> tuple[tuple[str, str], ...]:
    """What must not be done: in a word or two for the line above the reply box, and in full."""
    told: list[tuple[str, str]] = []
    if of.not_safe_at or of.safe_answer == "no":
        told.append((_("write before they do"), _("Do not write until they write: they said it is not safe.")))
    if of.ended_at:
        told.append((_("write before they do"), _("Do not write: they ended the chat. Wait until they write.")))
    if erased_their_chat(of):
        told.append((_("write before they do"), _("Do not write: they had the chat erased. Wait until they write.")))
    if of.opted_out_at:
        sms = _("Nothing reaches them: their phone blocks our messages until it texts START.")
        other = _("Nothing reaches them: their phone blocks our messages until they write again.")
        told.append((_("write: it is blocked"), sms if look_of(of.channel) == "sms" else other))
    if "duress" in known.flags:
        words = _("Do not show that you know of the code for danger: somebody reads along.")
        told.append((_("show that you know their code"), words))
    if known.minor:
        words = _("Do not ask about sex or violence, and do not send them to their parents.")
        told.append((_("ask about sex or violence, or send to parents"), words))
    if known.about_other:
        told.append((_("say who else wrote"), _("Do not say whether anybody else has written to us.")))
    else:
        words = _("Do not mention this talk to their family, employer or anybody else, whoever asks.")
        told.append((_("tell family or employer"), words))
    told.append((_("call"), _("Do not call: nobody has agreed to a call here.")))
    told.append((_("write first after a silence"), str(_FIRST_WITH_WORD if known.word else _FIRST)))
    return tuple(told)


_FIRST = gettext_lazy("Do not write first after a silence: no safe time and word are set.")
_FIRST_WITH_WORD = gettext_lazy(
    "Do not write first after a silence, but for one short hello at the time they named; then wait for their word."
)


def _background(known: Assessment, of: ConversationFacts, country: str | None) -> Rows:
    age = AGES.get(known.age_band or "", _("may be under 18") if known.minor else _("not known"))
    place = labels.country(known.country)
    if not place:
        place = _("%(country)s (from the number)") % {"country": labels.country(country)} if country else _("not known")
    return _rows(
        (_("About"), str(ROLES.get(of.role or known.role or "", _("not said")))),
        (_("Age"), str(age)),
        (_("Language"), labels.language_name(of.language) if labels.language(of.language) else _("not known")),
        (_("Country"), place),
        (_("Channel"), labels.channel(of.channel)),
        (_("Others there too"), labels.option(known.answers["others"]) if known.answers.get("others") else ""),
    )


def _request(known: Assessment, of: ConversationFacts) -> Rows:
    offered = ngettext("offered once", "offered %(number)d times", known.offered) % {"number": known.offered}
    person_ = str(WANTS.get(known.person or "", "")) or (offered if known.offered else _("not asked"))
    told = [one for one in known.told if not one.startswith((*_INNER, _RIGHT))]
    return _rows(
        (_("Needs"), _list(NEEDS.get(one) or labels.finding(one).lower() for one in known.needs) or _("not said")),
        (_("A person"), person_),
        (_("May we keep it"), str(CONSENT.get(of.consent or known.consent or "", _("not answered")))),
        (_("Told of the limits"), _("yes") if "consent" in known.asked else _("not yet")),
        (_("A word for later"), _("set") if known.word else _("not set")),
        (_("Delete"), _("they asked to delete") if of.erase_at else ""),
        (_("Told already"), _list(TOLD.get(one.partition(".")[0]) or labels.finding(one).lower() for one in told)),
    )


_INNER = ("said.", "offer.")  # marks of the dialogue that it has said something once
_RIGHT = "right."  # before the id of a right that was told, as in the catalogue


def _as_sent(planned: Assessment, never_sent: Collection[str], sent: Collection[str]) -> Assessment:
    """What is known, where no question counts as asked that never left, unless they told it all the same.

    A right that did not leave was not told: it may be owed until it is safe.
    """
    answered = {*planned.answers, *planned.skipped}
    asked = tuple(one for one in planned.asked if one not in never_sent or one in answered)
    told = tuple(one for one in planned.told if not one.startswith(_RIGHT) or one in sent)
    return planned.with_(asked=asked, told=told, pending=None if planned.pending in never_sent else planned.pending)


def _asked(known: Assessment, lost: Collection[str]) -> Rows:
    flow = (*lost, *triage().flows.get(known.flow, ()))
    open_ones = [one for one in flow if one != "core" and one not in known.asked and one not in known.answers]
    answered = [one for one in known.asked if one in known.answers and one != known.pending]
    unanswered = [one for one in known.asked if one not in answered and one not in (*known.skipped, known.pending)]
    return _rows(
        (_("Waiting"), question(known.pending) if known.pending else ""),
        (_("Answered"), " · ".join(_answer(one, known.answers[one]) for one in answered)),
        (_("Asked"), _list(question(one) for one in unanswered)),
        (_("Skipped"), _list(question(one) for one in known.skipped)),
        (_("Not asked"), _list(question(one) for one in open_ones) or _("nothing more is planned")),
        (_("Worth asking"), _list(labels.finding(one).lower() for one in known.checks)),
    )


def _answer(name: str, value: str) -> str:
    asked = questions().get(name)
    if asked is None or value not in (*asked.options, "skip", "dont_know"):
        return question(name)
    return answer_to(name, asked.key, labels.option(value))


def answer_to(name: str | None, key: str, answer: str) -> str:
    """An answer behind what it answers: in few words, or the question itself where those would turn a yes around.

    "Could you have your papers today? No" is no "papers kept by someone else: No".
    """
    asked = questions().get(name or "")
    if asked and (asked.id in QUESTIONS or asked.fills in QUESTIONS):
        words = question(asked.id)
        return _("%(question)s: %(answer)s") % {"question": words[:1].upper() + words[1:], "answer": answer}
    return f"{_last_question(labels.said(key))} {answer}".strip()


def _last_question(text: str) -> str:
    """The question that a sentence of the catalogue ends with; all of it in a script that marks none."""
    found = _QUESTION.findall(text)
    return PLACEHOLDER.sub("…", found[-1].strip() if found else text)


_QUESTION = re.compile(r"[^.!?\n]+\?")


def question(name: str) -> str:
    """What a question asks about, in few words."""
    if name.startswith(CORE):
        return labels.finding(name.removeprefix(CORE)).lower()
    if name.startswith("check_"):
        return labels.finding(name.removeprefix("check_")).lower()
    known = questions().get(name)
    words: str | Promise | None = QUESTIONS.get(name) or (QUESTIONS.get(known.fills) if known else None)
    return str(words) if words else labels.finding(name).lower()
