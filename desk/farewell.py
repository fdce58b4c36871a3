"""Farewell: the line by which a contact hears that the helper has left and the robot is back.

Said only where a helper wrote to them, and where a worker might simply write now: to anybody else it would tell of a
person whom they never met, or reach whoever stands beside them. Law 8 asks once more when it is sent.
"""

from __future__ import annotations

from datetime import datetime

from bot.words import Line, speaks, word
from desk.gate import Gate, gate
from records.messages.material import ConversationFacts, facts_of
from records.messages.outcome import OutboxDraft
from records.models import Conversation
from records.staff.replies import helper_wrote
from records.states import NOT_ALONE, Author, valid_for_s

KEY = "handoff.back"


def due(of: ConversationFacts, now: datetime) -> bool:
    """True where it is said when the bot has them again; never in a language without words of ours."""
    safe = gate(of, now) is Gate.OPEN and of.doubt != NOT_ALONE
    return safe and speaks(of.language) and helper_wrote(of.id, now, since=KEY)


def farewell(row: Conversation, now: datetime) -> tuple[OutboxDraft, ...]:
    """The line, where it is due."""
    if not due(facts_of(row), now):
        return ()
    channel = row.contact.channel
    said = word([Line(key=KEY)], language=row.language, channel=channel)
    return tuple(
        OutboxDraft(text=one.text, key=one.key, valid_for_s=valid_for_s(channel), author=Author.SYSTEM) for one in said
    )
