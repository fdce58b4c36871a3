"""Cards: one conversation in the list, and the headings they stand under. No word of a contact in it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from content.ladder import rungs
from content.languages import Language
from desk import labels
from desk.reasons import why
from records.models import Staff
from records.staff.desk import WANTS_LANGUAGE, DeskEntry, noted
from records.staff.holding import Held, NewWords, words_left
from records.states import Owner, SafeAnswer


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
    counts: str  # what it is the time of: waits | unanswered | wrote
    late: bool = False  # longer than the ladder's first rung
    not_arrived: bool = False  # something of ours did not reach them, and nobody has seen that yet
    drafted: bool = False  # I have begun to write something
    staff_id: int | None = None  # who has it
    wish: str = ""  # a woman or a man, if they asked for one
    unread: int = 0  # words of the contact that who has it was not shown
    given_by: str = ""  # who gave it to the reader, until they open it
    noted: bool = False  # with a note
    safe: str | None = SafeAnswer.YES  # of one that waits: without a yes nothing tells them about the wait

    @property
    def mark(self) -> tuple[Any, ...]:
        """What differs when the card shows something else, the clock apart."""
        language = self.language and self.language.code
        state = (
            self.late,
            self.not_arrived,
            self.drafted,
            self.waiting_since,
            self.counts,
            self.unread,
            self.given_by,
            self.noted,
            self.wish,
            self.safe,
        )
        return (self.id, self.level.value, language, self.why, self.who, *state)


@dataclass(frozen=True, slots=True)
class Section:
    """One heading with its cards."""

    id: str
    title: str
    empty: str
    cards: tuple[Card, ...]
    count: int
    made: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)  # of the cards, once for all readers

    @property
    def more(self) -> int:
        return self.count - len(self.cards)

    @property
    def mark(self) -> str:
        """What differs when the section shows something else."""
        if "mark" not in self.made:
            self.made["mark"] = repr((self.id, self.title, self.count, [card.mark for card in self.cards]))
        return str(self.made["mark"])

    def drafted(self, drafts: Collection[int]) -> Section:
        """The same for somebody who has begun to write in these conversations."""
        return self._with(drafts, lambda card: replace(card, drafted=card.id in drafts))

    def missed(self, lost: Collection[int]) -> Section:
        """The same while something of ours did not arrive in these conversations."""
        return self._with(lost, lambda card: replace(card, not_arrived=card.id in lost))

    def _with(self, ids: Collection[int], marked: Callable[[Card], Card]) -> Section:
        if not any(card.id in ids for card in self.cards):
            return self
        return replace(self, cards=tuple(marked(card) for card in self.cards), made={})


def cards_of(entries: Sequence[DeskEntry], now: datetime, reader: Staff | None = None) -> tuple[Card, ...]:
    """A card each; what the reader has is told as theirs."""
    return tuple(_card(entry, now, reader) for entry in entries)


def own_cards(mine: Sequence[Held], now: datetime, reader: Staff, open_id: int | None) -> tuple[Card, ...]:
    """What the reader holds, in the order given; in the one that is open nothing is new."""
    return tuple(
        replace(
            _card(one.entry, now, reader),
            waiting_since=one.unanswered_since or one.entry.last_in_at,
            counts="unanswered" if one.unanswered_since else "wrote",
            unread=0 if one.entry.conversation_id == open_id else one.unread,
            given_by=one.given.by if one.given else "",
            noted=bool(one.given and one.given.noted),
        )
        for one in mine
    )


def waiting_cards(entries: Sequence[DeskEntry], now: datetime) -> tuple[Card, ...]:
    """Who waits; one that was left for whoever speaks a language says whether a note is with it."""
    left = [one.conversation_id for one in entries if any(why.startswith(WANTS_LANGUAGE) for why in one.reasons)]
    with_note = noted(left)
    return tuple(replace(card, noted=card.id in with_note) for card in cards_of(entries, now))


def held_cards(entries: Sequence[DeskEntry], now: datetime) -> tuple[Card, ...]:
    """What anybody holds, with what its holder was not shown and since when nobody has answered them."""
    left = {one.conversation_id: one for one in words_left([entry.conversation_id for entry in entries])}
    return tuple(_as_left(card, left.get(card.id)) for card in cards_of(entries, now))


def _as_left(card: Card, left: NewWords | None) -> Card:
    if left is None:
        return card
    if left.unanswered_since is None:
        return replace(card, unread=left.number)
    return replace(card, unread=left.number, waiting_since=left.unanswered_since, counts="unanswered")


def _card(entry: DeskEntry, now: datetime, reader: Staff | None) -> Card:
    if entry.owner == Owner.STAFF:
        who = _("you") if reader and entry.staff_id == reader.pk else entry.staff_alias
    else:
        who = _("the bot") if entry.owner == Owner.BOT else ""
    queued = entry.owner == Owner.QUEUE and entry.queued_at is not None
    since = entry.waits_since if queued else entry.last_in_at
    first = rungs(entry.level)[0].after
    reasons = [one for one in entry.reasons if one not in labels.WISHES]
    if entry.doubt and f"risk.{entry.doubt}" not in reasons:
        reasons.append(f"doubt.{entry.doubt}")
    return Card(
        id=entry.conversation_id,
        level=labels.level(entry.level),
        why=why(reasons) if reasons or entry.owner != Owner.BOT else _("The bot listens"),
        language=labels.language(entry.language),
        channel=labels.channel(entry.channel),
        who=who,
        waiting_since=None if entry.owner == Owner.CLOSED else since,
        counts="waits" if queued else "wrote",
        late=bool(queued and since and now - since >= first),
        staff_id=entry.staff_id,
        safe=entry.safe_answer if queued else SafeAnswer.YES,
        wish=labels.wish(entry.reasons),
    )
