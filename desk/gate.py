"""Gate: whether the reply box is open. Who may be reading at the other end decides, not who writes here.

Closed while the contact said that it is not safe, ended the chat, had it erased, or has been silent for longer than the
gap: then only the safety phrase or the agreed time is offered, and a worker who knows better gives a reason, which is
audited. Shut while they block our messages, or write where this line has no channel. The server asks again when the
reply arrives.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels.simulator import look_of
from content.triage import triage
from records.messages.law8 import erased_their_chat
from records.messages.material import ConversationFacts
from records.states import NOT_ALONE, SafeAnswer, valid_for_s


class Gate(Enum):
    """Why the box is closed; OPEN if it is not."""

    OPEN = "open"
    SILENT = "silent"  # their last word is older than the gap: the phone may be in other hands
    NOT_SAFE = "not_safe"
    ENDED = "ended"
    ERASED = "erased"  # they had the chat erased: whoever holds the phone is not to see it
    OPTED_OUT = "opted_out"  # nothing would arrive: no reason opens it
    NOT_CARRIED = "not_carried"  # nothing would leave: the same


NOTHING_ARRIVES = frozenset({Gate.OPTED_OUT, Gate.NOT_CARRIED})


# What a closed gate lets through: the phrases that ask whether it is safe.
ALWAYS = ("ask.safe", "ask.safe.again")

# Why a worker writes although the box is closed: ids, for the audit row has no room for a text.
REASONS = {
    "in_talk": gettext_lazy("We are in the middle of a talk, and I am sure that it is still them"),
    "asked_to": gettext_lazy("They asked me to write now"),
    "other_way": gettext_lazy("They told me another way that it is safe"),
    "danger": gettext_lazy("Danger to life: not writing is the greater risk"),
    "supervisor": gettext_lazy("Agreed with the supervisor"),
}


@dataclass(frozen=True, slots=True)
class Safety:
    """The last answer to "is it safe to write", in one word and in a sentence."""

    word: str  # yes | no | unsure | unknown
    sentence: str


def gate(of: ConversationFacts, now: datetime) -> Gate:
    """Whether a worker may simply write now."""
    if not _carried(of):
        return Gate.NOT_CARRIED
    if of.opted_out_at:
        return Gate.OPTED_OUT
    if of.ended_at:
        return Gate.ENDED
    if of.not_safe_at or of.safe_answer == "no":
        return Gate.NOT_SAFE
    if erased_their_chat(of):
        return Gate.ERASED
    heard = of.last_in_at or of.started_at
    if of.safe_answer == SafeAnswer.YES and of.safe_at:  # also what they told a worker, with the bot's runner down
        heard = max(heard, of.safe_at)
    gap = timedelta(minutes=triage().gaps_minutes[look_of(of.channel)])
    return Gate.SILENT if now - heard > gap else Gate.OPEN


def _carried(of: ConversationFacts) -> bool:
    """Whether this line has their channel. A practice has a number below zero, and needs none."""
    return of.id < 0 or settings.LANTERN.carries(of.channel)


def why_closed(reason: Gate) -> str:
    """The sentence above a closed box."""
    return {
        Gate.SILENT: _("They have been silent for a while, and the phone may be in other hands. Ask first."),
        Gate.NOT_SAFE: _("They said that it is not safe. Somebody may be reading. Best is to wait until they write."),
        Gate.ENDED: _("They ended the chat. Somebody may be reading. Best is to wait until they write."),
        Gate.ERASED: _(
            "They had the whole chat erased and have not written since. What you write now stands alone on their phone,"
            " for whoever holds it. Best is to wait until they write."
        ),
        Gate.OPTED_OUT: _("Their phone blocks our messages. Nothing that you send would arrive."),
        Gate.NOT_CARRIED: _(
            "This channel is not set up: nothing that you write would leave. Tell the operator now; look for another"
            " way that they named as safe, and note what you did."
        ),
    }.get(reason, "")


def safety(of: ConversationFacts, now: datetime) -> Safety:
    """The last answer to "is it safe to write", with its age."""
    if (against := _against(of)) is not None:
        return Safety("no", against)
    if of.doubt or of.safe_answer != "yes" or of.safe_at is None:
        return _not_known(of)
    minutes = max(0, int((now - of.safe_at).total_seconds() // 60))
    last = max(of.safe_at, of.last_in_at or of.safe_at)
    if now - last > timedelta(seconds=valid_for_s(of.channel)):
        old = _("They said it was safe %(minutes)d min ago. The phone may be in other hands: ask again first.")
        return Safety("unknown", old % {"minutes": minutes})
    if not minutes:
        return Safety("yes", _("Safe to write: they said so less than a minute ago."))
    return Safety("yes", _("Safe to write: they said so %(minutes)d min ago.") % {"minutes": minutes})


def _against(of: ConversationFacts) -> str | None:
    """Why they are not to be written to now, whatever they answered before."""
    if not _carried(of):
        return _("Nothing reaches them: this channel is not set up here.")
    if of.opted_out_at:
        return _("Nothing reaches them: their phone blocks our messages.")
    if of.ended_at:
        return _("They ended the chat. Do not write until they do.")
    if of.not_safe_at or of.safe_answer == "no":
        return _("Not safe to write: they said so. Do not write until they do.")
    if erased_their_chat(of):
        return _("They had the chat erased and have not written since. Do not write until they do.")
    return None


def _not_known(of: ConversationFacts) -> Safety:
    if of.doubt:
        return Safety("unsure", _doubt(of))
    if of.safe_answer == "unsure":
        return Safety("unsure", _("Is it safe to write? They are not sure. Ask first."))
    return Safety("unknown", _("Is it safe to write? Nobody knows yet. Ask first."))


def _doubt(of: ConversationFacts) -> str:
    """What was heard since they last answered, or before they ever did."""
    if of.safe_answer != SafeAnswer.YES:
        if of.doubt == NOT_ALONE:
            return _("Is it safe to write? They are perhaps not alone. Ask first.")
        return _("Is it safe to write? They are in danger. Ask first.")
    if of.doubt == NOT_ALONE:
        return _("They said yes, but since then: perhaps not alone. Ask again first.")
    return _("They said yes, but since then: in danger. Ask again first.")
