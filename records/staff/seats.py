"""Seats: who is here, who is on a break, how many each takes, and how the desk looks to them.

`presence` is what a person says or what the clock finds out; nothing here moves a conversation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet

from records import audit
from records.models import Conversation, Draft, Seat, Staff, Viewer
from records.models.seat import MOST_CAPACITY, USUAL_CAPACITY
from records.staff.shifts import answering
from records.states import Actor, DraftKind, Level, Owner, Presence, StaffRole, Theme

__all__ = ["MOST_CAPACITY", "USUAL_CAPACITY", "Colleague", "Watcher"]

# The page says every minute that it is open; two may be lost.
SEEN_FOR = timedelta(minutes=3)
# A draft is saved 0.4 s after a key; a thought between two words takes longer.
WRITING_FOR = timedelta(seconds=8)
VIEWING_FOR = timedelta(seconds=90)
_KEEP_SEEN = timedelta(seconds=20)  # a sign of life that is younger is not written again


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """Somebody who may be given a conversation, and how much they have."""

    staff_id: int
    alias: str
    languages: tuple[str, ...]
    presence: Presence
    holds: int
    capacity: int

    @property
    def full(self) -> bool:
        return self.holds >= self.capacity


@dataclass(frozen=True, slots=True)
class Watcher:
    """Somebody else who has the same conversation open."""

    alias: str
    writing: bool


def seat_of(staff: Staff, now: datetime) -> Seat:
    """The seat of this person, made when they first come."""
    fresh = {"presence": Presence.AWAY, "presence_at": now}
    return Seat.objects.get_or_create(staff=staff, defaults=fresh)[0]


def be_here(staff: Staff, now: datetime, *, active: bool) -> None:
    """Keep a sign of life. A hand on the desk ends "away", which the clock sets; a break is ended by hand only."""
    seat = seat_of(staff, now)
    told = seat.active_at if active else seat.seen_at
    if told is not None and timedelta(0) <= now - told < _KEEP_SEEN and seat.presence != Presence.AWAY:
        return
    seat.seen_at = now
    if active:
        seat.active_at = now
        if seat.presence == Presence.AWAY:
            _put(seat, staff, Presence.HERE, now)
    seat.save(update_fields=["seen_at", "active_at", "presence", "presence_at"])


def set_presence(staff: Staff, presence: Presence, now: datetime) -> None:
    """What a person says of themselves, or the clock of them."""
    with transaction.atomic():
        seat = seat_of(staff, now)
        if seat.presence == presence:
            return
        _put(seat, staff, presence, now)
        if presence == Presence.HERE:
            seat.seen_at = seat.active_at = now
        seat.save()


def _put(seat: Seat, staff: Staff, presence: Presence, now: datetime) -> None:
    seat.presence, seat.presence_at = presence, now
    audit.record("presence", now, staff=staff, details={"is": presence.value})


def anyone_here() -> bool:
    """Say whether somebody who may answer is at the desk now."""
    return Seat.objects.filter(presence=Presence.HERE, staff__in=answering()).exists()


def idle(since: datetime) -> list[Staff]:
    """Who counts as here but has not touched the desk since."""
    rows = Seat.objects.filter(presence=Presence.HERE, active_at__lte=since).select_related("staff")
    return [row.staff for row in rows]


def set_away(staff: Staff, now: datetime, *, from_break: bool = False) -> None:
    """What the clock finds out about somebody, or others do to them. `active_at` stays: time away counts from it."""
    before = (Presence.HERE, Presence.BREAK) if from_break else (Presence.HERE,)
    with transaction.atomic():
        moved = Seat.objects.filter(staff=staff, presence__in=before)
        if moved.update(presence=Presence.AWAY, presence_at=now):
            audit.record("presence", now, actor=Actor.SYSTEM, details={"is": Presence.AWAY.value, "of": staff.pk})


def go(staff: Staff, now: datetime) -> None:
    """They have signed out: away at once, from a break too, and nothing is open to them any more.

    `active_at` stays: the time away counts from it.
    """
    look_away(staff, now)
    with transaction.atomic():
        sat = Seat.objects.filter(staff=staff).exclude(presence=Presence.AWAY)
        if sat.update(presence=Presence.AWAY, presence_at=now):
            audit.record("presence", now, staff=staff, details={"is": Presence.AWAY.value})


def holders_away(since: datetime) -> list[Staff]:
    """Who holds conversations and is away or on a break since then, or may not sign in any more."""
    away = Q(seat__presence=Presence.AWAY, seat__active_at__lte=since)
    on_break = Q(seat__presence=Presence.BREAK, seat__presence_at__lte=since)
    holding = Staff.objects.filter(held__owner=Owner.STAFF)
    return list(holding.filter(away | on_break | Q(is_active=False)).distinct())


def change_seat(
    staff: Staff,
    now: datetime,
    *,
    capacity: int,
    time_zone: str,
    theme: Theme,
    on_call: bool | None = None,
    language: str | None = None,
) -> None:
    """Keep what a person chose for themselves; `on_call` and `language` None leave theirs as it is."""
    seat = seat_of(staff, now)
    seat.capacity = min(MOST_CAPACITY, max(1, capacity))
    seat.time_zone, seat.theme = time_zone, theme
    seat.language = seat.language if language is None else language
    if on_call is not None and on_call != seat.on_call:
        seat.on_call = on_call
        audit.record("on_call", now, staff=staff, details={"is": on_call})
    seat.save()


def in_hands_of(staff: Staff) -> QuerySet[Conversation]:
    """The conversations that this person has."""
    return Conversation.objects.filter(owner=Owner.STAFF, claimed_by=staff)


def holds(staff: Staff) -> int:
    """How many conversations this person has."""
    return in_hands_of(staff).count()


def holds_urgent(staff: Staff) -> int:
    """How many of them are urgent."""
    return in_hands_of(staff).filter(level=Level.URGENT).count()


def colleagues(staff: Staff) -> list[Colleague]:
    """Everybody else who may answer: those who are here first, then by how much room they have."""
    held = Count("held", filter=Q(held__owner=Owner.STAFF))
    rows = (
        Staff.objects.filter(is_active=True, role__in=(StaffRole.WORKER, StaffRole.SUPERVISOR))
        .exclude(pk=staff.pk)
        .select_related("seat")
        .annotate(held_now=held)
    )
    made = [_colleague(row, row.held_now) for row in rows]
    order = list(Presence)
    return sorted(made, key=lambda one: (order.index(one.presence), one.holds - one.capacity, one.alias.casefold()))


def _colleague(row: Staff, held: int) -> Colleague:
    seat = getattr(row, "seat", None)
    return Colleague(
        staff_id=row.pk,
        alias=row.alias or row.username,
        languages=tuple(row.languages),
        presence=Presence(seat.presence) if seat else Presence.AWAY,
        holds=held,
        capacity=seat.capacity if seat else USUAL_CAPACITY,
    )


def look_at(conversation_id: int, staff: Staff, now: datetime, *, read_to: int = 0) -> bool:
    """Keep that this person has the conversation open, and the newest message of the contact that they were shown.

    True when others take them for gone.
    """
    row = Viewer.objects.filter(conversation=conversation_id, staff=staff).first()
    news = read_to > (row.read_to or 0 if row else 0)
    gone = row is not None and row.left_at is not None and row.left_at >= row.seen_at
    if row is None or news or gone or row.seen_at <= now - _KEEP_SEEN:
        seen = {"seen_at": now, "read_to": read_to} if news else {"seen_at": now}
        Viewer.objects.update_or_create(conversation_id=conversation_id, staff=staff, defaults=seen)
    return gone


def look_away(staff: Staff, now: datetime, conversation_id: int | None = None) -> list[int]:
    """They do not have it open any more, or none (None). Return which of them others may have been told of."""
    shown = _looking(now).filter(staff=staff)
    if conversation_id is not None:
        shown = shown.filter(conversation=conversation_id)
    numbers = list(shown.values_list("conversation_id", flat=True))
    Viewer.objects.filter(staff=staff, conversation__in=numbers).update(left_at=now)
    return numbers


def _looking(now: datetime) -> QuerySet[Viewer]:
    still = Q(left_at__isnull=True) | Q(left_at__lt=F("seen_at"))
    return Viewer.objects.filter(still, seen_at__gt=now - VIEWING_FOR)


def write_in(conversation_id: int, staff: Staff, now: datetime) -> bool:
    """Keep that this person is writing. True when others do not know it yet."""
    fresh = Viewer.objects.filter(conversation=conversation_id, staff=staff, writing_at__gt=now - WRITING_FOR / 2)
    if fresh.exists():
        return False
    Viewer.objects.update_or_create(
        conversation_id=conversation_id, staff=staff, defaults={"seen_at": now, "writing_at": now}
    )
    return True


def watchers(conversation_id: int, staff: Staff, now: datetime, holder: int | None = None) -> tuple[Watcher, ...]:
    """Who else has it open, and who of them writes: of one that somebody holds nobody but them."""
    rows = _looking(now).filter(conversation=conversation_id).exclude(staff=staff)
    return tuple(
        Watcher(row.staff.alias or row.staff.username, _writes(row, now) and holder in (None, row.staff_id))
        for row in rows.select_related("staff").order_by("pk")
    )


def _writes(row: Viewer, now: datetime) -> bool:
    return bool(row.writing_at and now - row.writing_at < WRITING_FOR)


def drafts_of(staff: Staff) -> Sequence[int]:
    """Conversations in which this person has begun to write something, and in which it can still be sent or kept."""
    going_on = Draft.objects.filter(staff=staff).exclude(conversation__owner=Owner.CLOSED)
    with_others = Q(conversation__owner=Owner.STAFF) & ~Q(conversation__claimed_by=staff)
    open_to_them = going_on.exclude(Q(kind=DraftKind.REPLY) & with_others)
    return tuple(open_to_them.values_list("conversation_id", flat=True))
