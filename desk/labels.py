"""Labels: what staff read for each id. Plain words, never the contact's.

A finding is language-neutral, so its label can stand in lists, cards and notices, in the language of whoever
reads. Titles of indicators come from `content/indicators.yml`; an id without a title is shown as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from babel import Locale
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from content.catalogue import SOURCE, catalogue, written
from content.indicators import indicators
from content.languages import Language, recognised
from records.staff.desk import WANTS_LANGUAGE

_CLDR = {"tl": "fil"}  # as the tables of names call it
_LANGUAGE = "language:"  # before the code, where languages were offered


@dataclass(frozen=True, slots=True)
class LevelLabel:
    """A level as staff see it; `value` names its colour and shape."""

    value: str
    word: str | Promise
    order: int


LEVELS = {
    "urgent": LevelLabel("urgent", _("Urgent"), 0),
    "priority": LevelLabel("priority", _("Priority"), 1),
    "offer": LevelLabel("offer", _("Offer"), 2),
    "info": LevelLabel("info", _("Info"), 3),
}
NO_LEVEL = LevelLabel("none", _("No level yet"), 4)

# Whether one may write says the line above the reply box (`desk.gate`) and nothing else: a risk is what was heard.
RISKS = {
    "immediate_danger": _("In danger now"),
    "suicide_self_harm": _("May end their life or hurt themselves"),
    "medical_emergency": _("Needs a doctor now"),
    "minor_at_risk": _("A child may be at risk"),
    "controller_present": _("Perhaps not alone"),
    "sexual_violence_recent": _("Recent sexual violence: medical care soon"),
}
# Who should write with them: told apart from the other reasons, for it concerns whoever claims.
WISHES = {"wants_woman": _("Asked for a woman to write"), "wants_man": _("Asked for a man to write")}
REASONS = {
    "ask_human": _("Asked for a person"),
    "wants_person": _("Wants a person"),
    **WISHES,
    "no_answer_to_offer": _("Was offered a person and did not say no"),
    "ask_services": _("Asks for a service"),
    "report_concern": _("Reports a concern about someone"),
    "report_family": _("Worried about someone close"),
    "language_missing": _("Writes in a language the bot does not have"),
    "unclear_twice": _("The bot did not understand twice"),
    "technical": _("The bot could not answer"),
    "bot_failed": _("The bot could not answer"),
    "child_with_indicator": _("Under 18, with another indicator"),
    "child_alone": _("May be under 18"),
    "some_points": _("Some signs were heard"),
    "need_named": _("Said what would help"),
    "report": _("Reports about another person"),
    "heard": _("Told something"),
    "positive.CON": _("Answers point to control"),
    "positive.EXP": _("Answers point to exploitation"),
    "positive.REC": _("Answers point to deceptive recruitment"),
    "positive.VUL": _("Answers point to abused need"),
    "strong.CON": _("A strong sign of control"),
    "strong.EXP": _("A strong sign of exploitation"),
    "minor": _("May be under 18"),
    "keep_nothing": _("Wants nothing stored"),
    "asked_by_other": _("Somebody asked on their phone what they had told"),
    "wants_deleted": _("Asked to delete everything: perhaps not they themselves"),
    "fishing": _("May be fishing for information about someone"),
    "officer": _("Says they are police, an officer or a lawyer"),
    "press": _("Press, school or research"),
    "ransom": _("Somebody asks for money so that a person is let go"),
    "before_departure": _("Asks before leaving: is this offer all right"),
    "only_write": _("Must not be phoned: write only"),
    "asked_for_a_time": _("Named a time to be written to"),
    "complaint": _("Complains about an officer or one of us"),
    "duress": _("Wrote their code for danger: somebody makes them write"),
    "returned_with_word": _("Came back and wrote their word"),
    "opted_out": _("Their phone blocks our messages"),
    "not_reached": _("Our messages do not reach them"),
    "was_not_reached": _("Our messages did not reach them for a while"),
    "late": _("What they wrote reached us late"),
    "worker_away": _("Came back: the worker was away"),
    "worker_break": _("Came back: the worker was on a break"),
    "worker_lost": _("Came back: the worker lost password or phone"),
    "worker_off": _("Came back: the worker's account was switched off"),
    "worker_signed_out": _("Came back: the worker was signed out everywhere"),
    "doubt.controller_present": _("Perhaps not alone"),
    "doubt.immediate_danger": _("Perhaps in danger now"),
}
CHANNELS = {
    "sms": "SMS",
    "telegram": "Telegram",
    "whatsapp": "WhatsApp",
    "sim-sms": "SMS",
    "sim-telegram": "Telegram",
}
OUTCOMES = {
    "helped": _("Helped, nothing more to do now"),
    "referred": _("Referred to another service"),
    "emergency": _("Handed over to emergency services"),
    "police": _("Handed over to the police, as they wished"),
    "information_given": _("Information given"),
    "declined": _("Declined help, may come back"),
    "no_answer": _("Stopped answering"),
    "not_for_us": _("Another kind of need, referred on"),
    "test_or_misuse": _("Test or misuse"),
    "other": _("Something else"),
}
OWNERS = {"bot": _("The bot answers"), "queue": _("Waits for a person"), "closed": _("Closed")}

DETAILS = {
    "age": _("Age"),
    "duration": _("How long"),
    "money": _("A sum"),
    "phone": _("A phone number"),
    "place": _("A place"),
    "time": _("A time"),
    "date": _("A day"),
}


def level(value: str | None) -> LevelLabel:
    """The label of a level; None is none yet."""
    return LEVELS.get(value or "", NO_LEVEL)


def finding(finding_id: str) -> str:
    """A finding, risk or hand-off reason in plain words."""
    if finding_id.startswith(WANTS_LANGUAGE):
        wanted = language_name(finding_id.removeprefix(WANTS_LANGUAGE))
        return gettext("For somebody who speaks %(language)s") % {"language": wanted}
    finding_id = finding_id.removeprefix("risk.")
    for names in (RISKS, REASONS):
        if finding_id in names:
            return str(names[finding_id])
    known = indicators().get(finding_id)
    return gettext(known.title) if known else spelled(finding_id)


def wish(reasons: Iterable[str]) -> str:
    """Whom they asked for, a woman or a man; empty if either is welcome or nobody asked."""
    return next((str(WISHES[one]) for one in reasons if one in WISHES), "")


def detail(kind: str) -> str:
    """A detail that was read out of a message: an age, a sum, a place."""
    return str(DETAILS.get(kind) or spelled(kind))


def channel(name: str) -> str:
    """A channel as staff call it."""
    return CHANNELS.get(name, spelled(name))


def language(code: str | None) -> Language | None:
    """A language by its code; None when it is not known."""
    return recognised().get(code or "")


def language_name(code: str) -> str:
    """A language as the reader's own language calls it."""
    known = recognised().get(code)
    return str(locale().languages.get(_CLDR.get(code, code)) or (known.english_name if known else code))


def country(code: str | None) -> str:
    """A country as the reader's own language calls it; empty for none."""
    return str(locale().territories.get(code, code)) if code else ""


def locale() -> Locale:
    """How names of the world are written in the language of the desk."""
    return Locale.parse(desk_language())


def desk_language() -> str:
    """The code of the language that this page is made in; contacts' sentences are shown in it beside their own."""
    code = (get_language() or SOURCE).split("-")[0]
    return code if code in written() else SOURCE


def said(key: str) -> str:
    """A sentence of the catalogue as the reader's own language says it, its braces unfilled; empty if unknown."""
    sentence = catalogue(desk_language()).sentences.get(key)
    return sentence.text if sentence else ""


def option(name: str) -> str:
    """An answer that was offered, in the reader's own language."""
    if name.startswith(_LANGUAGE):
        return language_name(name.removeprefix(_LANGUAGE))
    return said(f"option.{name}") or spelled(name)


def spelled(some_id: str) -> str:
    """An id without a label: better its own letters than nothing."""
    return some_id.replace("_", " ").replace("-", " ").capitalize()
