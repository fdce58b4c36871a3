"""What a database engine must do for backups; `sqlite` and `postgresql` are the two that there are."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from django.db import DEFAULT_DB_ALIAS, connection, connections


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The database at one moment."""

    rows: dict[str, int]  # of each table
    migrations: tuple[str, ...]
    body: Iterator[bytes]


class Engine(Protocol):
    """One kind of database."""

    name: str

    def snapshot(self, scratch: Path) -> AbstractContextManager[Snapshot]:
        """The database as it is now, while others write."""

    def restored(self, body: Iterable[bytes], scratch: Path) -> AbstractContextManager[str]:
        """A database of its own made from a body; yields the NAME that Django opens it by."""

    def in_use(self) -> bool:
        """True when another process has the line's database open."""

    def put_in_place(self, name: str) -> None:
        """Make the restored database the line's own, in one step, in place of what is there."""


def engine() -> Engine:
    """The one that the settings name."""
    from lantern.backup.postgresql import PostgreSQL
    from lantern.backup.sqlite import SQLite

    return SQLite() if connection.vendor == "sqlite" else PostgreSQL()


@contextlib.contextmanager
def instead(name: str) -> Iterator[None]:
    """Let this process, which has one thread, work on a restored database in place of the line's own."""
    used: dict[str, Any] = connections.settings[DEFAULT_DB_ALIAS]
    before = used["NAME"]
    connections.close_all()
    used["NAME"] = name
    try:
        yield
    finally:
        connections.close_all()
        used["NAME"] = before
