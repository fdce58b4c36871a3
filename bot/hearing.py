"""Hearing: what a message means in its conversation: session, language, country, findings, and the answer it gives.

The first half of a turn. Safety rules and opt-out are read here, before and apart from the dialogue.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from bot import answer_language, asides, nearby, unanswered
from bot.dialogue_types import Heard
from bot.understanding import country
from bot.understanding.answers import QuestionShape, says_no_twice
from bot.understanding.clean import fold
from bot.understanding.language import LanguageMemory
from bot.understanding.model import KNOWN_INTENT, MODEL, Understanding, Understood
from bot.unseen import without_unseen
from bot.words import look, speaks
from content.denials import denied_by
from content.indicators import published
from content.questions import questions
from content.triage import triage
from records.messages.material import TurnMaterial
from records.states import NOT_ALONE, Owner
from screening.assessment import Assessment
from screening.assessment import Heard as Evidence
from screening.levels import urgent

_TELLS = ("disclose", "report_family", "report_concern")
_SURE_OF_ROLE = {"report_family": "family", "report_concern": "community"}
_SURE_STOP = 0.6
_SURE_DELETE = 0.6  # where a plain wish that nothing be kept is heard: below it that is all they want
_SURE_UNSAFE = 0.85  # the classifier alone, without a rule: below it a question is asked, not an end without a word
_MAYBE_UNSAFE = 0.6
_SURE_STRANGER = 0.8
_SURE_ROLE = 0.6  # below it the writer is asked whom it is about, if we have words to ask
_SURE_GOODBYE = 0.5
_MAYBE_ABUSE = 0.3
_SURE_HUMAN = 0.4  # it hands the talk over: below it the next label is taken
_CAREFUL = ("stop", "not_safe_now", "goodbye")  # labels that end a talk are believed only when they are sure
# Labels that a statement with an indicator in it is sometimes taken for.
_TAKEN_FOR = ("out_of_scope", "ask_confidentiality", "ask_identity", "greet", "thanks", "change_language", "goodbye")
# Questions about who is near, and how another can be reached: an answer to them sounds like "not safe".
_ASKS_WHO_IS_NEAR = ("child_alone", "reach")
# What comes before a correction of whom it is about: it is said in words for the right person then.
_BEFORE_WHOM = ("risk_heard", "ask_human", "language_missing", "stop", "not_safe_now", "delete_data")
_ASKS_AGE = ("age_band", "their_age", "check_minor_at_risk")
# What the name of a country alone is sometimes taken for: "brazil" is no wish for another language.
_PLACE_TAKEN_FOR = ("not_understood", "out_of_scope", "ask_help", "change_language")
_PLACE = 3  # words, with a town's name or a little one beside the country's
_CALM_TOPICS = ("fishing", "officer", "press", "departure", "cost", "what_next", "reading", "back")
_NUMBER = re.compile(r"\d+")
_YOUNGEST, _FIFTEEN, _ADULT, _OLDEST = 5, 15, 18, 99
_SHORT_AGE = 3  # words
_SILENT_IN_PAUSE = ("abuse", "out_of_scope", "not_understood", "greet", "thanks")
_MARKS = {"opt_out": "out", "blocked": "out", "opt_in": "in"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """One message, heard."""

    known: Assessment  # with what the message tells
    message: Heard
    language: str  # the one to answer in
    memory: dict[str, Any] = field(repr=False)
    new_session: bool
    findings: tuple[dict[str, Any], ...] = field(repr=False)
    exits: bool = False
    silent: bool = False  # nothing is said: an edit without news, a joke in a pause
    confirms_safety: bool = False
    offers_languages: tuple[str, ...] = ()
    provider_mark: str | None = None  # out | in: the provider blocks or allows our messages
    told_staff: str | None = None  # yes | no | unsure: the answer to a worker's safety question
    doubt: str = ""  # the risk in this message after which an earlier "it is safe" does not stand


def hear(understanding: Understanding, material: TurnMaterial, now: datetime) -> Hearing:
    """Return what this message means in its conversation."""
    facts, record = material.conversation, material.assessment or {}
    known = Assessment.from_json(record)
    if facts.owner == Owner.BOT and known.handed_off:  # staff gave it back
        known = _given_back(known)
    known, unseen = without_unseen(known, material)
    asks_safe = _staff_asked_safe(material, known)
    if asks_safe:
        known = known.with_(pending="safe")
    fresh = begins_session(material, known) and not asks_safe
    if fresh and facts.owner != Owner.STAFF:
        known = unanswered.left_behind(known).new_session() if material.assessment else known
    phone = None if look(facts.channel) == "telegram" else country.of_phone(facts.address())
    if known.country is None and phone:
        known = known.with_(country=phone)
    memory = None if fresh else LanguageMemory.from_json(record.get("language_memory") or {})
    chosen = answer_language.chosen(material)
    if chosen:
        memory = LanguageMemory.chosen(chosen)
    understood = understanding.understand(
        material.message.text, country=phone, hint=material.message.hint_language, memory=memory,
        question=None if fresh or unseen else _shape(known),
    )  # fmt: skip
    country_named = country.named(understood.cleaned, understood.language.candidates)
    asked_where = country_named and known.pending == "country"
    chosen = chosen or (None if asked_where else answer_language.named(understood, country_named))
    language = chosen or answer_language.to_answer_in(understood, None if fresh else facts.language or None)
    whom = None if fresh else nearby.whom(known, understood)
    corrects = whom is not None and known.role is not None
    told = asides.asked_for(with_findings(known.with_(role=whom or known.role), understood), understood)
    answer = _answer(told, understood, material) if not (fresh or unseen) else None
    answer = (answer or whom) if known.pending == "role" else answer
    intent = _intent(told, understood, material, language, answer)
    if unseen and intent == "not_understood" and told.pending is None and told.flow != "queue":
        intent = "affirm"  # a number that answers what nobody saw: the form asks it
    if chosen and speaks(chosen) and intent not in ("risk_heard", "media_received"):
        intent = "change_language"
    if country_named and chosen is None and _is_a_place(understood, known):
        intent = "disclose" if intent in _PLACE_TAKEN_FOR else intent
        told = told if told.country or told.pending == "country" else told.with_(country=country_named)
    told = _progress(told, understood, intent)
    aside = asides.read(
        told, understood, material, intent, fresh=fresh, answered=answer is not None or chosen is not None
    )
    exits = _exits(understood, material) or aside.duress
    told, intent = aside.known, aside.intent
    if facts.owner != Owner.STAFF and material.kind not in _MARKS:
        named = chosen is not None and speaks(chosen)
        told, intent = unanswered.heard(aside, understood, answer, ends=exits, language_said=named)
    corrects = corrects and intent not in _BEFORE_WHOM
    told = told.with_(country=told.country or (country_named if intent == "risk_heard" else None))
    paused = told.paused and intent in _SILENT_IN_PAUSE
    return Hearing(
        known=told if paused else told.with_(paused=False),
        message=Heard(
            text=understood.cleaned.text,
            intent="fixed_question" if corrects else intent,
            confidence=understood.intent_confidence,
            answer=None if corrects else answer,
            role=whom or understood.role,
            country_said=country_named,
            language_said=chosen,
            topic="other_person" if corrects else aside.topic,
            word_known=aside.word_known,
        ),
        language=language,
        memory=(LanguageMemory.chosen(chosen).as_json() if chosen else understood.memory.as_json()),
        new_session=fresh,
        findings=(
            *(one.as_json() for one in (*understood.indicators, *understood.possible, *understood.risks)),
            *(one.as_json() for one in understood.details),
        ),
        exits=exits,
        silent=paused or (material.kind == "edit" and intent != "risk_heard"),
        confirms_safety=answer == "yes" and (known.pending or "") in ("safe", "check_controller_present"),
        offers_languages=answer_language.offered(understood, language, fresh),
        provider_mark=_MARKS.get(material.kind),
        told_staff=answer if asks_safe and answer in ("yes", "no", "unsure") else None,
        doubt=_doubt(known, told, understood),
    )


def _given_back(known: Assessment) -> Assessment:
    """Return the assessment as the bot takes it over from staff: a wish for a person and danger count anew."""
    return known.with_(
        reasons=(), person=None, flow="closing", pending=None, pending_tries=0,
        answered_risks=(), earlier_risks=tuple(known.risks),
    )  # fmt: skip


def _is_a_place(understood: Understood, known: Assessment) -> bool:
    """True for the answer to "which country?", and for a message of hardly more than a country's name."""
    return known.pending == "country" or len(understood.cleaned.folded.split()) <= _PLACE


