"""Thread: the middle pane. Every message with who wrote it, what was heard in it and what became of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

import phonenumbers
from django.utils.translation import gettext as _

from channels.simulator import look_of
from content.languages import Language
from desk import labels
from desk.asked import asked_if_safe, never_sent, sent, unanswered_since
from desk.content_state import is_draft
from desk.gate import NOTHING_ARRIVES, Gate, gate, safety, why_closed
from desk.lines import Line, events_of, messages_of, with_days
from desk.need_to_know import left_with_bot
from desk.roles import Act, allowed
from desk.summary import Person, person
from desk.ways import OPEN, Way, way_of
from records.messages.material import ConversationFacts
from records.models import Conversation, Staff
from records.staff import desk, seats
from records.staff.holding import Given, given_to
from records.staff.lists import alias
from records.states import Owner
from screening.assessment import Assessment
from screening.score import score


@dataclass(frozen=True, slots=True)
class ThreadView:
    """The thread with all that its head and the box under it say.

    One of a practice has `practice`, its number there, and an `id` below zero that no conversation has.
    """

    id: int
    practice: int
    of: ConversationFacts = field(repr=False)
    known: Assessment = field(repr=False)
    owner: Owner
    owner_words: str
    level: labels.LevelLabel
    language: Language | None
    language_draft: bool
    channel: str
    counts_parts: bool
    heard_at: datetime
    unanswered_since: datetime | None  # since when no person has answered them
    mine: bool
    may_claim: bool
    may_note: bool
    wish: str  # a woman or a man, if they asked for one
    locked_words: str
    safe: str  # yes | no | unsure | unknown
    safe_words: str
    asked_at: datetime | None  # when staff asked last whether it is safe, until that is answered
    gate: str  # open, or why the reply box is closed
    gate_words: str
    may_take_over: bool
    watchers: tuple[seats.Watcher, ...]
    earlier: bool
    shown: int  # how many messages at most
    newest_in: int  # the contact's newest message in it
    given: Given | None  # to this reader, who has not written since
    links: tuple[desk.Linked, ...]
    composer: str  # differs when the box must be drawn anew
    draft: str = field(repr=False)
    note_draft: str = field(repr=False)
    lines: tuple[Line, ...] = field(repr=False)
    person: Person = field(repr=False)
    now: datetime
    mark: str

    @property
    def nothing_arrives(self) -> bool:
        """True when no reason opens the box."""
        return Gate(self.gate) in NOTHING_ARRIVES

    @property
    def box(self) -> str:
        """The id of the form in which words may stand that are kept; empty if there is none."""
        if self.practice or not self.may_note:
            return ""
        return "reply-form" if self.mine and not self.nothing_arrives else "note-form"

    @property
    def number(self) -> int:
        return self.practice or self.id

    @property
    def more(self) -> int:
        """How many messages the next page back shows."""
        return self.shown * 4


def thread(conversation_id: int, staff: Staff, now: datetime, *, last: int = desk.LAST) -> ThreadView:
    """Open the end of the conversation for this person; leaves an audit row.

    Raises:
        Conversation.DoesNotExist: it was erased.
    """
    opened = desk.thread(conversation_id, staff, now, last=last)
    of = opened.conversation
    return view(
        opened,
        staff,
        now,
        last=last,
        watchers=seats.watchers(of.id, staff, now, of.staff_id if of.owner == Owner.STAFF else None),
        events=lambda since: events_of(of, since),
        given=_given(opened, staff),
    )


def _given(opened: desk.Thread, staff: Staff) -> Given | None:
    """Who gave it to this reader, until they have written in it themselves."""
    of, since = opened.conversation, opened.claimed_at
    if of.owner != Owner.STAFF or of.staff_id != staff.pk or since is None:
        return None
    answered = any(item.author == "staff" and item.alias == alias(staff) and item.at > since for item in opened.items)
    return None if answered else given_to(staff, of.uid, since)


Events = Callable[[datetime | None], Iterable[Line]]  # what happened between the messages, since then


def view(
    opened: desk.Thread,
    staff: Staff,
    now: datetime,
    *,
    last: int,
    watchers: tuple[seats.Watcher, ...],
    events: Events,
    practice: int = 0,
    given: Given | None = None,
) -> ThreadView:
    """An opened conversation as this person reads it."""
    of = opened.conversation
    mine = of.owner == Owner.STAFF and of.staff_id == staff.pk
    safe, gate_now = safety(of, now), gate(of, now)
    known = Assessment.from_json(opened.assessment)
    weights = {line.indicator: line for line in score(known).lines}
    way = OPEN if practice else way_of(of.channel)
    messages = list(messages_of(opened, weights, way, now, practice=bool(practice)))
    since = min((line.at for line in messages), default=None) if opened.earlier else None
    lines = with_days(sorted([*messages, *events(since)], key=lambda line: line.at))
    language = labels.language(of.language)
    shown = repr([(line.at, line.name, line.delivery, line.about, line.again) for line in lines])
    state = f"{of.owner} {of.staff_id} {of.version} {of.level} {safe.word} {gate_now} {watchers} {last} {opened.links}"
    return ThreadView(
        id=of.id,
        practice=practice,
        of=of,
        known=known,
        owner=of.owner,
        owner_words=_("With you") if mine else _owner_words(opened),
        level=labels.level(of.level),
        language=language,
        language_draft=is_draft(language),
        channel=labels.channel(of.channel),
        counts_parts=look_of(of.channel) == "sms",
        heard_at=of.last_in_at or of.started_at,
        unanswered_since=unanswered_since(of),
        mine=mine,
        may_claim=may_claim(of, staff),
        may_note=allowed(staff, Act.ANSWER),
        wish=labels.wish(of.handoff_reasons),
        locked_words=_locked_words(opened, staff, way),
        safe=safe.word,
        safe_words=safe.sentence,
        asked_at=asked_if_safe(opened),
        gate=gate_now.value,
        gate_words=why_closed(gate_now),
        may_take_over=may_take_over(of.owner, of.staff_id, staff),
        watchers=watchers,
        earlier=opened.earlier,
        shown=last,
        newest_in=max((item.id for item in opened.items if item.kind == "in"), default=0),
        given=given,
        links=opened.links,
        composer=f"{of.id}.{of.owner}.{of.staff_id}.{gate_now.value}",
        draft=opened.draft,
        note_draft=opened.note_draft,
        lines=tuple(lines),
        person=person(opened.assessment, of, safe.sentence, country(of), never_sent(opened), sent(opened)),
        now=now,
        mark=hashlib.sha256(f"{shown} {state}".encode()).hexdigest()[:16],
    )


def may_claim(row: Conversation | ConversationFacts, staff: Staff) -> bool:
    """True when this person may take it from the queue or from the bot."""
    if row.owner == Owner.QUEUE or left_with_bot(row):
        return allowed(staff, Act.ANSWER)
    return row.owner == Owner.BOT and allowed(staff, Act.SEE_BOT_ONLY)


def may_take_over(owner: str, holder: int | None, staff: Staff) -> bool:
    """True when this person may take it from the colleague who has it."""
    return owner == Owner.STAFF and holder != staff.pk and allowed(staff, Act.SEE_BOT_ONLY)


def country(of: ConversationFacts) -> str | None:
    """The country of the number, on SMS; only the country leaves this function."""
    if look_of(of.channel) != "sms":
        return None
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(of.address()))
    except phonenumbers.NumberParseException:
        return None


def _owner_words(opened: desk.Thread) -> str:
    of = opened.conversation
    if of.owner == Owner.STAFF:
        return _("With %(alias)s") % {"alias": opened.staff_alias}
    if of.owner == Owner.CLOSED and opened.outcome:
        outcome = str(labels.OUTCOMES.get(opened.outcome, labels.finding(opened.outcome)))
        return _("Closed: %(outcome)s") % {"outcome": outcome}
    return str(labels.OWNERS[of.owner])


def _locked_words(opened: desk.Thread, staff: Staff, way: Way) -> str:
    owner = opened.conversation.owner
    if owner == Owner.STAFF:
        words = _("%(alias)s has this conversation. Only %(alias)s can reply.")
        return words % {"alias": opened.staff_alias}
    if owner == Owner.QUEUE and not way.carried:
        return _("This channel is not set up: neither the bot nor you can answer here. Tell the operator now.")
    if owner == Owner.QUEUE and opened.conversation.opted_out_at:
        return _(
            "Their phone blocks our messages: nobody can answer here. Claim it to look for another way that they named"
            " as safe, to note what you did, or to close it."
        )
    if owner == Owner.QUEUE:
        return _("It waits for a person. Until somebody claims it, only the bot can answer here. Claim it to reply.")
    if owner == Owner.BOT:
        return (
            _("The bot answers. Take over to reply.")
            if may_claim(opened.conversation, staff)
            else _("The bot answers.")
        )
    return _("This conversation is closed. If they write again, a new one starts.")
