"""Practice talks: kept for the one who practises, a day long. No audit, no queue, no count knows of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from records.models import Practice, Staff

KEPT = timedelta(days=1)
MOST = 20  # of one person; the oldest goes when another begins
State = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeRow:
    """One practice talk, opened."""

    id: int
    dialogue: str
    touched_at: datetime
    state: State = field(repr=False)


def begin(staff: Staff, dialogue: str, state: State, now: datetime) -> int:
    """Keep a new one; return its number."""
    with transaction.atomic():
        old = Practice.objects.filter(staff=staff).order_by("-pk").values_list("pk", flat=True)[MOST - 1 :]
        Practice.objects.filter(pk__in=list(old)).delete()
        row = Practice(staff=staff, dialogue=dialogue, touched_at=now)
        row.seal(state)
        row.save()
        return int(row.pk)


def read(practice_id: int, staff: Staff) -> PracticeRow:
    """One of this person's own. Raises Practice.DoesNotExist."""
    return _opened(Practice.objects.get(pk=practice_id, staff=staff))


def of(staff: Staff) -> list[PracticeRow]:
    """All of this person, the newest first."""
    return [_opened(row) for row in Practice.objects.filter(staff=staff).order_by("-pk")]


def change(practice_id: int, staff: Staff, now: datetime, act: Callable[[State], State]) -> State:
    """Let one act follow the other: two windows of one person do not lose each other's words.

    Raises:
        Practice.DoesNotExist: it is not theirs, or gone.
    """
    with transaction.atomic():
        row = Practice.objects.select_for_update().get(pk=practice_id, staff=staff)
        state = act(row.open())
        row.seal(state)
        row.touched_at = now
        row.save(update_fields=["sealed", "touched_at"])
        return state


def discard(practice_id: int, staff: Staff) -> None:
    """Throw it away."""
    Practice.objects.filter(pk=practice_id, staff=staff).delete()


def forget_old(now: datetime) -> int:
    """Throw away what nobody has touched for a day. Return how many."""
    return Practice.objects.filter(touched_at__lte=now - KEPT).delete()[0]


def _opened(row: Practice) -> PracticeRow:
    return PracticeRow(id=row.pk, dialogue=row.dialogue, touched_at=row.touched_at, state=row.open())
