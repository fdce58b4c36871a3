"""What people hold, as they left it: what they have not seen, who waits longest, what was just given to them.

Ids and times only: no word is opened here.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, DateTimeField, F, Max, Min, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce

from records.messages.step import WRITTEN
from records.models import AuditEvent, Conversation, InboxMessage, Note, OutboxMessage, Staff, Viewer
from records.staff.lists import DeskEntry, alias, held_by
from records.staff.seats import in_hands_of
from records.states import REACHED_NOBODY, Author, Level, Owner


@dataclass(frozen=True, slots=True)
class Given:
    """A colleague gave it to them."""

    by: str
    at: datetime
    noted: bool  # there is a note by that colleague since


@dataclass(frozen=True, slots=True)
class Held:
    """One conversation of theirs."""

    entry: DeskEntry
    unread: int  # messages of the contact that were not shown to them
    unanswered_since: datetime | None  # since when no person has answered them: see `records.messages.step`
    given: Given | None  # until they open it


@dataclass(frozen=True, slots=True)
class NewWords:
    """What whoever holds a conversation was not shown yet, or has not answered."""

    conversation_id: int
    staff_id: int
    number: int  # messages of the contact
    unanswered_since: datetime | None  # since when no person has answered them: see `records.messages.step`


def new_words() -> list[NewWords]:
    """Of what anybody holds: where the contact has written since they looked, first taken first."""
    return [one for one in words_left() if one.number]


def words_left(among: Collection[int] | None = None) -> list[NewWords]:
    """Of what anybody holds, all or among these: how its holder has left it, first taken first."""
    held = Conversation.objects.filter(owner=Owner.STAFF)
    rows = _as_left(held if among is None else held.filter(pk__in=among)).order_by("claimed_at", "pk")
    columns = ("pk", "claimed_by", "unread", "since")
    return [NewWords(pk, holder, unread or 0, since) for pk, holder, unread, since in rows.values_list(*columns)]


def holding(staff: Staff, now: datetime) -> list[Held]:
    """What this person holds: by level, in each first who waits longest for an answer, then the latest word first."""
    entries = held_by(staff, now)
    theirs = _as_left(in_hands_of(staff))
    columns = ("pk", "claimed_at", "seen_at", "unread", "since")
    left = {row[0]: row[1:] for row in theirs.values_list(*columns)} if entries else {}
    made = []
    for entry in entries:
        claimed_at, seen_at, unread, since = left.get(entry.conversation_id, (None, None, 0, None))
        opened = claimed_at is None or (seen_at is not None and seen_at >= claimed_at)
        given = None if opened else given_to(staff, entry.uid, claimed_at)
        made.append(Held(entry, unread or 0, since, given))
    return sorted(made, key=_order)


def given_to(staff: Staff, uid: UUID, claimed_at: datetime) -> Given | None:
    """Who gave it to this person at that time, if anybody did: they may have claimed it themselves."""
    rows = AuditEvent.objects.filter(conversation_uid=uid, action="transfer", at=claimed_at, details__to=staff.pk)
    row = rows.select_related("staff").first()
    if row is None:
        return None
    notes = Note.objects.filter(conversation__uid=uid, staff=row.staff, written_at__gte=claimed_at)
    return Given(alias(row.staff), claimed_at, notes.exists())


def _order(one: Held) -> tuple[int, bool, float]:
    levels = list(Level)
    level = levels.index(one.entry.level) if one.entry.level else len(levels)
    if one.unanswered_since:
        return level, False, one.unanswered_since.timestamp()
    return level, True, -(one.entry.last_in_at or one.entry.started_at).timestamp()


def _as_left(held: QuerySet[Conversation]) -> QuerySet[Conversation, Any]:
    """Each with its times and counts as its holder left it, in one question."""
    theirs = InboxMessage.objects.filter(conversation=OuterRef("pk")).order_by()
    seen = Viewer.objects.filter(conversation=OuterRef("pk"), staff=OuterRef("claimed_by"))
    said = OutboxMessage.objects.filter(conversation=OuterRef("pk"), author=Author.STAFF).order_by()
    said = said.exclude(status__in=REACHED_NOBODY)
    # Who has opened it since there are such marks has a message; else what came after they looked, or were given it.
    later = Case(When(read_to__isnull=True, then=Coalesce(F("seen_at"), F("claimed_at"))), output_field=DateTimeField())
    unread = Q(pk__gt=OuterRef("read_to")) | Q(received_at__gt=OuterRef("later"))
    # The same as `records.messages.step.unanswered_since`, in SQL.
    after = theirs.filter(received_at__gt=OuterRef("said_at"))
    first = Subquery(after.values("conversation").annotate(first=Min(WRITTEN)).values("first"))
    began = Coalesce("unanswered_since", "queued_at", "claimed_at")
    since = Case(When(said_at__gt=began, then=first), default=began, output_field=DateTimeField())
    return (
        held.annotate(
            read_to=Subquery(seen.values("read_to")[:1]),
            seen_at=Subquery(seen.values("seen_at")[:1]),
            said_at=Subquery(said.values("conversation").annotate(last=Max("created_at")).values("last")),
        )
        .annotate(later=later)
        .annotate(
            unread=Subquery(theirs.filter(unread).values("conversation").annotate(n=Count("pk")).values("n")),
            since=since,
        )
    )
