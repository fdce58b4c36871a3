"""Shown: a practice as the thread page shows a conversation. The page is the real one; what is on it is not."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from content.training import Dialogue
from desk.lines import Line
from desk.thread import ThreadView, view
from desk.training.talk import Item, Talk
from records.messages.material import ConversationFacts
from records.models import Staff
from records.staff import desk
from records.staff.practice import PracticeRow
from records.states import Consent, Level, OutboxStatus, Owner, Role, SafeAnswer

_EVERYTHING = 10_000


def shown(row: PracticeRow, talk: Talk, dialogue: Dialogue, staff: Staff, now: datetime) -> ThreadView:
    """The thread, with the gate, the summary and the marks of a real one."""
    opened = desk.Thread(
        conversation=facts(row, talk, dialogue, staff),
        staff_alias=staff.alias or staff.username,
        claimed_at=talk.claimed_at,
        closed_at=talk.closed_at,
        outcome=talk.outcome,
        items=tuple(_items(talk, dialogue, staff)),
        earlier=False,
        assessment=known(dialogue),
        draft=talk.draft,
        note_draft=talk.note_draft,
        links=(),
    )
    return view(
        opened, staff, now, last=_EVERYTHING, watchers=(), events=lambda _since: _events(talk, staff), practice=row.id
    )


def facts(row: PracticeRow, talk: Talk, dialogue: Dialogue, staff: Staff) -> ConversationFacts:
    """What the tables would know of a conversation. Its number is below zero: no look-up finds a real one by it."""
    told = dialogue.known
    return ConversationFacts(
        id=-row.id,
        uid=uuid.uuid5(uuid.NAMESPACE_OID, f"practice {row.id}"),
        contact_id=0,
        channel=dialogue.channel,
        owner=owner(talk),
        level=Level(dialogue.level),
        language=dialogue.language,
        role=Role(told["role"]) if "role" in told else None,
        consent=Consent(told["consent"]) if "consent" in told else None,
        version=len(talk.items),
        started_at=min((item.at for item in talk.items), default=talk.began_at),
        last_in_at=talk.last_in_at,
        last_out_at=None,
        queued_at=talk.began_at,
        handoff_reasons=dialogue.reasons,
        staff_id=staff.pk if talk.claimed_at else None,
        safe_answer=SafeAnswer(talk.safe) if talk.safe else None,
        safe_at=talk.safe_at,
        waits_told=0,
        erase_at=None,
        opted_out_at=None,
        ended_at=talk.ended_at,
        not_safe_at=None,
        address=lambda: "",
    )


def owner(talk: Talk) -> Owner:
    """Who has it."""
    if talk.closed_at:
        return Owner.CLOSED
    return Owner.STAFF if talk.claimed_at else Owner.QUEUE


def known(dialogue: Dialogue) -> dict[str, Any]:
    """What the bot would have found out."""
    return {**dialogue.known, "reasons": list(dialogue.reasons)}


def _items(talk: Talk, dialogue: Dialogue, staff: Staff) -> Iterator[desk.ThreadItem]:
    for number, item in enumerate(talk.items, 1):
        yield desk.ThreadItem(
            kind="note" if item.kind == "note" else "in" if item.kind == "in" else "out",
            id=number,
            at=item.at,
            text=item.text,
            author=item.author,
            alias=staff.alias or staff.username if item.author == "staff" else "",
            key=item.key,
            buttons=item.buttons,
            status=OutboxStatus.DELIVERED if item.kind == "out" else "",
            taken_at=item.at if item.kind == "out" else None,
            findings=tuple(_findings(item, dialogue)) if item.kind == "in" else (),
        )


def _findings(item: Item, dialogue: Dialogue) -> Iterator[dict[str, Any]]:
    for kind, field in (("risk", "risks"), ("indicator", "indicators")):
        for name, heard in dialogue.known.get(field, {}).items():
            if heard["words"] in item.text:
                yield {"id": name, "kind": kind, "words": heard["words"], "confidence": 0.9, "band": "sure"}


def _events(talk: Talk, staff: Staff) -> Iterator[Line]:
    who = {"who": staff.alias or staff.username}
    if talk.claimed_at:
        yield Line("event", "", talk.claimed_at, _("%(who)s took it") % who)
    if talk.closed_at:
        yield Line("event", "", talk.closed_at, _("%(who)s closed it") % who)
