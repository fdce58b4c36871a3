"""What staff do to a conversation. Each change and its audit row are one transaction.

The owner is changed by compare-and-set under the lock of the row: of any number of
people who claim at once, one has it. What they read lives in `records.staff.threads`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from records import audit
from records.errors import AtCapacity, LostClaim, NotHolder
from records.messages.lost import telling_of_dropped
from records.messages.outcome import ContactMarks, OutboxDraft
from records.messages.step import add_outbox, change_owner, drop_waiting_bot_lines, locked, mark_contact
from records.models import Conversation, ConversationLink, OutboxMessage, Seat, Staff
from records.staff.lists import DeskEntry, Waiting, held_by, left_with_bot, noted, owned_by, queue, waiting
from records.staff.replies import NoteMade, ReplyMade, add_note, held, reply, retry, save_draft
from records.staff.seats import MOST_CAPACITY, in_hands_of, seat_of
from records.staff.threads import LAST, Linked, Thread, ThreadItem, thread
from records.states import Actor, Author, DropReason, Level, Owner, Presence, SafeAnswer

__all__ = [
    "LAST",
    "DeskEntry",
    "Earlier",
    "Linked",
    "NoteMade",
    "ReplyMade",
    "Thread",
    "ThreadItem",
    "Waiting",
    "add_note",
    "claim",
    "close",
    "earlier_of",
    "give_back_for",
    "hand_all_back",
    "hand_back",
    "held_by",
    "left_with_bot",
    "link",
    "noted",
    "owned_by",
    "queue",
    "reply",
    "retry",
    "save_draft",
    "take_over",
    "tell_safety",
    "thread",
    "transfer",
    "waiting",
]

WANTS_LANGUAGE = "language."  # begins the reason of a transfer to whoever speaks a language
# Why it was given back without them: a reason on its card, and in the audit.
AWAY, ON_BREAK = "worker_away", "worker_break"  # by the clock
LOST, SWITCHED_OFF, SIGNED_OUT = "worker_lost", "worker_off", "worker_signed_out"  # they were shut out
_CAME_BACK = frozenset({AWAY, ON_BREAK, LOST, SWITCHED_OFF, SIGNED_OUT})


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier conversation of the same address, which a worker may join to this one."""

    conversation_id: int
    started_at: datetime
    closed_at: datetime | None
    outcome: str
    linked: bool


def claim(
    conversation_id: int,
    staff: Staff,
    now: datetime,
    *,
    lines: Sequence[OutboxDraft] = (),
    within_capacity: bool = False,
) -> bool:
    """Take a conversation from the queue or the bot. True for exactly one of those who try at once.

    What the bot had not begun to send is dropped, but for what keeps them safe; a notice tells of other urgent words;
    `lines` (the one that says who joins) go out.

    Raises:
        AtCapacity: asked to look, and this person holds as many as they take; an urgent one may go over.
    """
    with transaction.atomic():
        try:
            conversation = locked(conversation_id)
        except LostClaim:
            return False
        if conversation.owner not in (Owner.QUEUE, Owner.BOT):
            return False
        if within_capacity:
            _check_capacity(conversation, staff, now)
        change_owner(conversation, Owner.STAFF, now, actor=Actor.STAFF, staff=staff)
        conversation.claimed_by, conversation.claimed_at = staff, now
        _save(conversation)
        with telling_of_dropped(conversation.outbox.all(), now):
            drop_waiting_bot_lines(conversation, reason=DropReason.CLAIMED)
        _say(conversation, lines, now, staff)
        return True


def _check_capacity(conversation: Conversation, staff: Staff, now: datetime) -> None:
    seat_of(staff, now)
    seat = Seat.objects.select_for_update().get(pk=staff.pk)  # two claims of one person are counted one by one
    holds = in_hands_of(staff).count()
    most = MOST_CAPACITY if conversation.level == Level.URGENT else seat.capacity
    if holds >= most:
        raise AtCapacity(holds, most)


def take_over(conversation_id: int, staff: Staff, now: datetime) -> bool:
    """Take a conversation from the colleague who has it. False when nobody has it, or this person themselves."""
    with transaction.atomic():
        try:
            conversation = locked(conversation_id)
        except LostClaim:
            return False
        before = conversation.claimed_by_id
        if conversation.owner != Owner.STAFF or before == staff.pk:
            return False
        conversation.claimed_by, conversation.claimed_at = staff, now
        _save(conversation)
        audit.record("take_over", now, staff=staff, conversation_uid=conversation.uid, details={"from": before})
        return True


def give_back_for(holder: Staff, now: datetime, *, why: str = "") -> list[int]:
    """Put all that somebody holds back into the queue, each with its audit row; return which.

    Why: they are away or on a break, unless it is said.
    """
    given = []
    if not why:
        why = ON_BREAK if Seat.objects.filter(staff=holder, presence=Presence.BREAK).exists() else AWAY
    for conversation_id in in_hands_of(holder).values_list("pk", flat=True):
        with transaction.atomic():
            try:
                conversation = held(conversation_id, holder)
            except NotHolder:
                continue
            change_owner(conversation, Owner.QUEUE, now, actor=Actor.SYSTEM)
            before = [one for one in conversation.handoff_reasons if one not in _CAME_BACK]
            conversation.handoff_reasons = [*before, why]
            _save(conversation)
            audit.record(
                "given_back", now, actor=Actor.SYSTEM, conversation_uid=conversation.uid,
                details={"from": holder.pk, "why": why},
            )  # fmt: skip
            given.append(conversation_id)
    return given


