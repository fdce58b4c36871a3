"""Asides: what a message asks or does beside the talk: a fixed question, the secret word, the code for danger.

Read after its label and its answer are known. Decides no sentence; a topic only says which one would fit.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from bot.understanding.clean import fold
from bot.understanding.model import Understood
from content.questions import questions
from content.topics import fixed_answers
from records.messages.material import TurnMaterial
from records.states import Owner
from screening.assessment import Assessment
from screening.assessment import Heard as Evidence
from screening.levels import OWN_WISHES, grave, may_take_back

DELETE_DATA = "delete_data"  # the label of a wish to delete
# Labels beside which a topic is not looked for, and labels that stay what they are with a topic beside them.
_NO_TOPIC = (
    "risk_heard",
    "media_received",
    "language_missing",
    "stop",
    "not_safe_now",
    DELETE_DATA,
)
_TELLS = ("disclose", "report_concern", "report_family")
_OF_STAFF = ("later", "complaint", "officer")  # with these "a person" is not asked for by itself
_FREE = {"word": 3, "return_word": 3}  # open questions outside of the forms, and how many words answer them
WANT_OF_US = ("press", "officer", "fishing")  # topics, and the flags they leave
ASKED_BY_OTHER = "asked_by_other"  # a flag: on a phone that told something, somebody asked what was told
NO_PERSON = "no_person"  # the topic of those who want no person to join
WOMAN_OR_MAN = ("woman", "man")  # the topics of those who want one of them to write
ONLY_WRITE = "only_write"  # the topic of those who must not be phoned: staff are told
LATER = "later"  # the topic of those who name another time
ANONYMOUS = "anonymous"  # the topic of those who give no name
NUMBER = "number"  # the topic of those who want a number to call
PERSON = "person"  # the topic of those who want one: it is a label, and has no sentence
RIGHTS, GOODBYE = "rights", "goodbye"  # topics of who asks for their rights, and of who takes leave: labels too
DELETE = "delete"  # the topic of those who want everything deleted: a label too
KEEP_NOTHING = "keep_nothing"  # the topic of those who want nothing stored
_QUESTIONS = ("ask_help", "ask_rights", "ask_confidentiality", "ask_identity", "ask_services", "change_language")
_SURE_HUMAN = 0.6  # "shall I talk to the boss" is sometimes taken for it
_PLAIN, _PLAINLY = ("goodbye", "thanks", "ask_human", "ask_help", "ask_rights"), 0.6  # no secret word
_WHO_WRITES = "helper"  # the question whether a woman or a man should write
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """What was read beside the talk, and what is known after it."""

    known: Assessment = field(repr=False)
    intent: str
    topic: str | None = None
    word_known: bool = False
    duress: bool = False


def read(
    known: Assessment, understood: Understood, material: TurnMaterial, intent: str, *, fresh: bool, answered: bool
) -> Aside:
    """Return the message with its topic, the word it may be, and whether it says that somebody makes them write.

    Args:
        known: with what the message tells.
        intent: the label of the message so far.
        fresh: whether a new session begins with it; then nothing waits for a word.
        answered: whether it answers the question that waits, or names a language.
    """
    topic = topic_of(understood, intent) or _asked_again(known, understood, intent)
    if topic == NO_PERSON and known.handed_off and not _takes_back(known, material):  # it is kept for the helper
        topic = None
    asked = known.pending if known.pending in _FREE and not fresh else None
    own_words = asked is not None and _is_own_words(known, understood, intent)
    word_known = False
    if asked and not own_words and intent not in ("skip", "deny"):  # they write of something else: it waits no longer
        known = known.with_(pending=None)
    if asked == "word" and own_words:
        known = known.with_(word=fold(understood.cleaned.text))
    if asked == "return_word" and own_words:
        linked = _linked(known, material, fold(understood.cleaned.text))
        word_known = linked is not None
        known = known.with_(linked=linked or None)
    known, duress = _under_duress(known, understood)
    if own_words:
        intent = "own_words"
    elif topic is not None and not answered and not _acknowledged_with_thanks(topic, understood, intent):
        intent = "fixed_question"
    return Aside(known=known, intent=intent, topic=topic, word_known=word_known, duress=duress)


def _takes_back(known: Assessment, material: TurnMaterial) -> bool:
    """True for who wants no person any more while nobody has come, where that is safe to believe."""
    facts = material.conversation
    wanted = set(facts.handoff_reasons) - set(grave(known))  # what stands beside the wish asked nobody in
    return facts.owner == Owner.QUEUE and OWN_WISHES.issuperset(wanted) and may_take_back(known)


def _acknowledged_with_thanks(topic: str, understood: Understood, intent: str) -> bool:
    """True for a story that also touches a topic: it is taken as told, and thanked for in the topic's words."""
    return intent in _TELLS and bool(understood.indicators) and fixed_answers()[topic].acknowledges


