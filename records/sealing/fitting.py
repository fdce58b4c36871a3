"""Fitting: does the master key in use open what lies here already."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from records.audit_chain import PURPOSE as KEPT_SECRET
from records.errors import SealBroken
from records.models import DayKey, KeptSecret
from records.sealing.keys import open_for
from records.sealing.rotation import kinds
from records.sealing.seal import place


def master_key_fits() -> bool:
    """False when what is kept here was sealed under a key that this process was not given.

    Cheap, for it is asked at each look at the health page: the first and the newest key of a day, for a line may have
    worked a day under the wrong key. Before the first day the few secrets of the line tell; later one of them that does
    not open is damaged, which is no reason to take no messages (`records.audit_chain.broken`).
    """
    dates = DayKey.objects.order_by("date")
    days = [*dates[:1], *dates.reverse()[:1]]
    try:
        for day in days:
            day.open()
        for kept in () if days else KeptSecret.objects.all():
            open_for(KEPT_SECRET, bytes(kept.sealed), place("keptsecret", "sealed", kept.name))
    except SealBroken:
        return False
    return True


def master_key_fits_what_is_left(lost: Collection[str]) -> bool:
    """The same where tables are missing: False when there is something under the master key, and none of it opens.

    One row of each kind is tried, for a single one that does not open may be damaged.
    """
    opened = [*_opens_of_each(lost)]
    return any(opened) or not opened


def _opens_of_each(lost: Collection[str]) -> Iterator[bool]:
    for kind in kinds():
        if kind.model._meta.db_table in lost:
            continue
        row = kind.model._default_manager.exclude(**{f"{kind.column}__isnull": True}).order_by("pk").first()
        if row is not None:
            try:
                open_for(kind.purpose, bytes(getattr(row, kind.column)), kind.place_of(row))
            except SealBroken:
                yield False
            else:
                yield True
