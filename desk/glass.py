"""Glass: who read what was not theirs, and why, until a supervisor has marked it seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise

from desk.need_to_know import REASONS
from records.models import BrokenGlass, Conversation, Staff

SHOWN = 100


@dataclass(frozen=True, slots=True)
class Broken:
    """One that nobody has marked."""

    pk: int
    at: datetime
    staff: Staff
    why: str | Promise
    number: int | None  # of the conversation; None when it was erased


def unseen() -> list[Broken]:
    """What supervisors have not looked at yet, the newest first."""
    rows = list(BrokenGlass.objects.filter(seen_at__isnull=True).select_related("staff").order_by("-pk")[:SHOWN])
    uids = {row.conversation_uid for row in rows}
    numbers = dict(Conversation.objects.filter(uid__in=uids).values_list("uid", "pk")) if uids else {}
    return [
        Broken(row.pk, row.at, row.staff, REASONS.get(row.reason, row.reason), numbers.get(row.conversation_uid))
        for row in rows
    ]
