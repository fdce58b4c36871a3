"""Intake: makes a message that arrived a row of the inbox, and says so.

Promise: when `receive` returns, the message is on disk, once, whatever the provider does
next. What the message means is left to the runner; nothing here reads it. What comes long after
it was written goes to a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction

from bot import signals
from channels.base import Inbound, Kind
from records.errors import LostClaim, StaleTurn
from records.messages import intake
from records.messages.material import assessment_of
from records.messages.outcome import AuditEntry, Changes, TurnOutcome
from records.messages.turns import commit_step, load_conversation
from records.models import Conversation
from records.states import Level, Owner, valid_for_s
from screening.assessment import Assessment

OPTED_OUT = "opted_out"  # the reason of a hand-off: their phone blocks our messages
LATE = "late"  # the reason of a hand-off: what they wrote reached us long after they wrote it
_ANSWERED = (Kind.TEXT, Kind.BUTTON, Kind.COMMAND, Kind.MEDIA)
_TRIES = 5
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one delivered message."""

    created: bool  # False: the same message was already here, or has been erased
    conversation_id: int
    inbox_id: int
    thinking: bool = False  # the bot is going to answer it now


def receive(inbound: Inbound, now: datetime) -> Receipt:
    """Store one message and wake the runner; the same message twice is one row.

    Raises:
        django.db.Error: nothing was stored; the provider must be told to try again.
    """
    stored = intake.store_inbound(
        channel=inbound.channel,
        provider_id=storable(inbound.provider_id),
        address=storable(inbound.sender.value),
        text=storable(inbound.text),
        kind=inbound.kind.value,
        button=None if inbound.button is None else storable(inbound.button),
        hint_language=None if inbound.hint_language is None else storable(inbound.hint_language),
        media=tuple(storable(name) for name in inbound.media),
        received_at=inbound.received_at,
        line=storable(inbound.line),
        written_at=inbound.written_at,
        message_id=inbound.message_id,
        pressed_on=inbound.pressed_on,
    )
    late = _late(inbound, now)
    if stored.created:
        if late and stored.owner == Owner.BOT:
            hand_to_staff(stored.conversation_id, now)
        transaction.on_commit(partial(signals.wake, signals.TURN))  # earlier, the runner would find nothing
    return Receipt(
        created=stored.created,
        conversation_id=stored.conversation_id,
        inbox_id=stored.inbox_id,
        thinking=stored.created and stored.owner == Owner.BOT and not late and inbound.kind in _ANSWERED,
    )


def _late(inbound: Inbound, now: datetime) -> bool:
    """True for what was written so long ago that the bot must not answer it: the phone may be in other hands."""
    valid_for = timedelta(seconds=valid_for_s(inbound.channel))
    return inbound.written_at is not None and now - inbound.written_at > valid_for


def hand_to_staff(conversation_id: int, now: datetime, reason: str = LATE) -> bool:
    """Bring in a person for a conversation that the bot cannot go on with. False if somebody has it, or it is gone."""
    for _ in range(_TRIES):
        try:
            facts = load_conversation(conversation_id)
            if facts.owner != Owner.BOT:
                return False
            reasons = tuple(dict.fromkeys((*facts.handoff_reasons, reason)))
            changes = Changes(owner=Owner.QUEUE, level=facts.level or Level.OFFER, handoff_reasons=reasons)
            told = AuditEntry(action="handed_off", details={"reasons": [reason]})
            commit_step(conversation_id, TurnOutcome(version=facts.version, changes=changes, audit=(told,)), now)
        except StaleTurn:
            continue  # it moved while we looked
        except (LostClaim, Conversation.DoesNotExist):
            return False
        transaction.on_commit(partial(signals.publish, signals.DESK, [conversation_id]))
        return True
    return False


def bring_in_if_told(conversation_id: int, now: datetime, reason: str) -> bool:
    """Bring in a person for who told something and is not reached: they wait for an answer that never comes."""
    known = Assessment.from_json(assessment_of(conversation_id))
    return bool(known.indicators or known.risks) and hand_to_staff(conversation_id, now, reason)


def storable(text: str) -> str:
    """The text as a database takes it: NUL removed, a lone surrogate shown as U+FFFD, all else kept."""
    return text.replace("\0", "").encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
