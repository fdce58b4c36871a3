"""Notices: what a person must look at now. Ids and codes only; the desk has the sentences.

Raised in the transaction of what they tell about; who looked, and when, is audited.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from records import audit
from records.models import Notice, Staff

URGENT_NOT_SENT = "urgent_not_sent"  # an urgent message of ours will not reach the contact
QUESTION_NOT_SENT = "question_not_sent"  # nobody knows whether a question of ours arrived: they may wait, and we too
REPLY_NOT_SENT = "reply_not_sent"  # what a worker wrote will not reach the contact, or nobody knows whether it did
SAFETY_NOT_SAID = "safety_not_said"  # urgent words of the bot were dropped because a person had taken over first
FLOOD = "flood"  # very many messages from one contact; they are heard after everybody else's
_AT_ONCE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenNotice:
    """One notice that nobody has seen yet."""

    notice_id: int
    at: datetime
    kind: str
    reason: str  # why, as the outbox row says it
    conversation_id: int | None


def raise_notice(kind: str, now: datetime, *, conversation_id: int, reason: str = "") -> None:
    """Raise it, unless the same is open already; of several reasons the newest is told.

    As a notice of its own: whoever puts the one before away has not read this one.
    """
    still_open = Notice.objects.filter(kind=kind, conversation_id=conversation_id, seen_at=None)
    still_open.exclude(reason=reason).delete()
    Notice.objects.get_or_create(
        kind=kind, conversation_id=conversation_id, seen_at=None, reason=reason, defaults={"at": now}
    )


def open_notices() -> list[OpenNotice]:
    """What nobody has seen yet, the oldest first."""
    rows = Notice.objects.filter(seen_at__isnull=True).order_by("at", "pk")[:_AT_ONCE]
    return [
        OpenNotice(notice_id=row.pk, at=row.at, kind=row.kind, reason=row.reason, conversation_id=row.conversation_id)
        for row in rows
    ]


def see(notice_id: int, staff: Staff, now: datetime) -> bool:
    """Keep that this person has seen it. False if somebody had before."""
    with transaction.atomic():
        row = Notice.objects.select_related("conversation").filter(pk=notice_id).first()
        if row is None or not Notice.objects.filter(pk=notice_id, seen_at__isnull=True).update(
            seen_at=now, seen_by=staff
        ):
            return False
        uid = row.conversation.uid if row.conversation else None
        audit.record("notice_seen", now, staff=staff, conversation_uid=uid, details={"kind": row.kind})
        return True
