"""Glass: who read what was not theirs, and why, until a supervisor has marked it seen.

The sentence that they typed is a note of the conversation, sealed with it: it is opened for the one list that shows it,
never for a board that many look at together.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from django.utils.functional import Promise

from desk.need_to_know import REASONS
from records.errors import SealBroken
from records.models import BrokenGlass, Conversation, Note, Staff

SHOWN = 100


@dataclass(frozen=True, slots=True)
class Broken:
    """One that nobody has marked."""

    pk: int
    at: datetime
    staff: Staff
    why: str | Promise
    number: int | None  # of the conversation; None when it was erased
    said: str = field(default="", repr=False)  # their own sentence, where it was asked for and opens
    shut: bool = False  # it is there, and does not open for whoever is served here


def unseen() -> list[Broken]:
    """What supervisors have not looked at yet, the newest first."""
    rows = list(BrokenGlass.objects.filter(seen_at__isnull=True).select_related("staff").order_by("-pk")[:SHOWN])
    uids = {row.conversation_uid for row in rows}
    numbers = dict(Conversation.objects.filter(uid__in=uids).values_list("uid", "pk")) if uids else {}
    return [
        Broken(row.pk, row.at, row.staff, REASONS.get(row.reason, row.reason), numbers.get(row.conversation_uid))
        for row in rows
    ]


def in_their_words(shown: list[Broken]) -> list[Broken]:
    """The same, each with its sentence; of what is closed only where whoever is served here has the key."""
    numbers = {one.number for one in shown if one.number is not None}
    notes = Note.objects.filter(
        conversation__in=numbers, staff__in={one.staff.pk for one in shown}, written_at__in={one.at for one in shown}
    ).select_related("conversation__day_key")
    found: dict[tuple[int | None, int | None, datetime], Note] = {}
    found |= {(note.conversation_id, note.staff_id, note.written_at): note for note in notes}
    return [_with_sentence(one, found.get((one.number, one.staff.pk, one.at))) for one in shown]


def _with_sentence(one: Broken, note: Note | None) -> Broken:
    """With what they typed; before it stands the reason that they chose, in their language (`desk.need_to_know`)."""
    if note is None:
        return one
    try:
        return replace(one, said=note.open_text(note.conversation.open_key()).partition(": ")[2])
    except SealBroken:
        return replace(one, shut=True)
