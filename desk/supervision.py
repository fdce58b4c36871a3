"""Supervision: what the live board of a supervisor says. Numbers and ids; no word of a contact."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from content.languages import Language
from desk import labels
from desk.labels import LevelLabel
from records.figures import loads
from records.figures.loads import LateHandoff
from records.models import Conversation, Staff
from records.staff import desk, reviews, seats, shifts
from records.staff.holding import NewWords, new_words
from records.staff.seats import Colleague
from records.staff.shifts import ShiftRow
from records.states import Level, Owner, Presence

PRESENCES: dict[str, str | Promise] = {
    Presence.HERE: _("here"),
    Presence.BREAK: _("on a break"),
    Presence.AWAY: _("away"),
}


@dataclass(frozen=True, slots=True)
class Wait:
    """Who waits on one channel at one level."""

    channel: str
    level: LevelLabel
    number: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Load:
    """One worker and how much they have."""

    person: Colleague
    presence: str
    holds: int
    shift: ShiftRow | None  # the one that runs now
    languages: tuple[Language, ...]
    alone: bool  # holds more than they should
    news: tuple[NewWords, ...]  # in what they hold


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language that people write in, and who speaks it."""

    code: str
    language: Language | None
    waiting: int
    asked: int
    here: int  # speakers who are here now
    speakers: int
    coming: ShiftRow | None


@dataclass(frozen=True, slots=True)
class Supervision:
    """The whole board."""

    now: datetime
    waiting: int
    urgent_waiting: int
    longest: datetime | None
    with_staff: int
    with_bot: int
    waits: tuple[Wait, ...]
    people: tuple[Load, ...]
    here: int
    late: tuple[LateHandoff, ...]
    unserved: tuple[Tongue, ...]
    to_judge: int


def supervision(now: datetime) -> Supervision:
    """The board as it is now."""
    queue = desk.queue(now)
    rows = _loads(now)
    counts = {owner: Conversation.objects.filter(owner=owner).count() for owner in (Owner.STAFF, Owner.BOT)}
    return Supervision(
        now=now,
        waiting=len(queue),
        urgent_waiting=sum(1 for entry in queue if entry.level == Level.URGENT),
        longest=min((entry.waits_since for entry in queue), default=None),
        with_staff=counts[Owner.STAFF],
        with_bot=counts[Owner.BOT],
        waits=_waits(queue),
        people=rows,
        here=sum(1 for row in rows if row.person.presence == Presence.HERE),
        late=tuple(loads.late_handoffs(now)),
        unserved=_unserved(rows, now),
        to_judge=len(reviews.decisions(now)),
    )


def _waits(queue: list[desk.DeskEntry]) -> tuple[Wait, ...]:
    found: dict[tuple[str, str | None], list[datetime]] = {}
    for entry in queue:
        found.setdefault((labels.channel(entry.channel), entry.level), []).append(entry.waits_since)
    waits = [Wait(channel, labels.level(level), len(since), min(since)) for (channel, level), since in found.items()]
    return tuple(sorted(waits, key=lambda wait: (wait.level.order, wait.since)))


def _loads(now: datetime) -> tuple[Load, ...]:
    nobody = Staff(pk=0)  # everybody else than nobody: the supervisor answers too
    news = new_words()
    on_shift = {row.staff_id: row for row in shifts.at(now)}
    return tuple(
        Load(
            person=one,
            presence=str(PRESENCES[one.presence]),
            holds=one.holds,
            shift=on_shift.get(one.staff_id),
            languages=tuple(filter(None, (labels.language(code) for code in one.languages))),
            alone=one.holds > one.capacity,
            news=tuple(new for new in news if new.staff_id == one.staff_id),
        )
        for one in seats.colleagues(nobody)
    )


def _unserved(rows: tuple[Load, ...], now: datetime) -> tuple[Tongue, ...]:
    """Languages that wait now, or were asked for lately, with nobody here who speaks them."""
    found = []
    for one in loads.demand(now):
        speakers = [row for row in rows if one.language in row.person.languages]
        here = sum(1 for row in speakers if row.person.presence == Presence.HERE)
        if here == 0:
            coming = shifts.next_speaker(one.language, now)
            language = labels.language(one.language)
            found.append(Tongue(one.language, language, one.waiting, one.asked, here, len(speakers), coming))
    return tuple(found)
