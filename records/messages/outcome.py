"""What a turn proposes: messages, events, changed facts. Data only; `records.messages.turns` makes it true.

`KEEP` is "as it was", so that None can be said where None means "not known".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, Literal

from records.audit import Detail
from records.states import Author, Consent, Level, Owner, Role, SafeAnswer


class _Keep(Enum):
    KEEP = "keep"


KEEP = _Keep.KEEP
Keep = Literal[_Keep.KEEP]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxDraft:
    """One message to the contact, not written yet."""

    text: str = field(repr=False)
    valid_for_s: int
    key: str = ""
    buttons: tuple[tuple[str, str], ...] = field(default=(), repr=False)  # (id, label)
    urgent: bool = False
    timed: bool = False  # goes by itself later, so only while "safe" is fresh
    not_before: datetime | None = None
    always: bool = False  # goes whoever owns the conversation: the neutral end line
    author: Author = Author.BOT


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """New facts of the conversation."""

    owner: Owner | Keep = KEEP  # staff is taken by `records.staff.desk.claim` only
    level: Level | Keep | None = KEEP
    language: str | Keep = KEEP
    role: Role | Keep | None = KEEP
    consent: Consent | Keep | None = KEEP
    handoff_reasons: tuple[str, ...] | Keep = KEEP
    safe_answer: SafeAnswer | Keep | None = KEEP  # also renews the time of the answer, and ends the doubt
    doubt: str | Keep = KEEP  # the risk in this message after which an earlier answer does not stand
    outcome: str | Keep = KEEP
    waits_told: int | Keep = KEEP
    erase_at: datetime | Keep | None = KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactMarks:
    """Marks on the contact: True sets (now), False clears, None keeps. A mark set drops what still waits to be sent."""

    opted_out: bool | None = None
    ended: bool | None = None
    not_safe: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """An audit row to write with the turn; ids only."""

    action: str
    details: Mapping[str, Detail] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnOutcome:
    """All that one turn makes true, at once or not at all."""

    version: int  # of the facts it was made from; another version by now refuses the turn
    next_seq: int = 0  # from the material; needed only with events
    outbox: tuple[OutboxDraft, ...] = ()
    overtakes: tuple[
        int, ...
    ] = ()  # lines of before that have lost their worth by these, if nobody has begun to send them
    events: tuple[dict[str, Any], ...] = field(default=(), repr=False)
    assessment: dict[str, Any] | None = field(default=None, repr=False)  # None: as it was
    findings: tuple[dict[str, Any], ...] | None = field(default=None, repr=False)  # of this message
    changes: Changes = Changes()
    marks: ContactMarks = ContactMarks()
    audit: tuple[AuditEntry, ...] = ()
