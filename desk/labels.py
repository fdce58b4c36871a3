"""Labels: what staff read for each id. Plain words, never the contact's.

A finding is language-neutral, so its label can stand in lists, cards and notices. Titles of
indicators come from `content/indicators.yml`; an id without a title is shown as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

from channels.errors import cause_named
from content.indicators import indicators
from content.languages import Language, recognised
from records.states import OutboxStatus


@dataclass(frozen=True, slots=True)
class LevelLabel:
    """A level as staff see it; `value` names its colour and shape."""

    value: str
    word: str
    order: int


LEVELS = {
    "urgent": LevelLabel("urgent", "Urgent", 0),
    "priority": LevelLabel("priority", "Priority", 1),
    "offer": LevelLabel("offer", "Offer", 2),
    "info": LevelLabel("info", "Info", 3),
}
NO_LEVEL = LevelLabel("none", "No level yet", 4)

RISKS = {
    "immediate_danger": "In danger now",
    "suicide_self_harm": "May end their life or hurt themselves",
    "medical_emergency": "Needs a doctor now",
    "minor_at_risk": "A child may be at risk",
    "controller_present": "Not alone: not safe to write",
    "sexual_violence_recent": "Recent sexual violence: medical care soon",
}
REASONS = {
    "ask_human": "Asked for a person",
    "wants_person": "Wants a person",
    "no_answer_to_offer": "Was offered a person and did not say no",
    "ask_services": "Asks for a service",
    "report_concern": "Reports a concern about someone",
    "report_family": "Worried about someone close",
    "language_missing": "Writes in a language the bot does not have",
    "unclear_twice": "The bot did not understand twice",
    "technical": "The bot could not answer",
    "bot_failed": "The bot could not answer",
    "child_with_indicator": "Under 18, with another indicator",
    "child_alone": "May be under 18",
    "some_points": "Some signs were heard",
    "need_named": "Said what would help",
    "report": "Reports about another person",
    "heard": "Told something",
    "positive.CON": "Answers point to control",
    "positive.EXP": "Answers point to exploitation",
    "positive.REC": "Answers point to deceptive recruitment",
    "positive.VUL": "Answers point to abused need",
    "strong.CON": "A strong sign of control",
    "strong.EXP": "A strong sign of exploitation",
    "minor": "May be under 18",
    "fishing": "May be fishing for information about someone",
    "opted_out": "Their phone blocks our messages",
}
CHANNELS = {
    "sms": "SMS",
    "telegram": "Telegram",
    "sim-sms": "SMS",
    "sim-telegram": "Telegram",
}
OUTCOMES = {
    "helped": "Helped, nothing more to do now",
    "referred": "Referred to another service",
    "information_given": "Information given",
    "declined": "Declined help, may come back",
    "no_answer": "Stopped answering",
    "not_for_us": "Another kind of need, referred on",
    "test_or_misuse": "Test or misuse",
    "other": "Something else",
}
OWNERS = {"bot": "The bot answers", "queue": "Waits for a person", "closed": "Closed"}

_DROPPED = {
    "opted_out": "their phone blocks our messages",
    "ended": "the contact ended the chat since it was written",
    "not_safe": "the contact said it is not safe since it was written",
    "too_old": "it was too old to be safe: the phone may be in other hands",
    "staff_has_it": "a person had taken over from the bot",
    "claimed": "a person had taken over from the bot",
    "closed": "the conversation was closed",
    "safety_unknown": "nobody knows whether it is safe now",
    "erased": "the conversation was erased",
    "newer_words": "the contact wrote again first",
    "answered": "the contact wrote again first",
    "handed_back": "the conversation was handed back first",
}
_FAILED = {"seal_broken": "it could not be opened; the operator must look"}


def level(value: str | None) -> LevelLabel:
    """The label of a level; None is none yet."""
    return LEVELS.get(value or "", NO_LEVEL)


def finding(finding_id: str) -> str:
    """A finding, risk or hand-off reason in plain words."""
    finding_id = finding_id.removeprefix("risk.")
    for names in (RISKS, REASONS):
        if finding_id in names:
            return names[finding_id]
    known = indicators().get(finding_id)
    return known.title if known else _spelled(finding_id)


def channel(name: str) -> str:
    """A channel as staff call it."""
    return CHANNELS.get(name, _spelled(name))


def language(code: str | None) -> Language | None:
    """A language by its code; None when it is not known."""
    return recognised().get(code or "")


def delivery(status: str, reason: str) -> tuple[str, bool]:
    """What became of a message of ours, in plain words, and whether staff should care."""
    if status == OutboxStatus.DROPPED:
        return f"Not sent: {_DROPPED.get(reason, _spelled(reason).lower())}", True
    if status == OutboxStatus.FAILED:
        return f"Failed. {_cause(reason)}", True
    if status == OutboxStatus.UNKNOWN:
        return "It may or may not have arrived, and nobody can be asked", True
    if status == OutboxStatus.WAITING and reason:
        return f"Waiting for the next try. {_cause(reason)}", True
    plain = {
        OutboxStatus.WAITING: "Waiting to be sent",
        OutboxStatus.SENDING: "Being sent",
        OutboxStatus.SENT: "Sent",
        OutboxStatus.DELIVERED: "Delivered to the phone",
    }
    return plain.get(OutboxStatus(status), status), False


def _cause(reason: str) -> str:
    if reason in _FAILED:
        return _FAILED[reason]
    cause = cause_named(reason)
    return cause.sentence() if cause else _spelled(reason)


def _spelled(some_id: str) -> str:
    """An id without a label: better its own letters than nothing."""
    return some_id.replace("_", " ").replace("-", " ").capitalize()
