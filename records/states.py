"""The states that rows can be in, and the few facts about channels that records need.

Text columns hold exactly these values; a state that is not known yet is NULL.
"""

from __future__ import annotations

from django.db import models


class Owner(models.TextChoices):
    """Who answers in a conversation."""

    BOT = "bot"
    QUEUE = "queue"
    STAFF = "staff"
    CLOSED = "closed"


class Level(models.TextChoices):
    """How soon a person is needed, most urgent first."""

    URGENT = "urgent"
    PRIORITY = "priority"
    OFFER = "offer"
    INFO = "info"


class Role(models.TextChoices):
    """About whom the contact writes."""

    SELF = "self"
    FAMILY = "family"
    COMMUNITY = "community"


class Consent(models.TextChoices):
    """The answer to "may we keep your messages"."""

    YES = "yes"
    NO = "no"


class SafeAnswer(models.TextChoices):
    """The last answer to "is it safe to write now"."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"


NOT_ALONE = "controller_present"  # the risk that somebody reads along: it speaks against whatever they answered before


class Author(models.TextChoices):
    """Who wrote an outgoing message; `system` is a fixed line around the work of staff."""

    BOT = "bot"
    STAFF = "staff"
    SYSTEM = "system"


class InboxStatus(models.TextChoices):
    """Where an incoming message stands."""

    NEW = "new"
    DONE = "done"
    FAILED = "failed"


class OutboxStatus(models.TextChoices):
    """Where an outgoing message stands; `unknown`: perhaps sent, and nobody can be asked."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    DROPPED = "dropped"
    UNKNOWN = "unknown"


REACHED_NOBODY = (OutboxStatus.DROPPED, OutboxStatus.FAILED)


class DropReason(models.TextChoices):
    """Why an outgoing message was closed unsent. The desk has a sentence for each, and what to do about it."""

    OPTED_OUT = "opted_out"
    ENDED = "ended"
    NOT_SAFE = "not_safe"
    TOO_OLD = "too_old"
    ASKED_TOO_LONG_AGO = "asked_too_long_ago"
    SAFETY_UNKNOWN = "safety_unknown"
    FLOOD = "flood"
    OVERTAKEN = "overtaken"
    STAFF_HAS_IT = "staff_has_it"
    CLAIMED = "claimed"
    CLOSED = "closed"
    ERASED = "erased"
    CHAT_ERASED = "chat_erased"


SEAL_BROKEN = (
    "seal_broken"  # why one failed that could not be opened; all others failed for a cause of `channels.errors`
)


class StaffRole(models.TextChoices):
    """What a member of staff may do; the desk holds the list."""

    WORKER = "worker"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


class Presence(models.TextChoices):
    """Whether a member of staff can be given a conversation."""

    HERE = "here"
    BREAK = "break"
    AWAY = "away"  # not seen for a while, or gone home


class Theme(models.TextChoices):
    """How the desk looks to somebody; `auto` follows their machine."""

    AUTO = "auto"
    LIGHT = "light"
    DARK = "dark"


class DraftKind(models.TextChoices):
    """What is being written: words to the contact, or for staff only."""

    REPLY = "reply"
    NOTE = "note"


class AlertBy(models.TextChoices):
    """How somebody is told that a conversation waits too long."""

    DESK = "desk"
    EMAIL = "email"
    SMS = "sms"
    TELEGRAM = "telegram"


class AlertStatus(models.TextChoices):
    """Where an alert stands; one that nobody needs any more is dropped."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"


class Actor(models.TextChoices):
    """Who did what an audit row tells."""

    BOT = "bot"
    STAFF = "staff"
    SYSTEM = "system"
    CONTACT = "contact"


class CaseState(models.TextChoices):
    """Where a case stands."""

    ACTIVE = "active"
    FOLLOW_UP = "follow_up"
    CLOSED = "closed"
    REFERRED = "referred"  # closed, and another organisation goes on


class ConsentKind(models.TextChoices):
    """What a person can say yes or no to; each is asked for alone."""

    KEEP = "keep"  # that we keep a record
    SHARE = "share"  # that we give it to one organisation
    POLICE = "police"  # that we report to the police
    CONTACT = "contact"  # that we write or call at the time they named
    INTERPRETER = "interpreter"  # that an interpreter reads along


class ReferralState(models.TextChoices):
    """What became of a referral."""

    OFFERED = "offered"  # they were told of the service
    MADE = "made"  # with their yes, we have told the service
    ARRIVED = "arrived"
    DECLINED = "declined"
    FAILED = "failed"  # full, closed, could not help


class ShiftKind(models.TextChoices):
    """How a person is there."""

    DESK = "desk"
    ON_CALL = "on_call"


class WordsState(models.TextChoices):
    """Whether a person who speaks the language has read the words."""

    DRAFT = "draft"
    REVIEWED = "reviewed"


class DecisionVerdict(models.TextChoices):
    """What a supervisor says of a decision about urgency."""

    RIGHT = "right"  # urgent, and it was
    FALSE = "false"  # urgent, and it was not
    MISSED = "missed"  # not urgent, and it should have been


# Whose keys open what is closed; `desk.roles` gives no other role the right to read.
READS = (StaffRole.WORKER, StaffRole.SUPERVISOR)

NOT_REACHED = "not_reached"  # the reason of a hand-off: what we answer does not arrive
WAS_NOT_REACHED = "was_not_reached"  # what stays of it, where it was the only reason, once something arrived

UNFINISHED = (OutboxStatus.WAITING, OutboxStatus.SENDING)


CANARY = "canary"  # the channel of the self-test; `channels.simulator` takes what is sent on it


def tells_arrival(channel: str) -> bool:
    """True where the provider says when a message is on the phone; elsewhere that it took it is all we ever hear."""
    return channel in ("sms", "whatsapp")


def valid_for_s(channel: str) -> int:
    """Seconds that a message stays worth sending; after that the phone may be in other hands (law 7)."""
    return 1800 if "telegram" in channel else 600
