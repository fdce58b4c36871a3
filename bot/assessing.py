"""Assessing: what a message adds to the assessment: indicators, risks, doubts worth a question, whom it is about.

Of danger a rule is believed; what the model alone guesses is asked where a wrong belief would hurt.
"""

from __future__ import annotations

from dataclasses import replace

from bot import asides, nearby, unanswered
from bot.meaning import ASKS_WHO_IS_NEAR, SURE_STOP, SURE_UNSAFE, TELLS, age_band
from bot.understanding.findings import MODEL
from bot.understanding.model import Understood
from bot.words import speaks
from content.denials import denied_by
from content.indicators import published
from records.states import NOT_ALONE
from screening.assessment import Assessment
from screening.assessment import Heard as Evidence
from screening.levels import urgent
from screening.rights import owe_rights

_SURE_OF_ROLE = {"report_family": "family", "report_concern": "community"}
_MAYBE_UNSAFE = 0.6
_SURE_STRANGER = 0.8
_SURE_ROLE = 0.6  # below it the writer is asked whom it is about, if we have words to ask
# A child who tells their age and of a boyfriend is heard as family by the heads: by less than this not believed.
_SURE_OF_CHILD = 0.85
_ASKS_AGE = ("age_band", "their_age", "check_minor_at_risk")
# Of 3,867 messages of our own the heads alone doubted below it 190 times whether there is danger: once there was.
_HARDLY = 0.1
# Who says what they want of the line is not near the end of their strength by a guess ("pass me to nobody, thanks").
_OF_THE_TALK = {"person", "no_person", "keep_nothing", "later", "only_write", "returning", "anonymous", "delete"}
# Nor who declines, or whose words the heads surely read as the wages, the debt, the papers of a job. Of 3,867 messages
# of our own the heads alone doubted 53 times whether one is about dying: of the ten that are, none is held back by it.
_DECLINES, _DECLINED = ("deny", "skip", "affirm", "change_language", "ask_human"), 0.6
_OF_WORK = {"wages_withheld", "documents_withheld", "debt_bondage", "recruitment_fee", "earnings_taken"}
_SURE_OF_DEATH = 0.6  # the head itself is sure
_CALM_TOPICS = ("fishing", "officer", "press", "departure", "cost", "what_next", "reading", "back")


def with_findings(known: Assessment, understood: Understood) -> Assessment:
    """Return the assessment with what a message says: indicators, risks, and the risks worth a careful question."""
    other = known.about_other or (known.role is None and _role_told(known, understood) in ("family", "community"))
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
    risks, doubt = _reading_along(known, understood, risks, other=other)
    strange = any(flag in known.flags for flag in asides.WANT_OF_US)  # a journalist, an officer, one who looks for her
    # Who asks what she wrote, on the phone she wrote from; not who came to ask and was misheard once.
    if "fishing" in understood.topics and _told_before(known, strange=strange):
        risks["controller_present"] = Evidence(source="topic")
        known = known.flag(asides.ASKED_BY_OTHER)
    guesses = tuple(name for name, one in risks.items() if one.source == MODEL) if strange else ()
    for name in guesses:  # their questions sound like danger: only a rule is believed, the rest is asked
        del risks[name]
    present = risks.get("controller_present")
    if present is not None and present.source != MODEL:
        # Words about another danger would be read over their shoulder: with a guess of the model alone, we fall silent.
        risks = {name: one for name, one in risks.items() if name == "controller_present" or one.source != MODEL}
    risks |= nearby.harm(known, understood, risks) | nearby.told_again(known, understood)
    possible = {one.id: one.confidence for one in understood.possible if one.id in names}
    news = bool(set(heard) - set(known.indicators))
    known = known.with_(possible={**known.possible, **possible}, tellings=known.tellings + news)
    known = _taken_back(known, understood).hear(indicators=heard, risks=risks)
    if any(one.id == unanswered.SUICIDE and one.source != MODEL for one in understood.risks):
        known = known.with_(despair=True)
    grey = (*(("controller_present",) if doubt else ()), *guesses, *understood.ask)
    asks = [risk for risk in dict.fromkeys(grey) if risk not in known.risks and risk not in known.checked]
    return known.with_(checks=tuple(dict.fromkeys((*known.checks, *_worth_asking(known, understood, asks)))))


def _told_before(known: Assessment, *, strange: bool) -> bool:
    """True where the one who writes here has told of themselves, or waits for a helper: "her" is who writes."""
    of_self = known.role == "self" and (known.handed_off or known.spoke or bool(known.possible or known.risks))
    return not known.about_other and (len(known.indicators) > strange or (of_self and not strange))


