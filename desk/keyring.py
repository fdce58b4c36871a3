"""Keyring: private keys of who is signed in, in the memory of this process and nowhere else.

A key is held under the id of its session. When the process ends, the session ends or time is up,
it is gone, and the person types the password again to open what is closed.
"""

from __future__ import annotations

import hashlib
import threading
import time

from records.sealing.readers import Reader

HELD_S = 12 * 3600.0  # as long as a session can last

_held: dict[str, tuple[Reader, float]] = {}
_lock = threading.Lock()


def hold(session_key: str | None, reader: Reader | None) -> None:
    """Keep an unwrapped key for a session."""
    if not session_key or reader is None:
        return
    now = time.monotonic()
    with _lock:
        for name in [name for name, (_, until) in _held.items() if until <= now]:
            del _held[name]
        _held[_name(session_key)] = (reader, now + HELD_S)


def of(session_key: str | None) -> Reader | None:
    """The key held for a session, or None."""
    if not session_key:
        return None
    with _lock:
        reader, until = _held.get(_name(session_key), (None, 0.0))
    return reader if until > time.monotonic() else None


def drop(session_key: str | None) -> None:
    """Forget the key of a session."""
    if session_key:
        with _lock:
            _held.pop(_name(session_key), None)


def _name(session_key: str) -> str:
    return hashlib.sha256(session_key.encode()).hexdigest()
