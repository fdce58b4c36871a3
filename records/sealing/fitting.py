"""Fitting: does the master key in use open what lies here already."""

from __future__ import annotations

from records.audit_chain import PURPOSE as KEPT_SECRET
from records.errors import SealBroken
from records.models import DayKey, KeptSecret
from records.sealing.keys import open_for
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
