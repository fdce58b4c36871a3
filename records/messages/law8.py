"""Law 8: every outgoing message is checked at the moment it is sent. Facts in, a reason to drop it out.

The caller reads the row; `SendFacts.of` gathers what counts. A reason is a short code; the desk has its sentence.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from records.models import InboxMessage, OutboxMessage
from records.states import NOT_ALONE, Author, DropReason, Owner, SafeAnswer

# Sentences of the catalogue that keep somebody safe: where to go, which numbers to call. Not what follows once they
# have answered whether to call, and not the company while nobody has come.
_KEEPS_SAFE, _BUT = ("risk.", "numbers"), ("risk.call.", "risk.stay")
_ANSWERED = ("text", "button", "command", "media")  # kinds of messages that always get an answer


def keeps_safe(keys: str) -> bool:
    """True for a line that goes on its way although a person has come: they may not say it in time."""
    return any(key.startswith(_KEEPS_SAFE) and not key.startswith(_BUT) for key in keys.split())


class Chat(Protocol):
    """What is known of a conversation that tells whether its contact had it erased."""

    @property
    def erase_at(self) -> datetime | None: ...
    @property
    def last_in_at(self) -> datetime | None: ...


def erased_their_chat(of: Chat) -> bool:
    """True for who had the chat erased and has not written since: nothing is written first to who hides it."""
    return of.erase_at is not None and (of.last_in_at is None or of.last_in_at <= of.erase_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class SendFacts:
    """What decides whether a message may still go out."""

    author: Author
    created_at: datetime
    not_before: datetime
    valid_for_s: int
    timed: bool
    always: bool
    owner: Owner
    closed_at: datetime | None
    safe_answer: SafeAnswer | None
    safe_at: datetime | None
    opted_out_at: datetime | None
    ended_at: datetime | None
    not_safe_at: datetime | None
    maybe_watched: bool = False  # since that answer it was heard that they are perhaps not alone
    asked_at: datetime | None = None  # when the message that it answers was written, where the provider tells
    keeps_safe: bool = False  # it says where to go, or which numbers to call
    overtaken: bool = False  # a newer turn stands for it; it was on its way then, and has turned out not to be out
    chat_erased: bool = False  # they had it erased, and have not written since
    flood_goes_on: bool = False  # it waited for the end of very many messages, and more of them came

    @classmethod
    def of(cls, row: OutboxMessage) -> SendFacts:
        """The facts of a row whose conversation and contact are loaded."""
        conversation, contact = row.conversation, row.conversation.contact
        return cls(
            author=Author(row.author),
            created_at=row.created_at,
            not_before=row.not_before,
            valid_for_s=row.valid_for_s,
            timed=row.timed,
            always=row.always,
            owner=Owner(conversation.owner),
            closed_at=conversation.closed_at,
            safe_answer=SafeAnswer(conversation.safe_answer) if conversation.safe_answer else None,
            safe_at=conversation.safe_at,
            opted_out_at=contact.opted_out_at,
            ended_at=contact.ended_at,
            not_safe_at=contact.not_safe_at,
            maybe_watched=conversation.doubt == NOT_ALONE,
            asked_at=row.inbox.written_at if row.inbox else None,
            keeps_safe=keeps_safe(row.key) and not row.timed,
            overtaken=row.reason == DropReason.OVERTAKEN,
            chat_erased=erased_their_chat(conversation),
            flood_goes_on=bool(row.inbox and row.inbox.flood and row.not_before > row.created_at and _more_came(row)),
        )


def reason_to_drop(facts: SendFacts, now: datetime) -> DropReason | None:
    """The code of the first reason against sending, or None.

    The line that answers the exit word is made in the same instant as the mark, and the
    bot's farewell in the same instant as the close, so only what is later than the message
    counts. A timed line was not asked for:
    any mark counts against it, and only a fresh "yes, it is safe" speaks for it.
    """
    valid_for = timedelta(seconds=facts.valid_for_s)
    if facts.opted_out_at is not None:
        return DropReason.OPTED_OUT
    for mark, reason in ((facts.ended_at, DropReason.ENDED), (facts.not_safe_at, DropReason.NOT_SAFE)):
        if mark is not None and (facts.timed or mark > facts.created_at):
            return reason
    if facts.timed and facts.chat_erased:
        return DropReason.CHAT_ERASED
    if now - max(facts.created_at, facts.not_before) > valid_for:
        return DropReason.TOO_OLD
    if _answers_late(facts, now, valid_for):
        return DropReason.ASKED_TOO_LONG_AGO
    if facts.timed and not _said_safe_lately(facts, now, valid_for):
        return DropReason.SAFETY_UNKNOWN
    return _owner_reason(facts)


def _answers_late(facts: SendFacts, now: datetime, valid_for: timedelta) -> bool:
    """The bot answers nobody who wrote long ago: it came late through an outage, and who holds the phone now?"""
    by_itself = facts.author == Author.BOT and not facts.always
    return by_itself and facts.asked_at is not None and now - facts.asked_at > valid_for


def _more_came(row: OutboxMessage) -> bool:
    newer = InboxMessage.objects.filter(conversation=row.conversation_id, pk__gt=row.inbox_id or 0)
    return newer.filter(kind__in=_ANSWERED).exists()


def _owner_reason(facts: SendFacts) -> DropReason | None:
    if facts.overtaken:
        return DropReason.OVERTAKEN
    if facts.author != Author.BOT or facts.always:
        return None
    if facts.flood_goes_on:
        return DropReason.FLOOD  # the last of them is answered
    if facts.owner == Owner.STAFF:
        return None if facts.keeps_safe else DropReason.STAFF_HAS_IT
    closed_since = facts.closed_at is None or facts.closed_at > facts.created_at
    return DropReason.CLOSED if facts.owner == Owner.CLOSED and closed_since else None


def _said_safe_lately(facts: SendFacts, now: datetime, valid_for: timedelta) -> bool:
    said_yes = facts.safe_answer == SafeAnswer.YES and not facts.maybe_watched
    return said_yes and facts.safe_at is not None and now - facts.safe_at <= valid_for
