"""Thread: the middle pane. Every message with who wrote it, what was heard in it and what became of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import phonenumbers
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels.simulator import look_of
from content.languages import Language
from desk import labels
from desk.asked import asked_if_safe, never_sent, unanswered_since
from desk.bridge import NO_BRIDGE, Bridge, bridged
from desk.content_state import is_draft
from desk.delivery_words import clock, delivery
from desk.evidence import Marked, mark
from desk.gate import NOTHING_ARRIVES, Gate, gate, safety, why_closed
from desk.need_to_know import left_with_bot
from desk.roles import Act, allowed
from desk.summary import Person, person
from desk.ways import OPEN, Way, way_of
from records.messages.material import ConversationFacts
from records.models import AuditEvent, Conversation, Staff
from records.staff import desk, seats
from records.staff.holding import Given, given_to
from records.staff.lists import alias
from records.staff.replies import SENT_ONCE_MORE
from records.states import Level, Owner
from screening.assessment import Assessment
from screening.score import Line as ScoreLine
from screening.score import score

KINDS = {
    "media": gettext_lazy("Sent something that the line does not open"),
    "edit": gettext_lazy("Changed an earlier message to this"),
    "opt_out": gettext_lazy("Their phone told the provider to block our messages"),
    "opt_in": gettext_lazy("Their phone allows our messages again"),
    "blocked": gettext_lazy("Blocked the bot"),
    "command": gettext_lazy("Opened the chat"),
}
# What the audit says about the owner, as an event between the messages.
EVENTS = {
    Owner.QUEUE: gettext_lazy("%(who)s asked for a person"),
    Owner.STAFF: gettext_lazy("%(who)s took it"),
    Owner.BOT: gettext_lazy("%(who)s handed it to the bot"),
    Owner.CLOSED: gettext_lazy("%(who)s closed it"),
}
_EVENT_ACTIONS = ("owner_changed", "transfer", "take_over", "given_back", "linked", "safety", "words_erased")


@dataclass(frozen=True, slots=True)
class Line:
    """One message, note or event."""

    who: str  # contact | bot | staff | system | note | event
    name: str
    at: datetime
    text: str = field(repr=False)
    language: str = ""
    about: str = ""
    delivery: str = ""
    trouble: bool = False
    buttons: tuple[str, ...] = field(default=(), repr=False)
    new_day: bool = False
    marked: Marked | None = field(default=None, repr=False)
    state: str = ""  # of a message of ours
    again: int = 0  # the id under which it can be sent once more
    bridge: Bridge = NO_BRIDGE  # catalogue words and known answers, in the reader's language


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
        events=lambda since: _events(of, since),
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
    messages = list(_messages(opened, weights, way, now, practice=bool(practice)))
    since = min((line.at for line in messages), default=None) if opened.earlier else None
    lines = _with_days(sorted([*messages, *events(since)], key=lambda line: line.at))
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
        person=person(opened.assessment, of, safe.sentence, country(of), never_sent(opened)),
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


def _messages(
    opened: desk.Thread, weights: Mapping[str, ScoreLine], way: Way, now: datetime, *, practice: bool
) -> Iterator[Line]:
    language = opened.conversation.language
    mine = opened.conversation.owner == Owner.STAFF
    told = bridged(opened.items, language)
    contact = _("Simulated contact") if practice else _("Contact")
    for item in opened.items:
        if item.kind == "note":
            yield Line("note", _("Note by %(alias)s, only for staff") % {"alias": item.alias}, item.at, item.text)
        elif item.kind == "in":
            marked = mark(item.text, item.findings, weights)
            bridge = told.get(("in", item.id), NO_BRIDGE)
            yield Line("contact", contact, item.at, item.text, language, _about(item), marked=marked, bridge=bridge)
        else:
            stale = item.until is not None and now > item.until
            words, trouble = delivery(item.status, item.reason, way, urgent=item.urgent, keys=item.key, stale=stale)
            if practice:
                words = _("Practice: sent to nobody")
            who = item.author if item.author in ("bot", "staff") else "system"
            lost = mine and who == "staff" and item.status in SENT_ONCE_MORE and not item.tried_again
            yield Line(
                who,
                (item.alias or _("Staff")) if who == "staff" else _("Bot"),
                item.at,
                item.text,
                language if who != "staff" or item.key else "",
                about=_("Sent once more below") if item.tried_again else "",
                delivery=words,
                trouble=trouble,
                buttons=tuple(label for _id, label in item.buttons),
                state=item.status,
                again=item.id if lost else 0,
                bridge=told.get(("out", item.id), NO_BRIDGE),
            )


def _about(item: desk.ThreadItem) -> str:
    told = [str(KINDS[item.message_kind])] if item.message_kind in KINDS else []
    if item.written_at is not None:
        told.append(_("Came late: written at %(time)s") % {"time": clock(item.written_at)})
    if item.flood:
        told.append(_("One of very many in a minute"))
    if item.button is not None:
        told.append(_("Chose an answer"))
    if item.media:
        told.append(", ".join(name.replace("_", " ") for name in item.media))
    return ": ".join(told)


def _events(of: ConversationFacts, since: datetime | None) -> Iterator[Line]:
    rows = AuditEvent.objects.filter(conversation_uid=of.uid, action__in=_EVENT_ACTIONS)
    if since is not None:
        rows = rows.filter(at__gte=since)
    for row in rows.select_related("staff").order_by("pk"):
        words = _event(row)
        if words:
            yield Line("event", "", row.at, words)


def _event(row: AuditEvent) -> str:
    who = alias(row.staff)
    if row.action == "transfer":
        to = Staff.objects.filter(pk=row.details.get("to")).first()
        return _("%(who)s gave it to %(to)s") % {"who": who, "to": alias(to) or "?"}
    if row.action == "take_over":
        return _("%(who)s took it over") % {"who": who}
    if row.action == "safety":
        said = {"yes": _("%(who)s notes: they say it is safe"), "no": _("%(who)s notes: they say it is not safe")}
        return said.get(str(row.details.get("is")), "") % {"who": who}
    if row.action == "words_erased":
        return _("They had the chat erased: what either side wrote until then is gone here.")
    if row.action == "linked":
        earlier = Conversation.objects.filter(uid=str(row.details.get("earlier"))).values_list("pk", flat=True).first()
        return _("%(who)s joined conversation %(number)s to it") % {"who": who, "number": earlier or "?"}
    if row.action == "given_back":
        holder = {"who": alias(Staff.objects.filter(pk=row.details.get("from")).first()) or "?"}
        why = {
            desk.ON_BREAK: _("%(who)s was on a break: it went back to the queue"),
            desk.LOST: _("%(who)s lost password or phone: it went back to the queue"),
            desk.SWITCHED_OFF: _("The account of %(who)s was switched off: it went back to the queue"),
            desk.SIGNED_OUT: _("%(who)s was signed out everywhere: it went back to the queue"),
        }
        return why.get(str(row.details.get("why")), _("%(who)s was away: it went back to the queue")) % holder
    return _owner_event(row, who)


def _owner_event(row: AuditEvent, who: str) -> str:
    to = str(row.details.get("to"))
    if to not in Owner.values:
        return ""
    if to == Owner.QUEUE and row.actor_kind == "system":
        return ""  # the row beside it says why
    if row.staff and to == Owner.QUEUE:
        return _("%(who)s gave it back to the queue") % {"who": who}
    words = str(EVENTS[Owner(to)]) % {"who": who or _("The bot")}
    urgent = row.details.get("level") == Level.URGENT and to == Owner.QUEUE
    return _("%(what)s, urgently") % {"what": words} if urgent else words


def _with_days(lines: list[Line]) -> list[Line]:
    """Mark the first line of each day, if there is more than one day."""
    days = [timezone.localtime(line.at).date() for line in lines]
    if len(set(days)) <= 1:
        return lines
    return [
        replace(line, new_day=True) if at == 0 or days[at - 1] != days[at] else line for at, line in enumerate(lines)
    ]
