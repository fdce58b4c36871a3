"""Shifts: who is at the desk or on call at a moment, and which languages they speak."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from records import audit
from records.models import Shift, Staff
from records.states import ShiftKind, StaffRole

LONGEST = timedelta(hours=14)  # longer is a slip of the pen: nobody sits here that long


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftRow:
    """One shift in a list."""

    id: int
    staff_id: int
    who: str
    kind: ShiftKind
    starts_at: datetime
    ends_at: datetime
    languages: tuple[str, ...]


class BadShift(ValueError):
    """A shift that ends before it begins, is too long, or overlaps another of the same person."""


def add(staff: Staff, starts_at: datetime, ends_at: datetime, kind: ShiftKind, by: Staff, now: datetime) -> int:
    """Plan a shift. Raises BadShift with the reason as its only argument: order, length or overlap."""
    if ends_at <= starts_at:
        raise BadShift("order")
    if kind == ShiftKind.DESK and ends_at - starts_at > LONGEST:
        raise BadShift("length")
    with transaction.atomic():
        Staff.objects.select_for_update().get(pk=staff.pk)
        if Shift.objects.filter(staff=staff, kind=kind, starts_at__lt=ends_at, ends_at__gt=starts_at).exists():
            raise BadShift("overlap")
        shift = Shift.objects.create(staff=staff, kind=kind, starts_at=starts_at, ends_at=ends_at)
        audit.record("shift_added", now, staff=by, details={"shift": shift.pk, "for": staff.pk})
        return int(shift.pk)


def remove(shift_id: int, by: Staff, now: datetime) -> None:
    """Take a shift out of the plan."""
    with transaction.atomic():
        if Shift.objects.filter(pk=shift_id).delete()[0]:
            audit.record("shift_removed", now, staff=by, details={"shift": shift_id})


def at(moment: datetime, kind: ShiftKind = ShiftKind.DESK) -> list[ShiftRow]:
    """Who is there at this moment."""
    return _rows(Shift.objects.filter(kind=kind, starts_at__lte=moment, ends_at__gt=moment))


def between(start: datetime, end: datetime) -> list[ShiftRow]:
    """The plan of a time, in order."""
    return _rows(Shift.objects.filter(starts_at__lt=end, ends_at__gt=start))


def next_speaker(language: str, now: datetime) -> ShiftRow | None:
    """The next shift, or the running one, of somebody who speaks this language."""
    coming = _rows(Shift.objects.filter(kind=ShiftKind.DESK, ends_at__gt=now))
    return next((row for row in coming if language in row.languages), None)


def languages_at(moment: datetime) -> frozenset[str]:
    """The languages spoken at the desk at this moment."""
    return frozenset(code for row in at(moment) for code in row.languages)


def set_languages(staff: Staff, codes: Iterable[str], by: Staff, now: datetime) -> None:
    """Note which languages a person answers in."""
    with transaction.atomic():
        chosen = list(dict.fromkeys(codes))
        Staff.objects.filter(pk=staff.pk).update(languages=chosen)
        audit.record("staff_languages", now, staff=by, details={"for": staff.pk, "languages": chosen})


def answering() -> QuerySet[Staff]:
    """Everybody who may answer contacts."""
    roles = (StaffRole.WORKER, StaffRole.SUPERVISOR)
    return Staff.objects.filter(is_active=True, role__in=roles).order_by("username")


def _rows(shifts: QuerySet[Shift]) -> list[ShiftRow]:
    return [
        ShiftRow(
            id=row.pk,
            staff_id=row.staff_id,
            who=row.staff.alias or row.staff.username,
            kind=ShiftKind(row.kind),
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            languages=tuple(row.staff.languages),
        )
        for row in shifts.filter(staff__is_active=True).select_related("staff").order_by("starts_at", "pk")
    ]
