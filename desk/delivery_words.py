"""Delivery words: what became of a message of ours, and what a worker does about it, for each code that a row can hold.

While it is tried again the cause says itself (`channels/errors.py`); what was given up has words of its own here, for
"we keep trying" would not be true any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from channels.errors import cause_named
from desk.labels import spelled
from desk.ways import OPEN, Way
from records.messages.lost import kind_of_loss
from records.staff.notices import SAFETY_NOT_SAID
from records.states import REACHED_NOBODY, SEAL_BROKEN, Author, DropReason, OutboxStatus


@dataclass(frozen=True, slots=True)
class Words:
    """Why it did not arrive, and what to do; of a dropped one `why` ends a sentence that has begun."""

    why: str | Promise
    do: str | Promise


_ASK_FIRST = _("Ask first whether it is safe.")
_WAIT = _("Wait until they write.")
_ONCE_MORE = _("If it is still right and safe, send it once more.")
_OPERATOR = _("Tell the operator now: nobody gets it before that is mended.")
_NOTHING = _("There is nothing to do.")
_ANOTHER_WAY = _("Nothing that you send arrives. Use another way only if they named one that is safe.")

DROPPED = {
    DropReason.OPTED_OUT: Words(_("their phone blocks our messages"), _ANOTHER_WAY),
    DropReason.ENDED: Words(_("the contact ended the chat since it was written"), _WAIT),
    DropReason.NOT_SAFE: Words(_("the contact said it is not safe since it was written"), _WAIT),
    DropReason.TOO_OLD: Words(_("it was too old to be safe: the phone may be in other hands"), _ASK_FIRST),
    DropReason.ASKED_TOO_LONG_AGO: Words(
        _("what it answers came late through an outage: the phone may be in other hands"), _ASK_FIRST
    ),
    DropReason.SAFETY_UNKNOWN: Words(_("nobody knows whether it is safe now"), _ASK_FIRST),
    DropReason.FLOOD: Words(_("they wrote very many messages in a minute, and the last of them is answered"), _NOTHING),
    DropReason.OVERTAKEN: Words(_("they wrote again while it waited, and a newer answer stands for it"), _NOTHING),
    DropReason.STAFF_HAS_IT: Words(
        _("a person had taken over from the bot"), _("Whoever has it says it, if it still matters.")
    ),
    DropReason.CLAIMED: Words(
        _("a person had taken over from the bot"), _("Whoever has it says it, if it still matters.")
    ),
    DropReason.CLOSED: Words(_("the conversation was closed"), _NOTHING),
    DropReason.CHAT_ERASED: Words(_("they had the chat erased and have not written since"), _WAIT),
    DropReason.ERASED: Words(_("the conversation was erased"), _NOTHING),
}
_ANSWERED_SINCE = (DropReason.FLOOD, DropReason.OVERTAKEN)  # a newer line says what still holds
_PERSON_CAME_FIRST = (DropReason.STAFF_HAS_IT, DropReason.CLAIMED)
_OF_WHO_COMES = "handoff."  # keys of what the bot says about a person who is to come
# By the name of the cause: what is given up for it.
FAILED = {
    "ProviderBusy": Words(_("The provider had no room for it in time."), _ONCE_MORE),
    "ProviderUnreachable": Words(
        _("The provider could not be reached in time."),
        _("Send it once more when messages go out again; tell the operator if they do not."),
    ),
    "ProviderFailing": Words(
        _("The provider answered with errors of its own."),
        _("Send it once more when messages go out again; tell the operator if they do not."),
    ),
    "FateUnknown": Words(
        _("The connection broke while sending: this message may or may not have arrived."),
        _("If no answer comes, ask or send it once more."),
    ),
    "PhoneUnreachable": Words(_("The phone is switched off or out of reach."), _ONCE_MORE),
    "NotYet": Words(_("The provider did not finish with it in time."), _ONCE_MORE),
    "OptedOut": Words(
        _("This number has texted STOP; the provider delivers nothing until it texts START."), _ANOTHER_WAY
    ),
    "Blocked": Words(_("The contact has blocked the bot or closed their account."), _ANOTHER_WAY),
    "WrongAddress": Words(_("This number or chat does not exist or cannot receive messages."), _ANOTHER_WAY),
    "TooLate": Words(_("The provider could not deliver it in time and dropped it."), _ASK_FIRST),
    "NotRouted": Words(_("The provider does not deliver to this country or network from our number."), _OPERATOR),
    "Filtered": Words(
        _("The phone network refused this text as unwanted."), _("Say it in other words, without links.")
    ),
    "TooLong": Words(_("The message is too long for this channel."), _("Send it in shorter pieces.")),
    "PartlySent": Words(_("Only the beginning of this long message was sent."), _("Send the rest again.")),
    "WindowClosed": Words(_("WhatsApp takes our words only within 24 hours of theirs."), _WAIT),
    "Credentials": Words(_("The provider refuses our account or password."), _OPERATOR),
    "SenderNotReady": Words(_("Our number may not send, for example because it is not registered."), _OPERATOR),
    "Refused": Words(
        _("The provider refused the message as malformed."),
        _("Say it in other words; tell the operator if that fails too."),
    ),
    SEAL_BROKEN: Words(
        _("It could not be opened: its key or its place is wrong."), _("Write it again, and tell the operator.")
    ),
}


def delivery(
    status: str, reason: str, way: Way = OPEN, *, urgent: bool = False, keys: str = "", stale: bool = False
) -> tuple[str, bool]:
    """What became of a message of ours, in plain words, and whether staff should care.

    `urgent` and `keys`: what it was of the bot's. `stale`: its time is over, so it is not sent any more, although
    nobody has come to put it away.
    """
    if status == OutboxStatus.WAITING and (stale or not way.carried):
        return lost(DropReason.TOO_OLD) if way.carried else not_carried(), True
    if status == OutboxStatus.WAITING and way.since:
        said = gettext("Waiting to be sent. Nothing goes out since %(time)s. %(why)s")
        return said % {"time": clock(way.since), "why": while_trying(way.cause)}, True
    if status == OutboxStatus.DROPPED and reason in _PERSON_CAME_FIRST:
        return _kept_back(reason, urgent=urgent, keys=keys)
    if status in REACHED_NOBODY:
        said = lost(reason, failed=status == OutboxStatus.FAILED or reason not in DropReason.values)
        return said, reason not in _ANSWERED_SINCE
    if status == OutboxStatus.UNKNOWN:
        said = gettext("It may or may not have arrived, and nobody can be asked. %(do)s")
        return said % {"do": FAILED["FateUnknown"].do}, True
    if status == OutboxStatus.WAITING and reason:
        return gettext("Waiting for the next try. %(why)s") % {"why": while_trying(reason)}, True
    plain = {
        OutboxStatus.WAITING: gettext("Waiting to be sent"),
        OutboxStatus.SENDING: gettext("Being sent"),
        OutboxStatus.SENT: gettext("Sent"),
        OutboxStatus.DELIVERED: gettext("Delivered to the phone"),
    }
    return plain.get(OutboxStatus(status), status), False


def _kept_back(reason: str, *, urgent: bool, keys: str) -> tuple[str, bool]:
    """Why the bot's words were kept back when somebody took over: what keeps nobody safe is not said to be urgent."""
    if kind_of_loss(Author.BOT, reason, urgent=urgent, keys=keys) == SAFETY_NOT_SAID:
        return gettext("Not sent: a person had taken over from the bot. It was urgent: say it yourself now."), True
    if keys and all(key.startswith(_OF_WHO_COMES) for key in keys.split()):
        return _not_sent(Words(DROPPED[DropReason(reason)].why, _NOTHING)), False
    return lost(reason), True


def lost(reason: str, *, failed: bool = False) -> str:
    """Why a message of ours is given up, and what to do; `failed` begins with that word where the reason has none."""
    if reason in DropReason.values:
        return _not_sent(DROPPED[DropReason(reason)])
    known = FAILED.get(reason)
    why = f"{known.why} {known.do}" if known else spelled(reason)
    return gettext("Failed. %(why)s") % {"why": why} if failed else why


def _not_sent(words: Words) -> str:
    return gettext("Not sent: %(why)s. %(do)s") % {"why": words.why, "do": words.do}


def not_carried() -> str:
    """What they wrote came in, and no answer can go out."""
    return gettext("Not sent: this channel is not set up, and nothing goes out on it. Tell the operator now.")


def clock(at: datetime) -> str:
    """A time as the reader's clock shows it; it says UTC where nobody knows that clock."""
    zone = timezone.get_current_timezone_name()
    return timezone.localtime(at).strftime("%H:%M UTC" if zone == "UTC" else "%H:%M")


def while_trying(reason: str) -> str:
    """Why a message of ours waits for its next try."""
    cause = cause_named(reason)
    return gettext(cause.sentence()) if cause else spelled(reason)
