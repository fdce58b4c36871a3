"""Together: what many desks ask for at the same moment is read once, and never from before one of them asked.

When something moves, all desks fetch the list at once, and most of it is the same for all. Who waits for their turn
meanwhile is given what was read after their request had come in; nothing is kept by a time or by a count.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, MutableMapping
from typing import Any, TypeVar

from django.http import HttpRequest

T = TypeVar("T")

_ARRIVED = "lantern.arrived"  # in the scope of a request


def note_arrival(scope: MutableMapping[str, Any]) -> None:
    """Remember when a request came in, before it waits for a thread."""
    scope[_ARRIVED] = time.monotonic()


def reading_of(request: HttpRequest) -> Reading:
    """What this request may read with others. Only for one that changes nothing: its own change could be missed."""
    return Reading(getattr(request, "scope", {}).get(_ARRIVED))


class Together:
    """Parts, read one after another; all are forgotten as soon as a later request asks for one."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # a part may be made of another
        self._began = float("-inf")
        self._parts: dict[Hashable, Any] = {}

    def part(self, since: float, name: Hashable, read: Callable[[], T]) -> T:
        """What `read` returns, read after `since`: now, or for a request that came first."""
        with self._lock:
            if self._began < since:
                self._began, self._parts = time.monotonic(), {}
            if name not in self._parts:
                self._parts[name] = read()
            found: T = self._parts[name]
            return found


_desks = Together()


class Reading:
    """How one request reads: since it came in, and with whom."""

    def __init__(self, since: float | None = None, together: Together = _desks) -> None:
        self._since = since
        self._together = together

    def part(self, name: Hashable, read: Callable[[], T]) -> T:
        """What `read` returns; `name` tells all that it depends on, but for the database and the clock."""
        return read() if self._since is None else self._together.part(self._since, name, read)


ALONE = Reading()
