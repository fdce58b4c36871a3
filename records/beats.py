"""Beats: processes say that they are alive, and health asks which kind has fallen silent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from records.models import Beat

EVERY_S = 5
SILENT_AFTER = timedelta(seconds=30)
_FORGOTTEN_AFTER = timedelta(days=1)


def beat(name: str, holder: str, now: datetime) -> None:
    """Say that this process is alive, and forget those long gone."""
    Beat.objects.update_or_create(name=name, holder=holder, defaults={"at": now})
    Beat.objects.filter(at__lt=now - _FORGOTTEN_AFTER).delete()


def silent(names: Sequence[str], now: datetime) -> tuple[str, ...]:
    """Return the kinds of process of which none was seen lately."""
    seen = set(Beat.objects.filter(name__in=names, at__gte=now - SILENT_AFTER).values_list("name", flat=True))
    return tuple(name for name in names if name not in seen)
