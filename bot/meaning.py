"""Meaning: what a message answers, and which label it has, where the talk has come to.

A label that would end the talk, or hand it over, is believed only when it is sure; else the next likeliest is taken.
"""

from __future__ import annotations

import re

from bot import answer_language, asides, nearby
from bot.understanding.answers import says_no_twice
from bot.understanding.clean import fold
from bot.understanding.details import ages_told
from bot.understanding.findings import MODEL
from bot.understanding.model import KNOWN_INTENT, Understood
from bot.words import speaks
from channels.base import read_press
from content.questions import Question, questions
from content.triage import triage
from records.messages.material import TurnMaterial
from screening.ask import OUTSIDE
from screening.assessment import Assessment
from screening.levels import urgent

TELLS = ("disclose", "report_family", "report_concern")
SURE_STOP = 0.6
SURE_UNSAFE = 0.85  # the classifier alone, without a rule: below it a question is asked, not an end without a word
_SURE_DELETE = 0.6  # where a plain wish that nothing be kept is heard: below it that is all they want
_SURE_GOODBYE = 0.5
_MAYBE_ABUSE = 0.3
_SURE_HUMAN = 0.4  # it hands the talk over: below it the next label is taken
_CAREFUL = ("stop", "not_safe_now", "goodbye")  # labels that end a talk are believed only when they are sure
# Labels that a statement with an indicator in it is sometimes taken for.
_TAKEN_FOR = ("out_of_scope", "ask_confidentiality", "ask_identity", "greet", "thanks", "change_language", "goodbye")
# Questions about who is near, and how another can be reached: an answer to them sounds like "not safe".
ASKS_WHO_IS_NEAR = ("child_alone", "reach")
SAFETY = ("safe", "check_controller_present")  # questions to which "no" says: not safe to write
_NUMBER = re.compile(r"\d+")
_YOUNGEST, _FIFTEEN, _ADULT, _OLDEST = 5, 15, 18, 99
_SHORT_AGE = 3  # words


def answer_of(known: Assessment, understood: Understood, material: TurnMaterial) -> str | None:
    """Return which option of the waiting question the message takes; "skip", or None where it takes none."""
    question = questions().get(known.pending or "")
    if question is None:
        return None
    if material.kind == "button":
        button, asked = read_press(material.message.button or "")
        answers = asked == question.id and not _of_an_older(known, material)
        return button if button in question.options and answers else None
    if (wish := asides.wish(understood, question.options)) is not None:
        return wish
    if _says_no_to_else(question, understood):
        return None
    all_is_well = bool(understood.denied) and not understood.indicators and not understood.risks
    twice = says_no_twice(understood.cleaned, understood.language.candidates)
    if question.fills == "person" and (asides.NO_PERSON in understood.topics or all_is_well or twice):
        return "no"
    found = understood.answer
    own = found is None or found.kind == "intent"
    if (question.fills == "check" and twice) or (own and nearby.says_no(question, understood)):
        return "no"
    if found is None or found.kind == "intent":
        return age_band(understood) if question.fills == "age_band" else None
    return found.value if found.value in question.options or found.value == "skip" else None


def _says_no_to_else(question: Question, understood: Understood) -> bool:
    """True for a no that says itself to what: "do not save this", "pass me to nobody", "I tell no name"."""
    said = understood.topics
    keeps = asides.KEEP_NOTHING in said and question.fills != "consent"
    if keeps or (asides.NO_PERSON in said and question.id in (*SAFETY, "helper")):
        return True
    says_no = understood.answer is not None and understood.answer.value == "no"
    if not says_no or question.id not in SAFETY:
        return False
    of_their_work = understood.denied and not (understood.indicators or understood.risks)
    return asides.ANONYMOUS in said or bool(of_their_work and understood.intent != "not_safe_now")


def unsafe_late(known: Assessment, material: TurnMaterial) -> str | None:
    """Return "no" or "unsure" of a safety question that waits no more: whoever presses it now says so now."""
    button, asked = read_press(material.message.button or "") if material.kind == "button" else ("", "")
    if asked not in SAFETY or button not in ("no", "unsure"):
        return None
    return button if asked != known.pending or _of_an_older(known, material) else None


def says_unsafe(understood: Understood) -> str | None:
    """Return "no" where the whole message says that it is not safe, whatever was asked."""
    return "no" if understood.answer is not None and understood.answer.intent == "not_safe_now" else None


def _of_an_older(known: Assessment, material: TurnMaterial) -> bool:
    """True for a button under an older message of ours that asked the same: it was answered, or another waits now."""
    question = questions().get(known.pending or "")
    pressed_on = material.message.pressed_on
    if question is None or not pressed_on:
        return False
    return not material.recent().stands_under(pressed_on, question.keys, max(1, known.pending_tries))