def begins_session(material: TurnMaterial, known: Assessment) -> bool:
    """True when the phone may be in other hands: first message, after the gap, or after an end."""
    facts = material.conversation
    if facts.last_in_at is None or facts.ended_at or facts.not_safe_at or known.flow == "unsafe":
        return True
    gap = timedelta(minutes=triage().gaps_minutes[look(facts.channel)])
    return material.received_at - facts.last_in_at > gap


def _staff_asked_safe(material: TurnMaterial, known: Assessment) -> bool:
    """True when what stands before this message is the safety question: a worker's phrase, or the bot's before them."""
    if material.conversation.owner != Owner.STAFF:
        return False
    last = material.staff_said
    return known.pending == "safe" if last is None else not questions()["safe"].keys.isdisjoint(last.split())


def _doubt(before: Assessment, told: Assessment, understood: Understood) -> str:
    """Return what this message says against an earlier "it is safe"; of danger a guess of the model must be sure."""
    unsafe = understood.intent == "not_safe_now" and understood.intent_confidence >= _MAYBE_UNSAFE
    heard = {one.id for one in understood.risks if one.band == "sure" or one.source != MODEL or one.id == NOT_ALONE}
    heard |= set(told.risks) - set(before.risks)
    if unsafe or NOT_ALONE in heard:
        return NOT_ALONE
    return "immediate_danger" if "immediate_danger" in heard else ""


