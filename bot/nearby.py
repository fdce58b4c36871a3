"""Nearby: what a message means by the place that the talk has come to.

"I took them" is an emergency where dying was spoken of, "not in danger, but he hits me" is a no where that was asked,
and who asks for help or a person is not taken to end the talk on a guess. The words stand in `content/context`.
"""

from __future__ import annotations

from bot import asides, unanswered
from bot.understanding.findings import MODEL
from bot.understanding.model import Understood
from bot.understanding.weighing import MINOR
from content.context_words import (
    AT_WORK,
    DONT_GO,
    DONT_TELL,
    HARMED,
    MYSELF,
    NO_BUT,
    NO_DANGER,
    NOT_ME,
    OWN_WORK,
    RECENT,
)
from content.questions import Question
from screening.assessment import Assessment
from screening.assessment import Heard as Evidence

_MEDICAL = "medical_emergency"
_SEXUAL, _SEXUAL_RECENT = "sexual_violence", "sexual_violence_recent"
_DANGER, _OPENING = "immediate_danger", "opening"
STEP_IN = "step_in"  # the topic of who thinks of going there, asking the boss, taking pictures
_AGAIN = (_DANGER, _MEDICAL, unanswered.SUICIDE)
_SHORT = 10  # words: "last night again, i dont want to tell it"; a longer message has matters of its own
_ABOUT_DANGER = ("check_immediate_danger", "their_danger")
_SAYS_NO = ("check", "core", "their_danger", "note")  # what a question fills that takes a no with more after it
_UNSAFE_NO = "check_controller_present"  # asked is whether it is safe: a no there is another answer
_ASKS_TOO, _DENIES_TOO = 0.1, 0.25  # the share of a label beside the likeliest one
NEVER = 2.0
_OF_SELF = 0.6  # by the heads: then words about another are not believed


def harm(known: Assessment, understood: Understood, risks: dict[str, Evidence]) -> dict[str, Evidence]:
    """Return the emergency that a message tells after others: something taken, or "last night again"."""
    return {**_taken(known, understood, risks), **_again(known, understood, risks)}


def _again(known: Assessment, understood: Understood, risks: dict[str, Evidence]) -> dict[str, Evidence]:
    """Return recent sexual violence where that was told or in doubt, and a short message now says when it was."""
    told = _SEXUAL in known.indicators and _SEXUAL_RECENT in (*known.checks, *known.checked)
    short = len(understood.cleaned.folded.split()) <= _SHORT
    if _SEXUAL_RECENT in {*risks, *known.risks} or not (told and short and RECENT in understood.context):
        return {}
    words = understood.cleaned.text
    return {_SEXUAL_RECENT: Evidence(words=words, source="context", third_party=known.about_other)}


def danger_before(known: Assessment) -> bool:
    """True where danger was told in this talk, and a person has given it back to the line since."""
    return _DANGER in known.earlier_risks and known.flow != _OPENING


def told_again(known: Assessment, understood: Understood) -> dict[str, Evidence]:
    """Return what was grave in this talk before a person gave it back, and is perhaps told again: no guess by then."""
    if known.flow == _OPENING:
        return {}
    words = understood.cleaned.text
    return {
        one.id: Evidence(words=words, source="context", confidence=one.confidence, third_party=known.about_other)
        for one in understood.risks
        if one.id in known.earlier_risks and one.id in _AGAIN and one.band != "sure"
    }


def _taken(known: Assessment, understood: Understood, risks: dict[str, Evidence]) -> dict[str, Evidence]:
    """Return the emergency that a message tells where dying is spoken of: something taken, blood, sleep."""
    spoken = unanswered.SUICIDE in known.risks and unanswered.SUICIDE not in known.earlier_risks
    if not (spoken or unanswered.waits(known) or unanswered.SUICIDE in risks) or _MEDICAL in risks:
        return {}
    ruled = any(one.id == _MEDICAL and one.source != MODEL for one in understood.risks)
    if not ruled and HARMED not in understood.context:
        return {}
    return {_MEDICAL: Evidence(words=understood.cleaned.text, source="context", third_party=known.about_other)}


def says_no(question: Question, understood: Understood) -> bool:
    """True for a no to this question that tells more, or is said in its own words."""
    if "no" not in question.options or question.id == _UNSAFE_NO:
        return False
    said = understood.context
    return (question.id in _ABOUT_DANGER and NO_DANGER in said) or (question.fills in _SAYS_NO and NO_BUT in said)


def whom(known: Assessment, understood: Understood) -> str | None:
    """Return whom it is about after all, where the message corrects that or says it unasked; None if it does not."""
    said = understood.context
    if "other_person" in understood.topics:  # said in plain words: the topic asks whom it is about
        return None
    if AT_WORK in said and not known.about_other:
        return "community"
    if NOT_ME in said and not known.about_other:
        roles = understood.roles
        return "community" if roles.get("community", 0.0) > max(roles.get("family", 0.0), 0.5) else "family"
    # "Shall I go there myself" is said of somebody else, and no question tells whom it is about.
    asks = STEP_IN in understood.topics or understood.cleaned.text.rstrip().endswith(("?", "؟", "？"))
    if MYSELF in said and known.about_other and not asks:
        return "self"
    return names_another(known, understood) if known.role is None else None


def says_own_work(understood: Understood) -> bool:
    """True for "I am a teacher": the work of a grown-up, in a message that tells of nothing yet."""
    return OWN_WORK in understood.context and not understood.indicators


def seen_at_work(known: Assessment, understood: Understood) -> bool:
    """True where one who has said what work they do tells of a child, or, by the heads, rather of others."""
    roles = understood.roles
    of_others = roles.get("family", 0.0) + roles.get("community", 0.0) > roles.get("self", 0.0)
    of_child = any(one.id == MINOR for one in understood.indicators)
    return AT_WORK in understood.context or (known.own_work and (of_others or of_child))


def names_another(known: Assessment, understood: Understood) -> str | None:
    """Return the role in which they write by plain words ("its about my sister"); None who wants something of us."""
    strange = any(name in (*known.flags, *understood.topics) for name in asides.WANT_OF_US)
    # "Sister, I am in China" speaks to us: a relative who is only named has the heads against it.
    of_self = MYSELF in understood.context or understood.roles.get("self", 0.0) >= _OF_SELF
    return None if strange or of_self else next(iter(understood.about), None)


def sure_end(understood: Understood, sure: float) -> float:
    """Return how sure the classifier alone must be of an end: never where they ask for something."""
    chances = dict(understood.ranking)
    asks = max(chances.get("ask_human", 0.0), chances.get("ask_help", 0.0)) >= _ASKS_TOO
    wants = asides.PERSON in understood.topics or not set(asides.WOMAN_OR_MAN).isdisjoint(understood.topics)
    wants = wants or not {asides.DELETE, asides.LATER, asides.ONLY_WRITE}.isdisjoint(understood.topics)
    denies = bool(understood.denied) or chances.get("deny", 0.0) >= _DENIES_TOO
    asks_of_us = not {DONT_TELL, DONT_GO}.isdisjoint(understood.context)
    return NEVER if asks or wants or denies or asks_of_us else sure


def sure_goodbye(understood: Understood, sure: float) -> float:
    """Return how sure the classifier must be of a goodbye: never where they want us to stay."""
    return NEVER if DONT_GO in understood.context else sure
