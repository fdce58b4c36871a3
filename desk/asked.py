"""Asked: what waits for an answer, and since when: whether it is safe, and whoever asked for a person."""

from __future__ import annotations

from datetime import datetime

from desk.cards import since_before
from desk.gate import ALWAYS
from records.messages.material import ConversationFacts
from records.staff import desk
from records.staff.replies import helper_wrote_since
from records.states import OutboxStatus, Owner

_REACHED_NOBODY = (OutboxStatus.FAILED, OutboxStatus.DROPPED)


def asked_if_safe(opened: desk.Thread) -> datetime | None:
    """When staff asked last whether it is safe, until that is answered: other words of theirs are no answer.

    What reached nobody asked nothing.
    """
    of = opened.conversation
    for item in reversed(opened.items):
        if item.key in ALWAYS and item.author == "staff" and item.status not in _REACHED_NOBODY:
            return None if _answered(of, item.at) else item.at
    return None


def _answered(of: ConversationFacts, asked_at: datetime) -> bool:
    """True once they have said yes, no or not sure, ended the chat, or have it blocked."""
    told = (of.safe_at if of.safe_answer else None, of.not_safe_at, of.ended_at, of.opted_out_at)
    return any(at is not None and at >= asked_at for at in told)


def unanswered_since(of: ConversationFacts) -> datetime | None:
    """Since when no person has answered them, until one has; of one that waits, where its wait does not say it."""
    if of.owner == Owner.QUEUE:
        return since_before(of.unanswered_since, of.queued_at)
    began = of.unanswered_since if of.owner == Owner.STAFF else None
    return None if began is None or helper_wrote_since(of.id, began) else began
