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

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from desk import labels
from desk.cards import Section, cards_of, held_cards, own_cards, waiting_cards
from desk.notices import NoticeView, not_arrived, notices_for
from desk.roles import Act, allowed
from desk.together import ALONE, Reading
from records.models import Staff
from records.staff import desk, seats
from records.staff.holding import holding
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
class Board:
    """The whole list; `mark` changes when anything in it does, the clock apart."""

    sections: tuple[Section, ...]
    longest: tuple[tuple[str, datetime], ...]  # for each channel, since when its first one waits
    waiting: int
    urgent_waiting: int
    mine: int  # how many I hold
    unread: int  # words of contacts in those that I have not open
    given: int  # urgent ones that a colleague gave me and that I have not opened
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


def board(
    staff: Staff,
    now: datetime,
    open_id: int | None = None,
    filters: Filters | None = None,
    *,
    reading: Reading = ALONE,
) -> Board:
    """The list as this person may see it."""
    filters = filters or Filters()
    queue = reading.part(("queue", get_language()), lambda: _Queue.of(desk.waiting()))
    drafts = frozenset(seats.drafts_of(staff))
    mine = own_cards(holding(staff, now), now, staff, open_id)
    waiting = _waiting(staff, now, filters, queue, reading)
    sections = [
        Section("mine", _("Mine"), _("You hold none."), mine, len(mine)),
        waiting,
        *_left_with_bot(now, reading),
        *([] if filters.only_mine else _rest(staff, now, reading)),
    ]
    lost = not_arrived(reading)
    sections = [one.drafted(drafts).missed(lost) for one in sections]
    told = notices_for(staff, now, reading)
    marked = repr(([one.mark for one in sections], queue.mark, filters, staff.languages, told))
    return Board(
        sections=tuple(sections),
        longest=queue.longest,
        waiting=queue.count,
        urgent_waiting=queue.urgent,
        mine=len(mine),
        unread=sum(card.unread for card in mine),
        given=sum(1 for card in mine if card.given_by and card.level.value == Level.URGENT and card.id != open_id),
        late=sum(1 for card in waiting.cards if card.late and card.level.value == Level.URGENT),
        filters=filters,
        languages=queue.languages,
        levels=queue.levels,
        hidden=queue.count - waiting.count,
        notices=told,
        now=now,
        open_id=open_id,
        mark=hashlib.sha256(marked.encode()).hexdigest()[:16],
    )


@dataclass(frozen=True, slots=True)
class Counts:
    """The list in numbers, for a page without it."""

    waiting: int
    urgent: int
    unread: int
    given: int


def counts(staff: Staff, now: datetime, *, reading: Reading = ALONE) -> Counts:
    """How many wait, and what is new for this person."""
    queue = reading.part(("queue", get_language()), lambda: _Queue.of(desk.waiting()))
    mine = holding(staff, now)
    given = sum(1 for one in mine if one.given and one.entry.level == Level.URGENT)
    return Counts(queue.count, queue.urgent, sum(one.unread for one in mine), given)


def _waiting(staff: Staff, now: datetime, filters: Filters, queue: _Queue, reading: Reading) -> Section:
    spoken = tuple(staff.languages) or ("",)
    wanted = spoken if filters.language == MINE else (filters.language,) if filters.language else ()

    def read() -> Section:
        fitting = [
            one
            for one in queue.groups
            if (not filters.level or one.level == filters.level) and (not wanted or one.language in wanted)
        ]
        levels = (filters.level,) if filters.level else ()
        entries = desk.queue(now, levels=levels, languages=wanted, limit=filters.show)
        count = sum(one.count for one in fitting)
        empty = _("Nobody who waits fits the filter.") if queue.count else _("Nobody is waiting.")
        return Section("waiting", _("Waiting"), empty, waiting_cards(entries, now), count)

    return reading.part(("waiting", get_language(), filters.level, wanted, filters.show), read)


def _rest(staff: Staff, now: datetime, reading: Reading) -> list[Section]:
    words = get_language()
    held = reading.part(("held", words), lambda: held_cards(desk.owned_by(Owner.STAFF, now, SHOWN_OTHERS), now))
    others = sorted((card for card in held if card.staff_id != staff.pk), key=lambda card: card.level.order)
    made = [Section("others", _("With others"), _("None."), tuple(others), len(others))]
    if allowed(staff, Act.SEE_BOT_ONLY):
        made.append(reading.part(("bot", words), lambda: _bots(now)))
    made.append(reading.part(("closed", words), lambda: _closed_today(now)))
    return made


def _left_with_bot(now: datetime, reading: Reading) -> list[Section]:
    """The urgent ones that a person gave back to the bot; no filter hides them, and without any there is no heading."""

    def read() -> Section:
        cards = cards_of(desk.left_with_bot(now, SHOWN_OTHERS), now)
        return Section("left", _("Urgent, with the bot"), _("None."), cards, len(cards))

    section = reading.part(("left", get_language()), read)
    return [section] if section.cards else []


def _bots(now: datetime) -> Section:
    bots = desk.owned_by(Owner.BOT, now, SHOWN_OTHERS)
    return Section("bot", _("Bot only"), _("None."), cards_of(bots, now), len(bots))


def _closed_today(now: datetime) -> Section:
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    found = desk.owned_by(Owner.CLOSED, now, SHOWN_CLOSED)
    closed = [entry for entry in found if entry.closed_at is not None and entry.closed_at >= day]
    return Section("closed", _("Closed today"), _("None."), cards_of(closed, now), len(closed))


@dataclass(frozen=True, slots=True)
class _Queue:
    """The whole queue in numbers, in the words of one language."""

    groups: Sequence[desk.Waiting]
    count: int
    urgent: int
    longest: tuple[tuple[str, datetime], ...]
    languages: tuple[tuple[str, str], ...]
    levels: tuple[tuple[str, str], ...]
    mark: str

    @classmethod
    def of(cls, groups: Sequence[desk.Waiting]) -> _Queue:
        return cls(
            groups=groups,
            count=sum(one.count for one in groups),
            urgent=sum(one.count for one in groups if one.level == Level.URGENT),
            longest=_longest(groups),
            languages=_languages(groups),
            levels=tuple((value, f"{labels.level(value).word} ({number})") for value, number in _by_level(groups)),
            mark=repr(groups),
        )


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
