"""Board: the left pane. Who waits, what is mine, what others hold; no word of a contact in it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from content.languages import Language
from desk import labels
from desk.roles import Act, allowed
from desk.summary import why
from records import desk
from records.models import Staff
from records.states import Owner

SHOWN_CLOSED = 50


@dataclass(frozen=True, slots=True)
class Card:
    """One conversation in the list."""

    id: int
    level: labels.LevelLabel
    why: str
    language: Language | None
    channel: str
    who: str
    waiting_since: datetime | None


@dataclass(frozen=True, slots=True)
class Section:
    """One heading with its cards."""

    id: str
    title: str
    empty: str
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """The whole list; `mark` changes when anything in it does, the clock apart."""

    sections: tuple[Section, ...]
    longest: tuple[tuple[str, datetime], ...]  # for each channel, since when its first one waits
    waiting: int
    urgent_waiting: int
    now: datetime
    open_id: int | None
    mark: str


def board(staff: Staff, now: datetime, open_id: int | None = None) -> Board:
    """The list as this person may see it."""
    queue = desk.queue(now)
    mine = desk.held_by(staff, now)
    others = [entry for entry in desk.owned_by(Owner.STAFF, now) if entry.staff_id != staff.pk]
    others.sort(key=lambda entry: labels.level(entry.level).order)
    sections = [
        Section("waiting", "Waiting", "Nobody is waiting.", _cards(queue, staff)),
        Section("mine", "Mine", "You hold none.", _cards(mine, staff)),
        Section("others", "With others", "None.", _cards(others, staff)),
    ]
    if allowed(staff, Act.SEE_BOT_ONLY):
        bots = desk.owned_by(Owner.BOT, now)
        sections.append(Section("bot", "Bot only", "None.", _cards(bots, staff)))
    sections.append(Section("closed", "Closed today", "None.", _cards(_closed_today(now), staff)))
    longest: dict[str, datetime] = {}
    for entry in queue:
        since = entry.queued_at or entry.started_at
        name = labels.channel(entry.channel)
        longest[name] = min(since, longest.get(name, since))
    return Board(
        sections=tuple(sections),
        longest=tuple(sorted(longest.items())),
        waiting=len(queue),
        urgent_waiting=sum(1 for entry in queue if entry.level == "urgent"),
        now=now,
        open_id=open_id,
        mark=hashlib.sha256(repr(sections).encode()).hexdigest()[:16],
    )


def _closed_today(now: datetime) -> list[desk.DeskEntry]:
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    closed = desk.owned_by(Owner.CLOSED, now, SHOWN_CLOSED)
    return [entry for entry in closed if entry.closed_at is not None and entry.closed_at >= day]


def _cards(entries: Sequence[desk.DeskEntry], staff: Staff) -> tuple[Card, ...]:
    return tuple(_card(entry, staff) for entry in entries)


def _card(entry: desk.DeskEntry, staff: Staff) -> Card:
    if entry.owner == Owner.STAFF:
        who = "you" if entry.staff_id == staff.pk else entry.staff_alias
    else:
        who = "the bot" if entry.owner == Owner.BOT else ""
    return Card(
        id=entry.conversation_id,
        level=labels.level(entry.level),
        why=why(entry.reasons) if entry.reasons or entry.owner != Owner.BOT else "The bot listens",
        language=labels.language(entry.language),
        channel=labels.channel(entry.channel),
        who=who,
        waiting_since=None
        if entry.owner == Owner.CLOSED
        else (entry.queued_at if entry.owner == Owner.QUEUE else entry.last_in_at),
    )