def _reading_along(
    known: Assessment, understood: Understood, risks: dict[str, Evidence], *, other: bool
) -> tuple[dict[str, Evidence], bool]:
    """Return the risks, a reader among them only where that is to be believed, and whether to ask about one."""
    unsafe = understood.intent_confidence if understood.intent == "not_safe_now" else 0.0
    # Who has just mocked the robot is asked, and believed when they say so.
    near = known.pending in ASKS_WHO_IS_NEAR
    sure = unsafe >= nearby.sure_end(understood, SURE_UNSAFE) and not near and not known.abuse
    if sure:
        ruled = risks.get("controller_present", Evidence(source=MODEL))
        of_label = Evidence(source="intent", confidence=unsafe)
        reader = of_label if ruled.source == MODEL else replace(ruled, third_party=False)
        risks = {**risks, "controller_present": reader}
    doubt = unsafe >= _MAYBE_UNSAFE and not sure
    if not sure and (other or _only_the_model(known, understood, unsafe)):
        # "He is with her now" may be about another phone, and a model alone is often wrong: asked, not believed.
        popped = risks.get("controller_present")
        risks = {name: one for name, one in risks.items() if name != "controller_present"}
        by_rule = popped is not None and popped.source != MODEL
        doubt = by_rule or ((popped is not None or doubt) and not near)
    return risks, doubt


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
    answers_age = known.pending in _ASKS_AGE and age_band(understood) is not None
    if answers_age or not set(_CALM_TOPICS).isdisjoint(understood.topics):
        return [risk for risk in asks if risk in by_rule]
    asks = [risk for risk in asks if risk in by_rule or not _idle(risk, understood)]
    certain = [risk for risk in asks if risk in by_rule or risk == "controller_present"]  # safety is always asked
    if urgent(known) or known.flow == "queue":  # a person is on the way: a doubt of the model only stands between them
        return certain
    tells = understood.intent in (*TELLS, "ask_help", "not_safe_now") or bool(understood.indicators)
    return certain or (asks[:1] if tells else [])


def _idle(risk: str, understood: Understood) -> bool:
    """True for a doubt of the heads that is worth no question."""
    if risk == "immediate_danger":
        return any(one.id == risk and one.confidence < _HARDLY for one in understood.risks)
    return risk == unanswered.SUICIDE and _no_ground_for_despair(understood)


def _no_ground_for_despair(understood: Understood) -> bool:
    """True where what the heads take for a word about dying is of the talk itself, a refusal, or of a job."""
    doubt = max((one.confidence for one in understood.risks if one.id == unanswered.SUICIDE), default=0.0)
    if doubt >= _SURE_OF_DEATH:
        return not _OF_THE_TALK.isdisjoint(understood.topics)
    declines = understood.intent in _DECLINES and understood.intent_confidence >= _DECLINED
    of_work = any(one.id in _OF_WORK and one.confidence > doubt for one in understood.indicators)
    return declines or of_work or not _OF_THE_TALK.isdisjoint(understood.topics)


def _only_the_model(known: Assessment, understood: Understood, unsafe: float) -> bool:
    """True when nothing but the model says that somebody reads along, in a language that has rules and words to ask."""
    heard = [one for one in understood.risks if one.id == "controller_present"]
    by_rule = any(one.source != MODEL for one in heard)
    # Who told us of themselves and then wants to know who we are, in words of another: the phone has changed hands.
    asks_us = understood.intent == "ask_identity" and understood.intent_confidence >= _SURE_STRANGER
    stranger = asks_us and bool(known.indicators) and any(one.confidence >= _SURE_STRANGER for one in heard)
    if nearby.danger_before(known):
        return False
    unlikely = unsafe < nearby.sure_end(understood, SURE_STOP) or known.abuse > 0
    return not by_rule and not stranger and unlikely and speaks(understood.language.code)


def doubt_of(before: Assessment, told: Assessment, understood: Understood) -> str:
    """Return what this message says against an earlier "it is safe"; of danger a guess of the model must be sure."""
    unsafe = understood.intent == "not_safe_now" and understood.intent_confidence >= _MAYBE_UNSAFE
    heard = {one.id for one in understood.risks if one.band == "sure" or one.source != MODEL or one.id == NOT_ALONE}
    heard |= set(told.risks) - set(before.risks)
    if unsafe or NOT_ALONE in heard:
        return NOT_ALONE
    return "immediate_danger" if "immediate_danger" in heard else ""


def with_progress(known: Assessment, understood: Understood, intent: str) -> Assessment:
    """Fill what the message says by itself: that something was told, and about whom."""
    if intent != "not_understood":
        known = known.with_(unclear_in_row=0)
    if asides.NO_PERSON in understood.topics and not known.handed_off:
        known = known.with_(person="no")
    if asides.ONLY_WRITE in understood.topics:  # whatever the message is answered with
        known = known.flag(asides.ONLY_WRITE)
    has_own_answer = asides.RIGHTS not in understood.topics and asides.topic_of(understood, intent) is not None
    if intent == "ask_rights" and known.safe != "yes" and not has_own_answer:
        known = owe_rights(known)
    if nearby.says_own_work(understood):
        known = known.with_(own_work=True)
    tells = understood.intent in TELLS or bool(understood.indicators)
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
    if nearby.seen_at_work(known, understood) and not known.about_other:
        return known.with_(role="community")
    named = nearby.names_another(known, understood)
    if named and not known.about_other:
        return known.with_(role=named)
    if understood.roles[other] >= _sure_of_other(understood) and not known.about_other:
        return known.with_(role=other)
    if any(flag in known.flags for flag in asides.WANT_OF_US):  # a journalist or an officer tells nothing of their own
        return known
    of_self = known.role is None and bool(known.indicators or known.risks) and understood.roles["self"] >= _SURE_ROLE
    return known.with_(role="self") if of_self else known


def _sure_of_other(understood: Understood) -> float:
    """Return how sure the heads must be that it is about another."""
    child = any(one.id == "minor_at_risk" and one.source != MODEL for one in understood.risks)
    return _SURE_OF_CHILD if child and not understood.about else _SURE_ROLE


def _role_told(known: Assessment, understood: Understood) -> str | None:
    """Return whom it is about as far as the message says so; a doubt is left to the question, where we can ask it."""
    if nearby.seen_at_work(known, understood):
        return "community"
    if understood.intent_confidence < _sure_of_other(understood) and speaks(understood.language.code):
        return None
    return _SURE_OF_ROLE.get(understood.intent) or understood.role
