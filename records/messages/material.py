"""What a turn is made from: the facts of a conversation, opened and frozen, and the message."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from typing import Any

from django.db.models import Q, QuerySet

from records.errors import SealBroken
from records.messages import providers
from records.messages.prepared import Prepared
from records.messages.queries import ClaimedTurn
from records.messages.recent import Recent, RecentLine
from records.models import AssessmentRecord, Conversation, InboxMessage, OutboxMessage, TrackerChunk
from records.sealing.closing import safe_word
from records.states import REACHED_NOBODY, Author, Consent, Level, OutboxStatus, Owner, Role, SafeAnswer

# Marks at the head of a chunk, before which the dialogue reads nothing: a session begins, or all events until here
# are put together in the mark.
SESSION, SNAPSHOT = "lantern_session", "lantern_snapshot"
_RECENT = 16  # lines among which the waiting question is looked for
_CHUNKS = 32  # read at once; a snapshot stands closer than that


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationFacts:
    """A conversation as it was when it was read."""

    id: int
    uid: uuid.UUID
    contact_id: int
    channel: str
    owner: Owner
    level: Level | None
    language: str
    role: Role | None
    consent: Consent | None
    version: int
    started_at: datetime
    last_in_at: datetime | None  # before the message of this turn
    last_out_at: datetime | None
    queued_at: datetime | None
    handoff_reasons: tuple[str, ...]
    staff_id: int | None
    safe_answer: SafeAnswer | None
    safe_at: datetime | None
    waits_told: int
    erase_at: datetime | None
    opted_out_at: datetime | None
    ended_at: datetime | None
    not_safe_at: datetime | None
    had_person: bool = False  # somebody of staff has had it, now or before
    doubt: str = ""  # the risk heard since they last answered whether it is safe
    doubt_at: datetime | None = None
    unanswered_since: datetime | None = None  # since when no person has answered them, as it was when they were queued
    address: Callable[[], str] = field(repr=False)  # opens it; for the country only


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxPayload:
    """What the contact sent."""

    text: str = field(repr=False)
    button: str | None
    media: tuple[str, ...] = field(repr=False)
    hint_language: str | None
    pressed_on: str = ""  # the provider's id of the message of ours under which the button stands


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnMaterial:
    """Everything the dialogue may know in this turn."""

    conversation: ConversationFacts
    message: InboxPayload
    kind: str
    received_at: datetime
    events: list[dict[str, Any]] = field(repr=False)  # of the tracker since its last mark, oldest first
    next_seq: int
    assessment: dict[str, Any] | None = field(repr=False)
    last_keys: tuple[str, ...]  # of the last thing the bot said, as far as it was not dropped
    last_texts: tuple[str, ...] = field(repr=False)
    # while staff have it: the catalogue's key of our last message that was seen, empty for a worker's own words
    staff_said: str | None = None
    flood: bool = False  # the message is one of very many in a minute
    recent: Callable[[], Recent] = Recent  # asked only while a question waits, or something is said
    # number and secret word of the contact's earlier conversations; opened only when a word was written
    earlier_words: Callable[[], tuple[tuple[int, str], ...]] = field(default=tuple, repr=False)


def facts_of(conversation: Conversation) -> ConversationFacts:
    """Freeze a conversation whose contact is loaded."""
    contact = conversation.contact
    return ConversationFacts(
        id=conversation.pk,
        uid=conversation.uid,
        contact_id=contact.pk,
        channel=contact.channel,
        owner=Owner(conversation.owner),
        level=Level(conversation.level) if conversation.level else None,
        language=conversation.language,
        role=Role(conversation.role) if conversation.role else None,
        consent=Consent(conversation.consent) if conversation.consent else None,
        version=conversation.version,
        started_at=conversation.started_at,
        last_in_at=conversation.last_in_at,
        last_out_at=conversation.last_out_at,
        queued_at=conversation.queued_at,
        handoff_reasons=tuple(conversation.handoff_reasons),
        staff_id=conversation.claimed_by_id,
        safe_answer=SafeAnswer(conversation.safe_answer) if conversation.safe_answer else None,
        safe_at=conversation.safe_at,
        waits_told=conversation.waits_told,
        erase_at=conversation.erase_at,
        opted_out_at=contact.opted_out_at,
        ended_at=contact.ended_at,
        not_safe_at=contact.not_safe_at,
        had_person=conversation.claimed_at is not None,
        doubt=conversation.doubt,
        doubt_at=conversation.doubt_at,
        unanswered_since=conversation.unanswered_since,
        address=partial(_address, conversation),
    )


def _address(conversation: Conversation) -> str:
    return conversation.contact.open_address()


def load_conversation(conversation_id: int) -> ConversationFacts:
    """The facts alone, for a step without a message. Raises Conversation.DoesNotExist."""
    return facts_of(Conversation.every.select_related("contact").get(pk=conversation_id))


def load_turn(claimed: ClaimedTurn) -> TurnMaterial:
    """Read and open what the turn needs.

    Raises:
        SealBroken: something stored does not open.
        InboxMessage.DoesNotExist: the conversation was erased meanwhile.
    """
    try:
        return _load_turn(claimed)
    except SealBroken:
        return _load_turn(claimed)  # it may have been sealed anew between two of the reads


def _load_turn(claimed: ClaimedTurn) -> TurnMaterial:
    row = _message.first(inbox_id=claimed.inbox_id)
    if row is None:
        raise InboxMessage.DoesNotExist
    conversation = row.conversation
    key = conversation.open_key()
    payload = row.open_payload(key)
    events, next_seq = _tracker(conversation, key)
    record = _assessment.first(conversation_id=conversation.pk)
    said = _last_said(conversation)
    return TurnMaterial(
        conversation=facts_of(conversation),
        message=InboxPayload(
            text=payload["text"],
            button=payload["button"],
            media=tuple(payload["media"]),
            hint_language=payload["hint_language"],
            pressed_on=payload.get("pressed_on", ""),
        ),
        kind=row.kind,
        received_at=row.received_at,
        events=events,
        next_seq=next_seq,
        assessment=record.open_facts(key) if record else None,
        last_keys=tuple(line.key for line in said),
        last_texts=tuple(line.open_payload(key)[0] for line in said),
        staff_said=_staff_said(row) if conversation.owner == Owner.STAFF else None,
        flood=row.flood,
        recent=cache(partial(_seen, row)),
        earlier_words=partial(_earlier_words, conversation),
    )


def assessment_of(conversation_id: int) -> dict[str, Any] | None:
    """What screening knows about a conversation; None if it knows nothing yet. Raises SealBroken."""
    record = AssessmentRecord.objects.select_related("conversation__day_key").filter(conversation_id=conversation_id)
    found = record.first()
    return found.open_facts(found.conversation.open_key()) if found else None


def _earlier_words(conversation: Conversation) -> tuple[tuple[int, str], ...]:
    records = AssessmentRecord.objects.select_related("conversation__day_key").filter(
        conversation__contact=conversation.contact
    )
    found = []
    for record in records.exclude(conversation=conversation).order_by("-conversation_id"):
        word = _safe_word(record)
        if word:
            found.append((int(record.conversation_id), str(word)))
    return tuple(found)


def _safe_word(record: AssessmentRecord) -> Any:
    earlier = record.conversation
    return safe_word(earlier) if earlier.sealed_at else record.open_facts(earlier.open_key()).get("word")


def _tracker(conversation: Conversation, key: bytes) -> tuple[list[dict[str, Any]], int]:
    """The events from the last mark on, and the position of the next."""
    newest_first: list[list[dict[str, Any]]] = []
    next_seq = 0
    for chunk in _chunks_backwards(conversation):
        next_seq = next_seq or chunk.seq + chunk.n
        newest_first.append(chunk.open_events(key))
        if newest_first[-1] and newest_first[-1][0].get("event") in (SESSION, SNAPSHOT):
            break
    return [event for events in reversed(newest_first) for event in events], next_seq


def _chunks_backwards(conversation: Conversation) -> Iterator[TrackerChunk]:
    before = _BEYOND
    while True:
        some = _chunks(conversation_id=conversation.pk, before=before)
        yield from some
        if len(some) < _CHUNKS:
            return
        before = some[-1].seq


def _last_said(conversation: Conversation) -> list[OutboxMessage]:
    last = _last_line.first(conversation_id=conversation.pk)
    if last is None:
        return []
    pk, inbox_id = last
    if inbox_id:
        return _lines_of_turn(conversation_id=conversation.pk, inbox_id=inbox_id)
    return _line_alone(conversation_id=conversation.pk, pk=pk)


def _seen(answer: InboxMessage) -> Recent:
    lines = tuple(RecentLine(*row) for row in _recent(conversation_id=answer.conversation_id))
    away = cache(lambda: providers.failing(answer.channel)[0] is not None)
    return Recent(lines=lines, read_at=answer.received_at, provider_away=away)


def _staff_said(answer: InboxMessage) -> str | None:
    """What a worker said last of what the provider had taken when this message came: no other can be answered."""
    taken = Q(sent_at__lte=answer.received_at) | Q(sent_at=None, status=OutboxStatus.DELIVERED)
    ours = OutboxMessage.objects.filter(taken, conversation=answer.conversation_id, not_before__lte=answer.received_at)
    last = ours.exclude(status__in=REACHED_NOBODY).order_by("-not_before", "-pk").values_list("author", "key").first()
    return last[1] if last is not None and last[0] == Author.STAFF else None


def _lines(conversation_id: int, **which: int) -> QuerySet[OutboxMessage]:
    lines = OutboxMessage.objects.filter(conversation_id=conversation_id, author=Author.BOT, **which)
    return lines.exclude(status__in=REACHED_NOBODY).order_by("n").only("uid", "key", "payload")


# Values that no row has: see `records.messages.prepared`.
_HERE, _THERE, _BEYOND = -1001, -1003, 2**31 - 1
_message = Prepared(
    lambda inbox_id: InboxMessage.objects.select_related("conversation__contact", "conversation__day_key").filter(
        pk=inbox_id
    ),
    inbox_id=_HERE,
)
_assessment = Prepared(
    lambda conversation_id: AssessmentRecord.objects.filter(conversation_id=conversation_id), conversation_id=_HERE
)
_chunks = Prepared(
    lambda conversation_id, before: TrackerChunk.objects.filter(
        conversation_id=conversation_id, seq__lt=before
    ).order_by("-seq")[:_CHUNKS],
    conversation_id=_HERE,
    before=_BEYOND,
)
_last_line = Prepared(
    lambda conversation_id: (
        OutboxMessage.objects.filter(conversation_id=conversation_id, author=Author.BOT, timed=False)
        .order_by("-pk")
        .values_list("pk", "inbox_id")[:1]
    ),
    conversation_id=_HERE,
)
_recent = Prepared(
    lambda conversation_id: (
        OutboxMessage.objects.filter(conversation_id=conversation_id)
        .order_by("-pk")
        .values_list("pk", "key", "status", "inbox_id", "author", "created_at", "sent_at", "provider_id")[:_RECENT]
    ),
    conversation_id=_HERE,
)
_lines_of_turn = Prepared(_lines, conversation_id=_HERE, inbox_id=_THERE)
_line_alone = Prepared(_lines, conversation_id=_HERE, pk=_THERE)