def _shape(known: Assessment) -> QuestionShape | None:
    question = questions().get(known.pending or "")
    return QuestionShape(question.id, question.options) if question else None


def _exits(understood: Understood, material: TurnMaterial) -> bool:
    if material.kind not in ("text", "command", "button"):
        return False
    if understood.answer is not None and understood.answer.intent == "stop":
        return True
    goes_on = _of_danger(understood) or asides.KEEP_NOTHING in understood.topics
    sure = nearby.sure_end(understood, _SURE_STOP)
    return understood.intent == "stop" and understood.intent_confidence >= sure and not goes_on


def _of_danger(understood: Understood) -> bool:
    """True when a rule hears another danger than a reader: "i cant go on" is no wish to end the talk."""
    return any(one.source != MODEL and one.id != "controller_present" for one in understood.risks)


def with_findings(known: Assessment, understood: Understood) -> Assessment:
    """Return the assessment with what a message says: indicators, risks, and the risks worth a careful question."""
    other = known.about_other or (known.role is None and _role_told(understood) in ("family", "community"))
    names = set(published())
    heard = {
        one.id: Evidence(words=one.words, source=one.source, confidence=one.confidence, third_party=other)
        for one in understood.indicators
        if one.id in names
    }
    risks = {
        one.id: Evidence(words=one.words, source=one.source, confidence=one.confidence, third_party=other)
        for one in understood.risks
        if one.band == "sure"
    }
    unsafe = understood.intent_confidence if understood.intent == "not_safe_now" else 0.0
    # Who has just mocked the robot is asked, and believed when they say so.
    near = known.pending in _ASKS_WHO_IS_NEAR
    sure = unsafe >= nearby.sure_end(understood, _SURE_UNSAFE) and not near and not known.abuse
    if sure:
        ruled = risks.get("controller_present", Evidence(source=MODEL))
        of_label = Evidence(source="intent", confidence=unsafe)
        risks["controller_present"] = of_label if ruled.source == MODEL else replace(ruled, third_party=False)
    doubt = unsafe >= _MAYBE_UNSAFE and not sure
    if not sure and (other or _only_the_model(known, understood, unsafe)):
        # "He is with her now" may be about another phone, and a model alone is often wrong: asked, not believed.
        popped = risks.pop("controller_present", None)
        by_rule = popped is not None and popped.source != MODEL
        doubt = by_rule or ((popped is not None or doubt) and not near)
    strange = any(flag in known.flags for flag in asides.WANT_OF_US)  # a journalist, an officer, one who looks for her
    # Who asks what she wrote, on the phone she wrote from; not who came to ask and was misheard once.
    if "fishing" in understood.topics and len(known.indicators) > strange and not known.about_other:
        risks["controller_present"] = Evidence(source="topic")
    guesses = tuple(name for name, one in risks.items() if one.source == MODEL) if strange else ()
    for name in guesses:  # their questions sound like danger: only a rule is believed, the rest is asked
        del risks[name]
    present = risks.get("controller_present")
    if present is not None and present.source != MODEL:
        # Words about another danger would be read over their shoulder: with a guess of the model alone, we fall silent.
        risks = {name: one for name, one in risks.items() if name == "controller_present" or one.source != MODEL}
    risks |= nearby.harm(known, understood, risks)
    possible = {one.id: one.confidence for one in understood.possible if one.id in names}
    news = bool(set(heard) - set(known.indicators))
    known = known.with_(possible={**known.possible, **possible}, tellings=known.tellings + news)
    known = _taken_back(known, understood).hear(indicators=heard, risks=risks)
    if any(one.id == unanswered.SUICIDE and one.source != MODEL for one in understood.risks):
        known = known.with_(despair=True)
    grey = (*(("controller_present",) if doubt else ()), *guesses, *understood.ask)
    asks = [risk for risk in dict.fromkeys(grey) if risk not in known.risks and risk not in known.checked]
    return known.with_(checks=tuple(dict.fromkeys((*known.checks, *_worth_asking(known, understood, asks)))))


