"""Farewell: the line by which a contact hears that the robot is back: the helper has left, or nobody could join.

Said only where a helper wrote to them or they were told of one, and where a worker might simply write now: to anybody
else it would tell of a person whom they never met, or reach whoever stands beside them. Law 8 asks once more when it
is sent.
"""

from __future__ import annotations

from datetime import datetime

from bot.words import Line, speaks, word
from desk.gate import Gate, gate
from records.messages.material import ConversationFacts, facts_of
from records.messages.outcome import OutboxDraft
from records.models import Conversation
from records.staff.replies import helper_promised, helper_wrote
from records.states import NOT_ALONE, Author, valid_for_s

LEFT = "handoff.back"
NOBODY = "handoff.waiting.long.no_number"


def due(of: ConversationFacts, now: datetime) -> str | None:
    """The key of what is said when the bot has them again; None in a language without words of ours."""
    safe = gate(of, now) is Gate.OPEN and of.doubt != NOT_ALONE
    if not safe or not speaks(of.language):
        return None
    if helper_wrote(of.id, now, since=(LEFT,)):
        return LEFT
    return NOBODY if helper_promised(of.id, since=(LEFT, NOBODY)) else None


def farewell(row: Conversation, now: datetime) -> tuple[OutboxDraft, ...]:
    """The line, where one is due."""
    key = due(facts_of(row), now)
    if key is None:
        return ()
    channel = row.contact.channel
    said = word([Line(key=key)], language=row.language, channel=channel)
    return tuple(
        OutboxDraft(text=one.text, key=one.key, valid_for_s=valid_for_s(channel), author=Author.SYSTEM) for one in said
    )
