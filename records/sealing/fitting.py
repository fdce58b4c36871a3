"""Fitting: does the master key in use open what lies here already."""

from __future__ import annotations

from itertools import chain

from records.audit_chain import PURPOSE as KEPT_SECRET
from records.errors import SealBroken
from records.models import DayKey, KeptSecret
from records.sealing.keys import open_for
from records.sealing.seal import place


def master_key_fits() -> bool:
    """False when what is kept here was sealed under a key that this process was not given.

    Cheap, for it is asked at each look at the health page: the first and the newest key of a day, for a line may have
    worked a day under the wrong key, and the few secrets of the line itself.
    """
    days = DayKey.objects.order_by("date")
    try:
        for day in chain(days[:1], days.reverse()[:1]):
            day.open()
        for kept in KeptSecret.objects.all():
            open_for(KEPT_SECRET, bytes(kept.sealed), place("keptsecret", "sealed", kept.name))
    except SealBroken:
        return False
    return True