def _taken_back(known: Assessment, understood: Understood) -> Assessment:
    """Return the assessment without what the heads alone heard and the writer now says is not so.

    Nothing is taken back while somebody may be reading along.
    """
    if "controller_present" in known.risks:
        return known
    return known.doubt({name for denial in understood.denied for name in denied_by()[denial].indicators}, MODEL)


def _worth_asking(known: Assessment, understood: Understood, asks: list[str]) -> list[str]:
    """Return the risks to ask about: all that a rule heard; of the model's doubts one, where something is told."""
    if known.age_band in ("18_plus", "unknown"):
        asks = [risk for risk in asks if risk != "minor_at_risk"]
    by_rule = {one.id for one in understood.risks if one.source != MODEL}
    # An age is an age, and who asks after somebody or about a job is asked nothing: the model alone raises no doubt.
    answers_age = known.pending in _ASKS_AGE and _age_band(understood) is not None
    if answers_age or not set(_CALM_TOPICS).isdisjoint(understood.topics):
        return [risk for risk in asks if risk in by_rule]
    certain = [risk for risk in asks if risk in by_rule or risk == "controller_present"]  # safety is always asked
    if urgent(known):  # a person is on the way: a doubt of the model would only stand between them
        return certain
    tells = understood.intent in (*_TELLS, "ask_help", "not_safe_now") or bool(understood.indicators)
    return certain or (asks[:1] if tells else [])


def _only_the_model(known: Assessment, understood: Understood, unsafe: float) -> bool:
    """True when nothing but the model says that somebody reads along, in a language that has rules and words to ask."""
    heard = [one for one in understood.risks if one.id == "controller_present"]
    by_rule = any(one.source != MODEL for one in heard)
    # Who told us of themselves and then wants to know who we are, in words of another: the phone has changed hands.
    asks_us = understood.intent == "ask_identity" and understood.intent_confidence >= _SURE_STRANGER
    stranger = asks_us and bool(known.indicators) and any(one.confidence >= _SURE_STRANGER for one in heard)
    unlikely = unsafe < nearby.sure_end(understood, _SURE_STOP) or known.abuse > 0
    return not by_rule and not stranger and unlikely and speaks(understood.language.code)


def _answer(known: Assessment, understood: Understood, material: TurnMaterial) -> str | None:
    question = questions().get(known.pending or "")
    if question is None:
        return None
    button = (material.message.button or "").split("@")[0]
    if material.kind == "button":
        return button if button in question.options else None
    if (wish := asides.wish(understood, question.options)) is not None:
        return wish
    if asides.KEEP_NOTHING in understood.topics and question.fills != "consent":
        return None  # "no, do not save this" says no to that
    all_is_well = bool(understood.denied) and not understood.indicators and not understood.risks
    twice = says_no_twice(understood.cleaned, understood.language.candidates)
    if question.fills == "person" and (asides.NO_PERSON in understood.topics or all_is_well or twice):
        return "no"
    found = understood.answer
    own = found is None or found.kind == "intent"
    if (question.fills == "check" and twice) or (own and nearby.says_no(question, understood)):
        return "no"
    if found is None or found.kind == "intent":
        return _age_band(understood) if question.fills == "age_band" else None
    return found.value if found.value in question.options or found.value == "skip" else None


def _age_band(understood: Understood) -> str | None:
    """Return the band of an age told in own words ("25", "i am 16"): one number, and not a number of an option."""
    folded = understood.cleaned.folded
    # Five months and 300 dollars are no age; years that it begins with, and hardly more, are: "23 years".
    years = {one for one in understood.details if one.unit == "year" and folded.startswith(fold(one.words))}
    short = len(folded.split()) <= _SHORT_AGE
    of_others = {one.value for one in understood.details if one.kind != "age" and not (short and one in years)}
    numbers = {int(number) for number in _NUMBER.findall(folded)} - of_others
    if not numbers:  # in words: "fifteen", "lima belas tahun"
        numbers = {
            int(one.value) for one in understood.details if one.kind == "age" and isinstance(one.value, float | int)
        }
    age = next(iter(numbers)) if len(numbers) == 1 else 0
    if not _YOUNGEST <= age <= _OLDEST:
        return None
    return "under_15" if age < _FIFTEEN else "15_17" if age < _ADULT else "18_plus"


