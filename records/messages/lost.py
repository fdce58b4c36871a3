"""Lost: which notice is due when a message of ours will not reach the contact, or nobody knows whether it did.

Raised in the transaction that gives the message up. Decides by who wrote it, whether it was urgent, and why it is lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db.models import Q, QuerySet

from records.messages.law8 import keeps_safe
from records.models import OutboxMessage
from records.staff.notices import REPLY_NOT_SENT, SAFETY_NOT_SAID, URGENT_NOT_SENT, raise_notice
from records.states import Author, DropReason, OutboxStatus

_TIME_RAN_OUT = (DropReason.TOO_OLD, DropReason.SAFETY_UNKNOWN)
_PERSON_CAME_FIRST = (DropReason.STAFF_HAS_IT, DropReason.CLAIMED)


def kind_of_loss(author: str, reason: str, *, urgent: bool, keys: str = "") -> str | None:
    """The kind of notice that this loss is worth; None where the thread alone tells it.

    Whoever wrote to somebody counts on it that it arrived: a reply of staff is always worth one. Of what a person's
    coming kept back only what keeps somebody safe is: that it was passed on to a helper, the helper shows.
    """
    if author == Author.STAFF:
        return REPLY_NOT_SENT
    if not urgent:
        return None
    if reason in _PERSON_CAME_FIRST:
        return SAFETY_NOT_SAID if not keys or keeps_safe(keys) else None
    return URGENT_NOT_SENT if reason in _TIME_RAN_OUT or reason not in DropReason.values else None


def tell_of(rows: QuerySet[OutboxMessage], now: datetime) -> None:
    """Raise what is due for these, which are lost."""
    columns = ("conversation", "author", "reason", "urgent", "key")
    for conversation_id, author, reason, urgent, keys in rows.values_list(*columns):
        kind = kind_of_loss(author, reason, urgent=urgent, keys=keys)
        if kind:
            raise_notice(kind, now, conversation_id=conversation_id, reason=reason)


@contextmanager
def telling_of_dropped(rows: QuerySet[OutboxMessage], now: datetime) -> Iterator[None]:
    """Raise what is due for those of these that wait now and are dropped inside."""
    worth = rows.filter(Q(author=Author.STAFF) | Q(urgent=True), status=OutboxStatus.WAITING)
    before = list(worth.values_list("pk", flat=True))
    yield
    if before:
        tell_of(OutboxMessage.objects.filter(pk__in=before, status=OutboxStatus.DROPPED), now)
