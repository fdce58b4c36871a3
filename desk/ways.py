"""Ways: how the channel of a conversation stands now, for whoever waits to hear that their words went out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Min

from records.messages import providers
from records.models import Conversation
from records.states import Owner

REAL = ("sms", "whatsapp", "telegram")


@dataclass(frozen=True, slots=True)
class Way:
    """One channel: `since` when nothing goes out on it and why, or that this line does not carry it at all."""

    carried: bool = True
    since: datetime | None = None
    cause: str = ""  # a name in the tree of send errors


OPEN = Way()


def not_carried_but_written_to() -> tuple[tuple[str, datetime], ...]:
    """Channels that this line does not carry and on which somebody waits for an answer, each with since when."""
    found = []
    for channel in REAL:
        if not settings.LANTERN.carries(channel):
            rows = Conversation.objects.filter(owner__in=(Owner.QUEUE, Owner.STAFF), contact__channel=channel)
            since = rows.aggregate(since=Min("started_at"))["since"]
            found += [(channel, since)] if since else []
    return tuple(found)


def way_of(channel: str) -> Way:
    """How it stands now; read at once, also in the first minute, when nobody but who waits is told."""
    if not settings.LANTERN.carries(channel):
        return Way(carried=False)
    since, cause = providers.failing(channel)
    return Way(since=since, cause=cause) if since else OPEN