def _intent(
    known: Assessment, understood: Understood, material: TurnMaterial, language: str, answer: str | None
) -> str:
    grave = [risk for risk in triage().urgent_alone if risk in known.fresh_risks]
    child = urgent(known) and "minor_at_risk" in known.fresh_risks
    if grave or child:
        return "risk_heard"
    if material.kind == "media" and not understood.cleaned.has_letters:
        return "media_received"
    if not speaks(language):
        return "language_missing"
    if material.kind == "command":
        return "greet"
    if answer is not None:
        return {"yes": "affirm", "no": "deny", "skip": "skip", "unsure": "skip", "dont_know": "skip"}.get(
            answer, "affirm"
        )
    if understood.answer is not None:
        return understood.answer.intent or "not_understood"
    if not understood.cleaned.has_letters:
        return "not_understood"
    likeliest = _likeliest(known, understood)
    tells = bool(understood.indicators) and not any(mark in understood.cleaned.text for mark in "?？؟¿")
    return "disclose" if tells and likeliest in _TAKEN_FOR else likeliest


def _likeliest(known: Assessment, understood: Understood) -> str:
    """Return the likeliest label; one that would end the talk gives way to the next unless it is sure."""
    if asides.PERSON in understood.topics and asides.NO_PERSON not in understood.topics:
        return "ask_human"  # in plain words: the heads miss one in seven of them
    chances = dict(understood.ranking)
    if understood.intent in _TELLS and not understood.indicators and chances.get("abuse", 0.0) >= _MAYBE_ABUSE:
        return "abuse"  # nothing is told in it, and it may well be an insult
    ends = {"stop": _SURE_STOP, "not_safe_now": _SURE_UNSAFE, "goodbye": _SURE_GOODBYE}
    surer = {name: nearby.sure_end(understood, sure) for name, sure in ends.items() if name != "goodbye"}
    limit = {**ends, **surer, "ask_human": _SURE_HUMAN}
    for name, chance in understood.ranking or ((understood.intent, understood.intent_confidence),):
        if chance < limit.get(name, 0.0) or (name in _CAREFUL and known.pending in _ASKS_WHO_IS_NEAR):
            continue
        if name == "stop" and _of_danger(understood):
            continue
        if asides.KEEP_NOTHING in understood.topics and (
            name == "stop" or (name == "delete_data" and chance < _SURE_DELETE)
        ):
            continue
        if name == "ask_human" and asides.NO_PERSON in understood.topics:
            continue
        return name if chance >= KNOWN_INTENT or understood.intent in _CAREFUL else "not_understood"
    return "not_understood"


def _progress(known: Assessment, understood: Understood, intent: str) -> Assessment:
    """Fill what the message says by itself: that something was told, and about whom."""
    if intent != "not_understood":
        known = known.with_(unclear_in_row=0)
    if asides.NO_PERSON in understood.topics and not known.handed_off:
        known = known.with_(person="no")
    tells = understood.intent in _TELLS or bool(understood.indicators)
    if tells:
        known = known.with_(spoke=True)
    return _with_role(known, understood) if tells else known


def _with_role(known: Assessment, understood: Understood) -> Assessment:
    """Return the assessment with whom it is about, as far as they said so; until it is asked it may turn out otherwise.

    Who writes for another goes on telling without naming them: so what names another stands over what does not.
    """
    if known.flow not in ("opening", "queue") or "role" in known.answers or not understood.roles:
        return known
    other = max(("family", "community"), key=understood.roles.__getitem__)
    if understood.roles[other] >= _SURE_ROLE and not known.about_other:
        return known.with_(role=other)
    if any(flag in known.flags for flag in asides.WANT_OF_US):  # a journalist or an officer tells nothing of their own
        return known
    of_self = known.role is None and bool(known.indicators or known.risks) and understood.roles["self"] >= _SURE_ROLE
    return known.with_(role="self") if of_self else known


def _role_told(understood: Understood) -> str | None:
    """Return whom it is about as far as the message says so; a doubt is left to the question, where we can ask it."""
    if understood.intent_confidence < _SURE_ROLE and speaks(understood.language.code):
        return None
    return _SURE_OF_ROLE.get(understood.intent) or understood.role
