"""Calls: how many calls of the providers fitted lately and how many were refused, minute by minute, in this process.

They go along with the beats of the web process, so that counting one costs no write. Names of views only: nothing
here can hold a person or an address.
"""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

KEPT_MINUTES = 60
LATELY, LAST = "lantern_webhooks_lately", "lantern_webhooks_last_timestamp_seconds"
FITTED, REFUSED = "fitted", "refused"
_MINUTE_S = 60

_minutes: dict[int, Counter[tuple[str, str]]] = {}
_last: dict[tuple[str, str], float] = {}


def count(view: str, *, refused: bool) -> None:
    """Count one call."""
    now, key = time.time(), (view, REFUSED if refused else FITTED)
    minute = int(now) // _MINUTE_S
    if minute not in _minutes:
        _forget(minute)
        _minutes[minute] = Counter()
    _minutes[minute][key] += 1
    _last[key] = now


def samples() -> list[list[Any]]:
    """The calls of the last hour and when the last of each kind came, as figures: [name, labels, value]."""
    _forget(int(time.time()) // _MINUTE_S)
    lately = sum(_minutes.copy().values(), Counter[tuple[str, str]]())
    return [
        sample
        for (view, answer), number in lately.items()
        for labels in ({"view": view, "answer": answer},)
        for sample in ([LATELY, labels, number], [LAST, labels, _last[view, answer]])
    ]


def _forget(minute: int) -> None:
    for old in [one for one in _minutes.copy() if not minute - KEPT_MINUTES < one <= minute]:
        _minutes.pop(old, None)
