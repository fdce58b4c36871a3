"""Beats: processes say that they are alive, and health asks which kind has fallen silent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, Value
from django.db.models.functions import Concat

from records.models import Beat

# The kinds of process.
RUNNER, DELIVERY, CLOCK, LANE, WEB = "runner", "delivery", "clock", "lane", "web"
SPEECHLESS = "runner_speechless"  # it takes turns, but the dialogue could not be loaded
EVERY_S = 5
SILENT_AFTER = timedelta(seconds=30)
_FORGOTTEN_AFTER = timedelta(days=1)
_ENDED = "ended:"  # before the holder of a process that was told to end, and did


def beat(name: str, holder: str, now: datetime, figures: Sequence[Any] = ()) -> None:
    """Say that this process is alive and what it has counted, and forget those long gone."""
    Beat.objects.update_or_create(name=name, holder=holder, defaults={"at": now, "figures": list(figures)})
    Beat.objects.filter(at__lt=now - _FORGOTTEN_AFTER).delete()


def ended(of: str) -> None:
    """Say that every process whose holder begins with `of` has ended in order. When each was last seen stays known."""
    forget_ended(of)
    Beat.objects.filter(holder__startswith=of).update(holder=Concat(Value(_ENDED), "holder"))


def forget_ended(of: str) -> None:
    """Forget what ended earlier: the number of a process comes again."""
    Beat.objects.filter(holder__startswith=_ENDED + of).delete()


def silent(names: Sequence[str], now: datetime) -> tuple[str, ...]:
    """Return the kinds of process of which none was seen lately."""
    seen = {one.name for one in alive(now)}
    return tuple(name for name in names if name not in seen)


def alive(now: datetime) -> list[Beat]:
    """Every process that was seen lately."""
    # Not from the future either: after the clock was set back, the dead would beat on for as long.
    lately = (now - SILENT_AFTER, now + SILENT_AFTER)
    seen = Beat.objects.filter(at__range=lately).exclude(holder__startswith=_ENDED)
    return list(seen.order_by("name", "holder"))


def last_seen() -> dict[str, datetime]:
    """When each kind of process was last seen."""
    return dict(Beat.objects.values_list("name").annotate(last=Max("at")).values_list("name", "last"))
