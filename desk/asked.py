"""Asked: what waits for an answer, and since when: whether it is safe, and whoever asked for a person."""

from __future__ import annotations

from datetime import datetime

from content.questions import questions
from desk.phrasebook import question_of
from records.messages.material import ConversationFacts
from records.staff import desk
from records.staff.holding import words_left
from records.states import REACHED_NOBODY, Owner

SAFE = "safe"  # the question, whatever phrase names it


def asked_if_safe(opened: desk.Thread) -> datetime | None:
    """When staff asked last whether it is safe, until that is answered: other words of theirs are no answer.

    What reached nobody asked nothing.
    """
    of = opened.conversation
    for item in reversed(opened.items):
        if question_of(item.key) == SAFE and item.author == "staff" and item.status not in REACHED_NOBODY:
            return None if _answered(of, item.at) else item.at
    return None


def never_sent(opened: desk.Thread) -> frozenset[str]:
    """The questions of which nothing went out: dropped, overtaken by a person who came, or failed."""
    lost = {key for key, went in opened.went_out.items() if not went}
    reached = opened.went_out.keys() - lost
    return frozenset(name for name, one in questions().items() if one.keys & lost and not one.keys & reached)


def sent(opened: desk.Thread) -> frozenset[str]:
    """The keys of all lines that went out or are on their way."""
    return frozenset(key for key, went in opened.went_out.items() if went)


def _answered(of: ConversationFacts, asked_at: datetime) -> bool:
    """True once they have said yes, no or not sure, ended the chat, or have it blocked."""
    told = (of.safe_at if of.safe_answer else None, of.not_safe_at, of.ended_at, of.opted_out_at)
    return any(at is not None and at >= asked_at for at in told)


def unanswered_since(of: ConversationFacts) -> datetime | None:
    """Since when no person has answered them, until one has: as their card and the board count it."""
    if of.owner == Owner.QUEUE:
        return of.unanswered_since or of.queued_at
    left = words_left([of.id]) if of.owner == Owner.STAFF else []
    return left[0].unanswered_since if left else None