def age_band(understood: Understood) -> str | None:
    """Return the band of an age told in own words ("25", "i am 16"): one number, and not a number of an option."""
    folded = understood.cleaned.folded
    # Five months and 300 dollars are no age; years that it begins with, and hardly more, are: "23 years".
    years = {one for one in understood.details if one.unit == "year" and folded.startswith(fold(one.words))}
    short = len(folded.split()) <= _SHORT_AGE
    of_others = {one.value for one in understood.details if one.kind != "age" and not (short and one in years)}
    numbers = {int(number) for number in _NUMBER.findall(folded)} - of_others
    if not numbers:  # in words: "fifteen", "lima belas tahun"
        numbers = {int(age) for age in ages_told(understood.details)}
    age = next(iter(numbers)) if len(numbers) == 1 else 0
    if not _YOUNGEST <= age <= _OLDEST:
        return None
    return "under_15" if age < _FIFTEEN else "15_17" if age < _ADULT else "18_plus"


def intent_of(
    known: Assessment, understood: Understood, material: TurnMaterial, language: str, answer: str | None
) -> str:
    """Return the label that the turn goes by; danger heard just now stands before everything."""
    grave = [risk for risk in triage().urgent_alone if risk in known.fresh_risks]
    child = urgent(known) and "minor_at_risk" in known.fresh_risks
    if grave or child:
        return "risk_heard"
    if unsafe_late(known, material):
        return "not_safe_now"
    if material.kind == "media" and not understood.cleaned.has_letters:
        return "media_received"
    if not speaks(language):
        return "language_missing"
    if material.kind == "command":
        return "greet"
    # A button of an older question, pressed late, answers nothing: the form asks the one that waits, and blames nobody.
    late = answer is None and material.kind == "button" and _asked_in_turn(known.pending)
    if answer is not None or late:
        return {"yes": "affirm", "no": "deny", "skip": "skip", "unsure": "skip", "dont_know": "skip"}.get(
            answer or "", "affirm"
        )
    if understood.answer is not None or not understood.cleaned.has_letters:
        return (understood.answer and understood.answer.intent) or "not_understood"
    label = likeliest(known, understood)
    if label == "change_language" and answer_language.is_strange(understood, language):
        label = "disclose"
    # "It is about my son" names whom it is about, and asks nothing.
    names = nearby.names_another(known, understood) is not None
    tells = bool(understood.indicators or names) and not any(mark in understood.cleaned.text for mark in "?？؟¿")
    return "disclose" if tells and label in _TAKEN_FOR else label


def _asked_in_turn(pending: str | None) -> bool:
    """True for a question with answers to choose from that a form asks, and asks again if it got none."""
    question = questions().get(pending or "")
    return question is not None and bool(question.options) and question.id not in OUTSIDE


def likeliest(known: Assessment, understood: Understood) -> str:
    """Return the likeliest label; one that would end the talk gives way to the next unless it is sure."""
    plain = _said_plainly(known, understood)
    if plain is not None:
        return plain
    chances = dict(understood.ranking)
    if understood.intent in TELLS and not understood.indicators and chances.get("abuse", 0.0) >= _MAYBE_ABUSE:
        return "abuse"  # nothing is told in it, and it may well be an insult
    ends = {"stop": SURE_STOP, "not_safe_now": SURE_UNSAFE, "goodbye": nearby.sure_goodbye(understood, _SURE_GOODBYE)}
    surer = {name: nearby.sure_end(understood, sure) for name, sure in ends.items() if name != "goodbye"}
    limit = {**ends, **surer, "ask_human": _SURE_HUMAN}
    for name, chance in understood.ranking or ((understood.intent, understood.intent_confidence),):
        if chance < limit.get(name, 0.0) or (name in _CAREFUL and known.pending in ASKS_WHO_IS_NEAR):
            continue
        if name == "stop" and of_danger(understood):
            continue
        if asides.KEEP_NOTHING in understood.topics and (
            name == "stop" or (name == "delete_data" and chance < _SURE_DELETE)
        ):
            continue
        if name == "ask_human" and asides.NO_PERSON in understood.topics:
            continue
        return name if chance >= KNOWN_INTENT or understood.intent in _CAREFUL else "not_understood"
    return "not_understood"


def _said_plainly(known: Assessment, understood: Understood) -> str | None:
    """Return the label that phrases tell by themselves, or None: the heads miss one in seven of them."""
    only_one = not known.handed_off and asides.wish(understood, asides.WOMAN_OR_MAN)  # "only a woman i want to talk to"
    if (asides.PERSON in understood.topics or only_one) and asides.NO_PERSON not in understood.topics:
        return "ask_human"
    if asides.DELETE in understood.topics:
        return "delete_data"
    if asides.RIGHTS in understood.topics:
        return "ask_rights"
    tells = bool(understood.indicators or understood.risks or known.despair)
    return "goodbye" if asides.GOODBYE in understood.topics and not tells else None


def of_danger(understood: Understood) -> bool:
    """True when a rule hears another danger than a reader: "i cant go on" is no wish to end the talk."""
    return any(one.source != MODEL and one.id != "controller_present" for one in understood.risks)
