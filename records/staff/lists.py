"""Lists of the desk: who waits, who holds what, what was closed. No word of a conversation is opened here.

Thousands may wait: a list is cut where a page ends, and what stands above it is counted in SQL.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, Count, F, IntegerField, Max, Min, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce

from records.models import Conversation, Note, Staff
from records.staff.seats import in_hands_of
from records.states import Level, Owner

WAITS_SINCE = Coalesce("unanswered_since", "queued_at")  # the same of those in the queue, in SQL


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskEntry:
    """A conversation in a list: no word of it is opened."""

    conversation_id: int
    uid: uuid.UUID
    channel: str
    owner: Owner
    level: Level | None
    language: str
    role: str | None
    reasons: tuple[str, ...]
    safe_answer: str | None
    doubt: str  # the risk heard since, after which that answer does not stand; empty if none
    started_at: datetime
    last_in_at: datetime | None
    queued_at: datetime | None
    unanswered_since: datetime | None  # no person has answered them since, whoever had it meanwhile
    closed_at: datetime | None
    waiting_s: int  # since it was queued, or since their last message
    staff_id: int | None
    staff_alias: str

    @property
    def waits_since(self) -> datetime:
        """Since when they wait for a person's answer, whoever had them meanwhile."""
        return self.unanswered_since or self.queued_at or self.started_at


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many wait of one level, language and channel, and since when the first of them."""

    level: Level | None
    language: str
    channel: str
    count: int
    since: datetime
    mark: tuple[int, int]  # differs when one of them changed


def queue(
    now: datetime,
    *,
    levels: Collection[str] = (),
    languages: Collection[str] = (),
    limit: int | None = None,
) -> list[DeskEntry]:
    """Who waits for a person: urgent, priority, offer, info; in each first who is longest without a person's answer."""
    rank = Case(
        *[When(level=level, then=Value(place)) for place, level in enumerate(Level)],
        default=Value(len(Level)),
        output_field=IntegerField(),
    )
    order = (rank, WAITS_SINCE, "pk")
    rows = Conversation.objects.filter(owner=Owner.QUEUE).order_by(*order)
    if levels:
        rows = rows.filter(level__in=list(levels))
    if languages:
        rows = rows.filter(language__in=list(languages))
    if limit is not None:  # first which, then what they are: thousands are put in order by the narrow rows alone
        first = list(rows.values_list("pk", flat=True)[:limit])
        rows = Conversation.objects.filter(pk__in=first).order_by(*order)
    return _entries(rows, now)


def waiting() -> list[Waiting]:
    """The whole queue in numbers."""
    rows = (
        Conversation.objects.filter(owner=Owner.QUEUE)
        .values_list("level", "language", "contact__channel")
        .annotate(Count("pk"), since=Min(WAITS_SINCE), versions=Sum("version"), newest=Max("pk"))
        .order_by("level", "language", "contact__channel")
    )
    return [
        Waiting(Level(level) if level else None, language, channel, count, since, (versions, newest))
        for level, language, channel, count, since, versions, newest in rows
        if since is not None
    ]


def held_by(staff: Staff, now: datetime) -> list[DeskEntry]:
    """What this person holds, in no order."""
    return _entries(in_hands_of(staff), now)


def owned_by(owner: Owner, now: datetime, limit: int = 100) -> list[DeskEntry]:
    """Conversations of one owner: with the bot or any of the staff the newest first, closed ones the last closed."""
    # One order for all, as there is one index: nothing that is open has a time of closing.
    return _entries(Conversation.objects.filter(owner=owner).order_by("-closed_at", "-pk")[:limit], now)


def left_with_bot(now: datetime, limit: int) -> list[DeskEntry]:
    """Urgent ones that a person had and the bot has again, the newest first."""
    rows = Conversation.objects.filter(owner=Owner.BOT, claimed_at__isnull=False, level=Level.URGENT)
    return _entries(rows.order_by("-pk")[:limit], now)


def noted(conversation_ids: Collection[int]) -> frozenset[int]:
    """Those of them in which staff have kept a note since they wait."""
    rows = Note.objects.filter(conversation__in=conversation_ids, written_at__gte=F("conversation__queued_at"))
    return frozenset(rows.values_list("conversation", flat=True)) if conversation_ids else frozenset()


# What a list shows and nothing else: whole rows of three tables took twice as long.
_SHOWN = (
    "pk", "uid", "contact__channel", "owner", "level", "language", "role", "handoff_reasons", "safe_answer", "doubt",
    "started_at", "last_in_at", "queued_at", "unanswered_since", "closed_at",
    "claimed_by", "claimed_by__alias", "claimed_by__username",
)  # fmt: skip


def _entries(rows: QuerySet[Conversation], now: datetime) -> list[DeskEntry]:
    return [
        DeskEntry(
            conversation_id=number,
            uid=uid,
            channel=channel,
            owner=Owner(owner),
            level=Level(level) if level else None,
            language=language,
            role=role,
            reasons=tuple(reasons),
            safe_answer=safe_answer,
            doubt=doubt,
            started_at=started_at,
            last_in_at=last_in_at,
            queued_at=queued_at,
            unanswered_since=unanswered_since,
            closed_at=closed_at,
            waiting_s=max(0, int((now - (queued_at or last_in_at or started_at)).total_seconds())),
            staff_id=staff_id,
            staff_alias=staff_alias or username or "",
        )
        for (
            number, uid, channel, owner, level, language, role, reasons, safe_answer, doubt,
            started_at, last_in_at, queued_at, unanswered_since, closed_at, staff_id, staff_alias, username,
        ) in rows.values_list(*_SHOWN)
    ]  # fmt: skip


def alias(staff: Staff | None) -> str:
    """The name by which colleagues and contacts know this person."""
    return (staff.alias or staff.username) if staff else ""