def hand_back(
    conversation_id: int,
    staff: Staff,
    to: Owner,
    now: datetime,
    *,
    level: Level | None = None,
    reasons: Sequence[str] = (),
    lines: Sequence[OutboxDraft] = (),
) -> None:
    """Give the conversation to the bot or back into the queue, with the lines that tell the contact.

    Raises:
        NotHolder: this person does not hold the conversation.
    """
    if to not in (Owner.BOT, Owner.QUEUE):
        raise ValueError("a conversation is handed back to the bot or to the queue")
    with transaction.atomic():
        conversation = held(conversation_id, staff)
        change_owner(conversation, to, now, actor=Actor.STAFF, staff=staff)
        if level is not None:
            conversation.level = level
        known = [one for one in conversation.handoff_reasons if not one.startswith(WANTS_LANGUAGE)]
        conversation.handoff_reasons = known + [reason for reason in reasons if reason not in known]
        _save(conversation)
        _say(conversation, lines, now, staff)


def hand_all_back(staff: Staff, now: datetime) -> list[int]:
    """Put all that this person holds back into the queue, as they asked; return which."""
    given = []
    for number in in_hands_of(staff).values_list("pk", flat=True):
        try:
            hand_back(number, staff, Owner.QUEUE, now)
        except NotHolder:
            continue  # somebody has taken it over meanwhile
        given.append(number)
    return given


def transfer(conversation_id: int, staff: Staff, to: Staff, now: datetime) -> None:
    """Give the conversation to a colleague.

    Raises:
        NotHolder: this person does not hold the conversation.
    """
    with transaction.atomic():
        conversation = held(conversation_id, staff)
        conversation.claimed_by, conversation.claimed_at = to, now
        _save(conversation)
        audit.record("transfer", now, staff=staff, conversation_uid=conversation.uid, details={"to": to.pk})


def close(
    conversation_id: int, staff: Staff, outcome: str, now: datetime, *, lines: Sequence[OutboxDraft] = ()
) -> None:
    """End the conversation. What they write next starts a new one.

    Raises:
        NotHolder: this person does not hold the conversation.
    """
    with transaction.atomic():
        conversation = held(conversation_id, staff)
        change_owner(conversation, Owner.CLOSED, now, actor=Actor.STAFF, staff=staff)
        conversation.outcome = outcome
        _save(conversation)
        drop_waiting_bot_lines(conversation, reason=DropReason.CLOSED)
        _say(conversation, lines, now, staff)


def tell_safety(conversation_id: int, staff: Staff, answer: SafeAnswer, now: datetime) -> None:
    """Keep what the contact said to a person about whether it is safe. "No" stops what waits to be sent.

    Raises:
        NotHolder: this person does not hold the conversation.
    """
    with transaction.atomic():
        conversation = held(conversation_id, staff)
        conversation.safe_answer, conversation.safe_at = answer, now
        conversation.doubt, conversation.doubt_at = "", None
        _save(conversation)
        with telling_of_dropped(OutboxMessage.objects.filter(conversation__contact=conversation.contact_id), now):
            mark_contact(conversation, ContactMarks(not_safe=answer == SafeAnswer.NO), now)
        audit.record("safety", now, staff=staff, conversation_uid=conversation.uid, details={"is": answer.value})


def earlier_of(conversation_id: int, staff: Staff, now: datetime) -> list[Earlier]:
    """Earlier conversations of the same address, for who holds this one; that they asked is audited.

    Raises:
        NotHolder: this person does not hold the conversation.
    """
    with transaction.atomic():
        conversation = held(conversation_id, staff)
        joined = set(ConversationLink.objects.filter(conversation=conversation).values_list("earlier_id", flat=True))
        rows = Conversation.objects.filter(contact=conversation.contact_id, pk__lt=conversation_id).order_by("-pk")
        found = [Earlier(row.pk, row.started_at, row.closed_at, row.outcome, row.pk in joined) for row in rows]
        audit.record(
            "earlier_looked_up", now, staff=staff, conversation_uid=conversation.uid, details={"found": len(found)}
        )
        return found


def link(conversation_id: int, earlier_id: int, staff: Staff, now: datetime) -> bool:
    """Join an earlier conversation of the same address to this one. False when it is not one of those.

    Raises:
        NotHolder: this person does not hold the conversation.
    """
    with transaction.atomic():
        conversation = held(conversation_id, staff)
        earlier = Conversation.objects.filter(
            pk=earlier_id, contact=conversation.contact_id, pk__lt=conversation_id
        ).first()
        if earlier is None:
            return False
        made = ConversationLink.objects.get_or_create(
            conversation=conversation, earlier=earlier, defaults={"staff": staff, "made_at": now}
        )[1]
        if made:
            audit.record(
                "linked", now, staff=staff, conversation_uid=conversation.uid, details={"earlier": str(earlier.uid)}
            )
        return True


def _save(conversation: Conversation) -> None:
    conversation.version += 1  # a turn that was made from the facts before is refused
    conversation.save()


def _say(conversation: Conversation, lines: Sequence[OutboxDraft], now: datetime, staff: Staff) -> None:
    """Lines around the work of staff are the line's own, not the bot's: law 8 keeps the bot silent here."""
    if lines:
        ours = [replace(line, author=Author.SYSTEM) if line.author == Author.BOT else line for line in lines]
        add_outbox(conversation, conversation.open_key(), ours, now, staff=staff)
