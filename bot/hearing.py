"""Hearing: what a message means in its conversation: session, language, country, findings, and the answer it gives.

The first half of a turn. Safety rules and opt-out are read here, before and apart from the dialogue.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from bot import answer_language, asides, assessing, meaning, nearby, unanswered
from bot.dialogue_types import Heard
from bot.understanding import country
from bot.understanding.answers import QuestionShape
from bot.understanding.language import LanguageMemory
from bot.understanding.model import Understanding, Understood
from bot.unseen import waits_on, without_unseen
from bot.words import look, speaks
from content.questions import questions
from content.triage import triage
from records.messages.material import TurnMaterial
from records.states import Owner
from screening.answers import take_answer
from screening.ask import OUTSIDE
from screening.assessment import Assessment

# What comes before a correction of whom it is about: it is said in words for the right person then.
_BEFORE_WHOM = ("risk_heard", "ask_human", "language_missing", "stop", "not_safe_now", "delete_data")
# What the name of a country alone is sometimes taken for: "brazil" is no wish for another language.
_PLACE_TAKEN_FOR = ("not_understood", "out_of_scope", "ask_help", "change_language")
_PLACE = 3  # words, with a town's name or a little one beside the country's
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
    late: bool = False  # a button of an older question: the one that waits is asked again, and no try of it is counted
    held: str | None = None  # a question that they have not seen: no rule takes this message for its answer
    doubt: str = ""  # the risk in this message after which an earlier "it is safe" does not stand


def hear(understanding: Understanding, material: TurnMaterial, now: datetime) -> Hearing:
    """Return what this message means in its conversation."""
    facts, record = material.conversation, material.assessment or {}
    known, fresh, unseen, asks_safe = _come_to(material)
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
    whom = nearby.whom(known, understood) if known.role is None or not fresh else None
    told = asides.asked_for(assessing.with_findings(known.with_(role=whom or known.role), understood), understood)
    answer = meaning.answer_of(told, understood, material) if not (fresh or unseen) else None
    answer = (answer or whom) if known.pending == "role" else answer
    intent = meaning.intent_of(told, understood, material, language, answer)
    if unseen and intent == "not_understood" and told.flow != "queue" and _goes_on(told, understood):
        intent = "affirm"  # a number that answers what nobody saw: it is asked anew
    # "Is there somebody who speaks Burmese" is answered in it, and with a person.
    for_person = asides.PERSON in understood.topics and known.flow != "queue"
    if chosen and speaks(chosen) and intent not in ("risk_heard", "media_received") and not for_person:
        intent = "change_language"
    a_place = country_named is not None and chosen is None and _is_a_place(understood, known)
    if a_place and intent in _PLACE_TAKEN_FOR:
        intent = "disclose"
    told = assessing.with_progress(told, understood, intent)
    aside = asides.read(
        told, understood, material, intent, fresh=fresh or unseen, answered=answer is not None or chosen is not None
    )
    exits = _exits(understood, material) or aside.duress
    not_safe = meaning.unsafe_late(known, material) or meaning.says_unsafe(understood)
    told, intent = aside.known, aside.intent
    if facts.owner != Owner.STAFF and material.kind not in _MARKS:
        named = chosen is not None and speaks(chosen)
        told, intent = unanswered.heard(
            aside, understood, answer, ends=exits or not_safe is not None, language_said=named
        )
    told, intent, answer = _with_wish_to_delete(told, intent, answer)
    if told.country is None and ((a_place and known.pending != "country") or intent == "risk_heard"):
        told = told.with_(country=country_named)
    if not_safe:
        told = told.with_(safe=not_safe, left_unsafe=True)
    late = _late(known, material, answer or chosen or not_safe) and not (fresh or unseen) and intent != "risk_heard"
    told = known if late else told  # what an old button is called tells nothing
    corrects = whom is not None and known.role is not None and intent not in _BEFORE_WHOM
    paused = told.paused and intent in _SILENT_IN_PAUSE
    held = waits_on(told, intent) if unseen else None
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
        confirms_safety=answer == "yes" and (known.pending or "") in meaning.SAFETY,
        offers_languages=answer_language.offered(understood, language, fresh),
        provider_mark=_MARKS.get(material.kind),
        late=late,
        held=held,
        told_staff=_told_staff(answer, not_safe, facts.owner, asks_safe=asks_safe),
        doubt=assessing.doubt_of(known, told, understood),
    )


class _Point(NamedTuple):
    """Where the talk has come to before this message."""

    known: Assessment
    fresh: bool  # the phone may be in other hands
    unseen: bool  # what was asked last never reached them
    asks_safe: bool  # a worker asked whether it is safe


def _come_to(material: TurnMaterial) -> _Point:
    """Return where the talk stands: what staff gave back, what was never seen, whether a new session begins."""
    known = Assessment.from_json(material.assessment or {})
    if material.conversation.owner == Owner.BOT and known.handed_off:  # staff gave it back
        known = _given_back(known)
    known, unseen = without_unseen(known, material)
    asks_safe = _staff_asked_safe(material, known, unseen=unseen)
    if asks_safe:
        known, unseen = known.with_(pending="safe", pending_tries=0), False  # whatever of the bot's they have not seen
    fresh = begins_session(material, known) and not asks_safe
    if fresh and material.conversation.owner != Owner.STAFF and material.assessment:
        known = unanswered.left_behind(known).new_session()
    return _Point(known, fresh, unseen, asks_safe)


def _given_back(known: Assessment) -> Assessment:
    """Return the assessment as the bot takes it over from staff: a wish for a person and danger count anew."""
    return known.with_(
        reasons=(), person=None, flow="closing", pending=None, pending_tries=0,
        answered_risks=(), earlier_risks=tuple(known.risks),
    )  # fmt: skip


def _goes_on(known: Assessment, understood: Understood) -> bool:
    """True where a form asks next, or a mere number was written while a question outside of them waits."""
    number = not understood.cleaned.has_letters and any(one.isdigit() for one in understood.cleaned.text)
    return known.pending is None or (known.pending in OUTSIDE and number)


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


def _staff_asked_safe(material: TurnMaterial, known: Assessment, *, unseen: bool) -> bool:
    """True when what stands before this message is the safety question: a worker's phrase, or the bot's before them."""
    if material.conversation.owner != Owner.STAFF:
        return False
    last = material.staff_said
    waits = known.pending == "safe" and not unseen
    return waits if last is None else not questions()["safe"].keys.isdisjoint(last.split())


def _told_staff(answer: str | None, not_safe: str | None, owner: str, *, asks_safe: bool) -> str | None:
    """Return what they say to staff about safety: to the question that waits, or by an old button."""
    if not_safe and owner == Owner.STAFF:
        return not_safe
    return answer if asks_safe and answer in ("yes", "no", "unsure") else None


def _with_wish_to_delete(told: Assessment, intent: str, answer: str | None) -> tuple[Assessment, str, str | None]:
    """Keep a wish to delete with which a talk begins until it is safe; a yes to that asks for it."""
    if told.flow != "opening":
        return told, intent, answer
    if intent == asides.DELETE_DATA and told.pending is None:
        return told.with_(owes_delete=True), intent, answer
    if told.owes_delete and told.pending == "safe" and answer == "yes" and intent == "affirm":
        return take_answer(told, "yes").with_(owes_delete=False), asides.DELETE_DATA, None
    return told, intent, answer


def _late(known: Assessment, material: TurnMaterial, taken: str | None) -> bool:
    """True for a button that was taken for nothing while a question waits that can be asked again."""
    return material.kind == "button" and taken is None and known.pending in questions() and known.pending != "language"


def _shape(known: Assessment) -> QuestionShape | None:
    question = questions().get(known.pending or "")
    return QuestionShape(question.id, question.options) if question else None


def _exits(understood: Understood, material: TurnMaterial) -> bool:
    """True where they want to end the talk, and nothing in the message speaks against it."""
    if material.kind not in ("text", "command", "button"):
        return False
    if understood.answer is not None and understood.answer.intent == "stop":
        return True
    goes_on = meaning.of_danger(understood) or asides.KEEP_NOTHING in understood.topics
    sure = nearby.sure_end(understood, meaning.SURE_STOP)
    return understood.intent == "stop" and understood.intent_confidence >= sure and not goes_on
