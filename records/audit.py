"""Writes audit rows, in the transaction of the change they tell about. Ids and numbers only, never a text."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime

from records.messages.prepared import insert
from records.models import AuditEvent, Staff
from records.states import Actor

_LONGEST_ID = 100

Detail = str | int | bool | None | list[str]


def record(
    action: str,
    now: datetime,
    *,
    actor: Actor = Actor.BOT,
    staff: Staff | int | None = None,
    conversation_uid: uuid.UUID | None = None,
    details: Mapping[str, Detail] | None = None,
) -> AuditEvent:
    """Write one row.

    Raises:
        ValueError: a detail looks like a text. What people write must never come here.
    """
    facts = dict(details or {})
    for name, value in facts.items():
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, str) and (len(item) > _LONGEST_ID or any(letter.isspace() for letter in item)):
                raise ValueError(f"audit detail {name!r} of {action!r} is not an id")
    staff_id = staff.pk if isinstance(staff, Staff) else staff
    row = AuditEvent(
        at=now,
        actor_kind=Actor.STAFF if staff_id is not None else actor,
        staff_id=staff_id,
        action=action,
        conversation_uid=conversation_uid,
        details=facts,
    )
    insert([row])
    return row