def topic_of(understood: Understood, intent: str) -> str | None:
    """Return what of the message has one fixed answer; a label that is sure of something graver comes first."""
    guessed = understood.intent_confidence >= _SURE_HUMAN and NUMBER not in understood.topics
    sure = PERSON in understood.topics or guessed
    wants_person = intent == "ask_human" and sure
    if intent in _NO_TOPIC or (wants_person and not set(understood.topics) & set(_OF_STAFF)):
        return None
    # "No person, only where to turn": the question is answered, and no person comes.
    asks = intent in _QUESTIONS and intent != "ask_help"  # beside "nobody" a cry for help is often its opposite
    said = (topic for topic in understood.topics if fixed_answers()[topic].say)
    return next((topic for topic in said if topic != NO_PERSON or not asks), None)


def _asked_again(known: Assessment, understood: Understood, intent: str) -> str | None:
    """Return what a journalist or an officer gets once more when they ask for somebody to talk to, unless they insist.

    "Put me through to one of the girls" is taken for the wish for a helper; the plain words for it are believed.
    """
    wants = intent == "ask_human" and understood.answer is None
    return next((flag for flag in WANT_OF_US if flag in known.flags), None) if wants else None


def _is_own_words(known: Assessment, understood: Understood, intent: str) -> bool:
    """True for what answers an open question outside of a form: a word or two, nothing that is told."""
    limit = _FREE.get(known.pending or "", 0)
    words = understood.cleaned.folded.split()
    told = understood.indicators or understood.risks or understood.answer is not None
    plainly = intent in _PLAIN and understood.intent_confidence >= _PLAINLY
    return 0 < len(words) <= limit and not (told or plainly) and intent not in _NO_TOPIC


def wish(understood: Understood, options: Collection[str]) -> str | None:
    """Return the option that a message wishes for in its own words, if it is one: "a woman please"."""
    wished = [topic for topic in understood.topics if topic in options]
    return wished[0] if len(wished) == 1 else None


def asked_for(known: Assessment, understood: Understood) -> Assessment:
    """Return the assessment with the question who should write open again, where they passed it by and come back."""
    passed = known.flow == "queue" and known.pending is None and _WHO_WRITES in known.asked
    if not passed or known.answers.get(_WHO_WRITES, "any") != "any":
        return known
    wished = wish(understood, questions()[_WHO_WRITES].options)
    return known.with_(pending=_WHO_WRITES) if wished else known


def _linked(known: Assessment, material: TurnMaterial, word: str) -> int | None:
    """Return the earlier conversation that this word opens, 0 for this one; None if it opens nothing."""
    if not word:
        return None
    if known.word == word:
        return 0
    return next((number for number, kept in material.earlier_words() if kept == word), None)


def _under_duress(known: Assessment, understood: Understood) -> tuple[Assessment, bool]:
    """Return whether their code for danger stands in the message; it ends the talk like the exit word does."""
    code = known.danger_code
    if code is None or code not in _NUMBER.findall(understood.cleaned.folded):
        return known, False
    heard = Evidence(source="danger_code")
    return (
        known.hear(indicators={}, risks={"controller_present": heard})
        .flag("duress")
        .because("risk.controller_present")
        .with_(safe="no"),
        True,
    )
