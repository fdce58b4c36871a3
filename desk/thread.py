"""Thread: the middle pane. Every message with who wrote it and what became of it, in plain words."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import phonenumbers

from channels.simulator import look_of
from content.languages import Language
from desk import labels
from desk.roles import Act, allowed
from desk.summary import Person, person
from records import desk
from records.material import ConversationFacts
from records.models import AuditEvent, Staff
from records.states import Level, Owner, valid_for_s

KINDS = {
    "media": "Sent something that the line does not open",
    "edit": "Changed an earlier message to this",
    "opt_out": "Their phone told the provider to block our messages",
    "opt_in": "Their phone allows our messages again",
    "blocked": "Blocked the bot",
    "command": "Opened the chat",
}
# What the audit says about the owner, as an event between the messages.
EVENTS = {
    Owner.QUEUE: "{who} asked for a person",
    Owner.STAFF: "{who} took it",
    Owner.BOT: "{who} handed it to the bot",
    Owner.CLOSED: "{who} closed it",
}


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


@dataclass(frozen=True, slots=True)
class ThreadView:
    """The thread with all that its head and the box under it say."""

    id: int
    owner: Owner
    owner_words: str
    level: labels.LevelLabel
    language: Language | None
    language_draft: bool
    channel: str
    counts_parts: bool
    heard_at: datetime
    waiting_since: datetime | None
    mine: bool
    may_claim: bool
    may_note: bool
    locked_words: str
    safe: str  # yes | no | unsure | unknown
    safe_words: str
    composer: str  # differs when the box must be drawn anew
    draft: str = field(repr=False)
    lines: tuple[Line, ...] = field(repr=False)
    person: Person = field(repr=False)
    now: datetime
    mark: str

    @property
    def number(self) -> int:
        return self.id


def thread(conversation_id: int, staff: Staff, now: datetime) -> ThreadView:
    """Open the conversation for this person; leaves an audit row.

    Raises:
        Conversation.DoesNotExist: it was erased.
    """
    opened = desk.thread(conversation_id, staff, now)
    of = opened.conversation
    mine = of.owner == Owner.STAFF and of.staff_id == staff.pk
    safe, safe_words = safety(of, now)
    lines = _with_days(sorted([*_messages(opened), *_events(of)], key=lambda line: line.at))
    language = labels.language(of.language)
    view = person(opened.assessment, of, safe_words, country(of))
    shown = repr([(line.at, line.name, line.delivery, line.about) for line in lines])
    state = f"{of.owner} {of.staff_id} {of.version} {of.level} {safe}"
    return ThreadView(
        id=of.id,
        owner=of.owner,
        owner_words="With you" if mine else _owner_words(opened),
        level=labels.level(of.level),
        language=language,
        language_draft=bool(language and language.catalogue == "draft"),
        channel=labels.channel(of.channel),
        counts_parts=look_of(of.channel) == "sms",
        heard_at=of.last_in_at or of.started_at,
        waiting_since=of.queued_at if of.owner == Owner.QUEUE else None,
        mine=mine,
        may_claim=may_claim(of.owner, staff),
        may_note=allowed(staff, Act.ANSWER),
        locked_words=_locked_words(opened, staff),
        safe=safe,
        safe_words=safe_words,
        composer=f"{of.id}.{of.owner}.{of.staff_id}",
        draft=opened.draft,
        lines=tuple(lines),
        person=view,
        now=now,
        mark=hashlib.sha256(f"{shown} {state}".encode()).hexdigest()[:16],
    )


def may_claim(owner: Owner, staff: Staff) -> bool:
    """True when this person may take a conversation of this owner."""
    if owner == Owner.QUEUE:
        return allowed(staff, Act.ANSWER)
    return owner == Owner.BOT and allowed(staff, Act.SEE_BOT_ONLY)


def safety(of: ConversationFacts, now: datetime) -> tuple[str, str]:
    """The last answer to "is it safe to write", in one word and in a sentence with its age."""
    if of.opted_out_at:
        return "no", "Nothing reaches them: their phone blocks our messages."
    if of.ended_at:
        return "no", "They ended the chat. Do not write until they do."
    if of.not_safe_at or of.safe_answer == "no":
        return "no", "Not safe to write: they said so. Do not write until they do."
    if of.safe_answer != "yes" or of.safe_at is None:
        said = "they are not sure" if of.safe_answer == "unsure" else "nobody knows yet"
        return of.safe_answer or "unknown", f"Is it safe to write? {said.capitalize()}. Ask first."
    minutes = max(0, int((now - of.safe_at).total_seconds() // 60))
    last = max(of.safe_at, of.last_in_at or of.safe_at)
    if now - last > timedelta(seconds=valid_for_s(of.channel)):
        return "unknown", f"They said it was safe {minutes} min ago. The phone may be in other hands: ask again first."
    return "yes", f"Safe to write: they said so {f'{minutes} min' if minutes else 'less than a minute'} ago."


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
        return f"With {opened.staff_alias}"
    if of.owner == Owner.CLOSED and opened.outcome:
        return f"Closed: {labels.OUTCOMES.get(opened.outcome, labels.finding(opened.outcome)).lower()}"
    return labels.OWNERS[of.owner]


def _locked_words(opened: desk.Thread, staff: Staff) -> str:
    owner = opened.conversation.owner
    if owner == Owner.STAFF:
        return f"{opened.staff_alias} has this conversation. Only {opened.staff_alias} can reply."
    if owner == Owner.QUEUE:
        return "The bot keeps them company and asks nothing more. Claim it to reply."
    if owner == Owner.BOT:
        return "The bot answers. " + ("Take over to reply." if may_claim(owner, staff) else "")
    return "This conversation is closed. If they write again, a new one starts."


def _messages(opened: desk.Thread) -> Iterator[Line]:
    language = opened.conversation.language
    for item in opened.items:
        if item.kind == "note":
            yield Line("note", f"Note by {item.alias}, only for staff", item.at, item.text)
        elif item.kind == "in":
            yield Line("contact", "Contact", item.at, item.text, language, _about(item))
        else:
            words, trouble = labels.delivery(item.status, item.reason)
            who = item.author if item.author in ("bot", "staff") else "system"
            yield Line(
                who,
                {"bot": "Bot", "system": "Bot, for staff"}.get(who, item.alias or "Staff"),
                item.at,
                item.text,
                language if who != "staff" or item.key else "",
                delivery=words,
                trouble=trouble,
                buttons=tuple(label for _id, label in item.buttons),
            )


def _about(item: desk.ThreadItem) -> str:
    told = [KINDS[item.message_kind]] if item.message_kind in KINDS else []
    if item.button is not None:
        told.append("Chose an answer")
    if item.media:
        told.append(", ".join(name.replace("_", " ") for name in item.media))
    return ": ".join(told)


def _events(of: ConversationFacts) -> Iterator[Line]:
    rows = AuditEvent.objects.filter(conversation_uid=of.uid, action__in=("owner_changed", "transfer"))
    for row in rows.select_related("staff").order_by("pk"):
        who = (row.staff.alias or row.staff.username) if row.staff else "The bot"
        if row.action == "transfer":
            yield Line("event", who, row.at, f"{who} transferred it")
            continue
        try:
            words = EVENTS[Owner(str(row.details.get("to")))].format(who=who)
        except ValueError:
            continue
        if row.staff and row.details.get("to") == Owner.QUEUE:
            words = f"{who} gave it back to the queue"
        urgent = row.details.get("level") == Level.URGENT and row.details.get("to") == Owner.QUEUE
        yield Line("event", who, row.at, f"{words}, urgently" if urgent and not row.staff else words)


def _with_days(lines: list[Line]) -> list[Line]:
    """Mark the first line of each day, if there is more than one day."""
    days = [line.at.date() for line in lines]
    if len(set(days)) <= 1:
        return lines
    return [
        replace(line, new_day=True) if at == 0 or days[at - 1] != days[at] else line for at, line in enumerate(lines)
    ]
