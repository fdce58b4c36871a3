"""Farewell: the line by which a contact hears that the helper has left and the robot is back.

Said only where a helper wrote to them: to anybody else it would tell of a person whom they never met. Law 8 asks once
more when it is sent.
"""

from __future__ import annotations

from datetime import datetime

from bot.words import Line, speaks, word
from records.messages.outcome import OutboxDraft
from records.models import Conversation
from records.staff.replies import helper_wrote
from records.states import Author, valid_for_s

KEY = "handoff.back"


def due(conversation_id: int, language: str, now: datetime) -> bool:
    """True where it is said when the bot has them again; never in a language without words of ours."""
    return speaks(language) and helper_wrote(conversation_id, now, since=KEY)


def farewell(row: Conversation, now: datetime) -> tuple[OutboxDraft, ...]:
    """The line, where it is due."""
    if not due(row.pk, row.language, now):
        return ()
    channel = row.contact.channel
    said = word([Line(key=KEY)], language=row.language, channel=channel)
    return tuple(
        OutboxDraft(text=one.text, key=one.key, valid_for_s=valid_for_s(channel), author=Author.SYSTEM) for one in said
    )
