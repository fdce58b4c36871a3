"""Board: the left pane. Who waits, what is mine, what others hold; no word of a contact in it.

Thousands may wait: a page of them is drawn, the rest is counted. The first to be shown is the first to be
helped, so nothing urgent hides behind the page.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from content.ladder import rungs
from content.languages import Language
from desk import labels
from desk.notices import NoticeView, notices_for
from desk.roles import Act, allowed
from desk.summary import why
from records.models import Staff
from records.staff import desk, seats
from records.states import Level, Owner

PAGE = 40  # cards of the queue at first, and with each "more"
MOST = 400
SHOWN_OTHERS = 50
SHOWN_CLOSED = 50
MINE = "mine"  # as a filter of languages: those that I speak


@dataclass(frozen=True, slots=True)
class Filters:
    """What this person wants to see of the queue. Kept in their session."""

    level: str = ""
    language: str = ""  # a code, or MINE
    show: int = PAGE
    only_mine: bool = False  # hide what is with others and closed

    @classmethod
    def of(cls, chosen: Mapping[str, Any]) -> Filters:
        """Read what a form or the session holds; what is not a filter is ignored."""
        level, language = str(chosen.get("level", "")), str(chosen.get("language", ""))
        show = str(chosen.get("show", PAGE))
        return cls(
            level=level if level in Level.values else "",
            language=language if language == MINE or labels.language(language) else "",
            show=min(MOST, max(PAGE, int(show))) if show.isascii() and show.isdigit() and len(show) < 5 else PAGE,  # noqa: PLR2004
            only_mine=bool(chosen.get("only_mine")),
        )

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def narrow(self) -> bool:
        """True when somebody who waits may be hidden."""
        return bool(self.level or self.language)


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
    late: bool = False  # longer than the ladder's first rung
    drafted: bool = False  # I have begun to write something


@dataclass(frozen=True, slots=True)
class Section:
    """One heading with its cards."""

    id: str
    title: str
    empty: str
    cards: tuple[Card, ...]
    count: int

    @property
    def more(self) -> int:
        return self.count - len(self.cards)

    @property
    def mark(self) -> tuple[Any, ...]:
        """What differs when the section shows something else."""
        cards = [
            (one.id, one.level.value, one.language and one.language.code, one.why, one.who, one.late, one.drafted)
            for one in self.cards
        ]
        since = [one.waiting_since for one in self.cards]
        return (self.id, self.title, self.count, cards, since)


@dataclass(frozen=True, slots=True)
class Board:
    """The whole list; `mark` changes when anything in it does, the clock apart."""

    sections: tuple[Section, ...]
    longest: tuple[tuple[str, datetime], ...]  # for each channel, since when its first one waits
    waiting: int
    urgent_waiting: int
    mine: int  # how many I hold
    late: int  # urgent ones that wait longer than the first rung
    filters: Filters
    languages: tuple[tuple[str, str], ...]  # that can be filtered by: code, name with count
    levels: tuple[tuple[str, str], ...]
    hidden: int  # who wait and are filtered out
    notices: tuple[NoticeView, ...]
    now: datetime
    open_id: int | None
    mark: str

    @property
    def next_show(self) -> int:
        return min(MOST, self.filters.show + PAGE)


def board(staff: Staff, now: datetime, open_id: int | None = None, filters: Filters | None = None) -> Board:
    """The list as this person may see it."""
    filters = filters or Filters()
    groups = desk.waiting()
    spoken = tuple(staff.languages) or ("",)
    wanted = spoken if filters.language == MINE else (filters.language,) if filters.language else ()
    fitting = [
        one
        for one in groups
        if (not filters.level or one.level == filters.level) and (not wanted or one.language in wanted)
    ]
    count, total = sum(one.count for one in fitting), sum(one.count for one in groups)
    levels = (filters.level,) if filters.level else ()
    queue = desk.queue(now, levels=levels, languages=wanted, limit=filters.show)
    drafts = frozenset(seats.drafts_of(staff))
    cards = _Cards(staff, now, drafts)
    mine = desk.held_by(staff, now)
    sections = [
        Section("mine", _("Mine"), _("You hold none."), cards.of(mine), len(mine)),
        Section("waiting", _("Waiting"), _("Nobody is waiting."), cards.of(queue), count),
    ]
    if not filters.only_mine:
        sections += _rest(staff, now, cards)
    late = sum(1 for card in sections[1].cards if card.late and card.level.value == Level.URGENT)
    told = notices_for(staff, now)
    marked = repr(([one.mark for one in sections], groups, filters, staff.languages, told))
    return Board(
        sections=tuple(sections),
        longest=_longest(groups),
        waiting=total,
        urgent_waiting=sum(one.count for one in groups if one.level == Level.URGENT),
        mine=len(mine),
        late=late,
        filters=filters,
        languages=_languages(groups),
        levels=tuple((value, f"{labels.level(value).word} ({number})") for value, number in _by_level(groups)),
        hidden=total - count,
        notices=told,
        now=now,
        open_id=open_id,
        mark=hashlib.sha256(marked.encode()).hexdigest()[:16],
    )


def _rest(staff: Staff, now: datetime, cards: _Cards) -> list[Section]:
    others = [one for one in desk.owned_by(Owner.STAFF, now, SHOWN_OTHERS) if one.staff_id != staff.pk]
    others.sort(key=lambda entry: labels.level(entry.level).order)
    made = [Section("others", _("With others"), _("None."), cards.of(others), len(others))]
    if allowed(staff, Act.SEE_BOT_ONLY):
        bots = desk.owned_by(Owner.BOT, now, SHOWN_OTHERS)
        made.append(Section("bot", _("Bot only"), _("None."), cards.of(bots), len(bots)))
    closed = _closed_today(now)
    made.append(Section("closed", _("Closed today"), _("None."), cards.of(closed), len(closed)))
    return made


def _closed_today(now: datetime) -> list[desk.DeskEntry]:
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    closed = desk.owned_by(Owner.CLOSED, now, SHOWN_CLOSED)
    return [entry for entry in closed if entry.closed_at is not None and entry.closed_at >= day]


def _longest(groups: Iterable[desk.Waiting]) -> tuple[tuple[str, datetime], ...]:
    longest: dict[str, datetime] = {}
    for one in groups:
        name = labels.channel(one.channel)
        longest[name] = min(one.since, longest.get(name, one.since))
    return tuple(sorted(longest.items()))


def _languages(groups: Iterable[desk.Waiting]) -> tuple[tuple[str, str], ...]:
    counts: dict[str, int] = {}
    for one in groups:
        counts[one.language] = counts.get(one.language, 0) + one.count
    named = [(code, f"{labels.language_name(code)} ({counts[code]})") for code in counts if labels.language(code)]
    return tuple(sorted(named, key=lambda one: one[1]))


def _by_level(groups: Iterable[desk.Waiting]) -> list[tuple[str, int]]:
    counts = {level.value: 0 for level in Level}
    for one in groups:
        if one.level:
            counts[one.level] += one.count
    return [(value, number) for value, number in counts.items() if number]


@dataclass(frozen=True, slots=True)
class _Cards:
    staff: Staff
    now: datetime
    drafts: frozenset[int]

    def of(self, entries: Sequence[desk.DeskEntry]) -> tuple[Card, ...]:
        return tuple(self._card(entry) for entry in entries)

    def _card(self, entry: desk.DeskEntry) -> Card:
        if entry.owner == Owner.STAFF:
            who = _("you") if entry.staff_id == self.staff.pk else entry.staff_alias
        else:
            who = _("the bot") if entry.owner == Owner.BOT else ""
        queued = entry.owner == Owner.QUEUE and entry.queued_at is not None
        since = entry.queued_at if queued else entry.last_in_at
        first = rungs(entry.level)[0].after
        return Card(
            id=entry.conversation_id,
            level=labels.level(entry.level),
            why=why(entry.reasons) if entry.reasons or entry.owner != Owner.BOT else _("The bot listens"),
            language=labels.language(entry.language),
            channel=labels.channel(entry.channel),
            who=who,
            waiting_since=None if entry.owner == Owner.CLOSED else since,
            late=bool(queued and since and self.now - since >= first),
            drafted=entry.conversation_id in self.drafts,
        )
