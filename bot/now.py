"""Now: the clock on the wall; the one that whoever needs the time is handed in service."""

from __future__ import annotations

from datetime import datetime, timezone


def wall_clock() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(timezone.utc)
