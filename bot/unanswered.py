"""Unanswered: the question whether somebody thinks of ending their life never lapses, once words of despair were said.

Asked on a guess of the classifier alone, it may be passed over like any other. Else only a plain no closes it. A
question of theirs is answered and it is asked once more; whatever else comes, a goodbye too, brings a person with the
words of the risk.
"""

from __future__ import annotations

from bot.asides import Aside
from bot.understanding.model import Understood
from screening.answers import CHECK, MOST_TRIES
from screening.assessment import Assessment
from screening.assessment import Heard as Evidence

SUICIDE = "suicide_self_harm"
QUESTION = CHECK + SUICIDE
_READER = "controller_present"
_SOURCE = "unanswered"
_ASKS = ("ask_identity", "ask_confidentiality", "ask_services", "ask_rights")
_ASKS_ABOUT = ("expert", "cost", "reading", "what_next", "how_long", "promise")  # topics that leave the talk as it is


def waits(known: Assessment) -> bool:
    """True while the question was asked and not answered."""
    return known.despair and known.pending == QUESTION and SUICIDE not in known.risks


def heard(
    aside: Aside, understood: Understood, answer: str | None, *, ends: bool, language_said: bool
) -> tuple[Assessment, str]:
    """Return what is known and the label of the message, once the question has had its say.

    Args:
        aside: the message, read beside the talk.
        answer: what it answers to the question that waits.
        ends: whether they end the talk with it: then nothing but the end is said, and staff are told.
        language_said: whether they named a language to go on in.
    """
    known, intent = aside.known, aside.intent
    leaves = ends or intent == "goodbye"
    doubted = known.despair and SUICIDE in known.checks and SUICIDE not in known.checked
    if not waits(known):
        return (_to_staff(known, understood, ends), _risk(ends, intent)) if leaves and doubted else (known, intent)
    if not ends:
        if answer in ("yes", "unsure") or _plainly_no(understood, answer):
            return known, intent
        if known.pending_tries < MOST_TRIES and (_asks(aside) or language_said):
            return known, intent
    return _to_staff(known, understood, ends), _risk(ends, intent)


def left_behind(known: Assessment) -> Assessment:
    """Return what is known when a new session begins while the question waits: staff are told, no word is said."""
    if not waits(known):
        return known
    return known.hear(indicators={}, risks={SUICIDE: Evidence(source=_SOURCE)}).because(f"risk.{SUICIDE}")


def _plainly_no(understood: Understood, answer: str | None) -> bool:
    """True for a no, with or without more, in which nothing sounds like wanting to die."""
    return answer == "no" and SUICIDE not in understood.ask


def _asks(aside: Aside) -> bool:
    return aside.intent in _ASKS or (aside.intent == "fixed_question" and aside.topic in _ASKS_ABOUT)


def _risk(ends: bool, intent: str) -> str:
    return intent if ends else "risk_heard"


def _to_staff(known: Assessment, understood: Understood, ends: bool) -> Assessment:
    words = Evidence(words=understood.cleaned.text, source=_SOURCE)
    silent = ends or _READER in known.fresh_risks
    known = known.hear(indicators={}, risks={SUICIDE: words}).with_(checked=(*known.checked, SUICIDE))
    if silent:  # somebody may be reading along: no word of it
        known = known.with_(answered_risks=(*known.answered_risks, SUICIDE))
    return known.because(f"risk.{SUICIDE}").with_(pending=None, pending_tries=0)
