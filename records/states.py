"""The states that rows can be in, and the two facts about channels that records need.

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


class StaffRole(models.TextChoices):
    """What a member of staff may do; the desk holds the list."""

    WORKER = "worker"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


class Actor(models.TextChoices):
    """Who did what an audit row tells."""

    BOT = "bot"
    STAFF = "staff"
    SYSTEM = "system"
    CONTACT = "contact"


UNFINISHED = (OutboxStatus.WAITING, OutboxStatus.SENDING)


def valid_for_s(channel: str) -> int:
    """Seconds that a message stays worth sending; after that the phone may be in other hands (law 7)."""
    return 1800 if "telegram" in channel else 600
