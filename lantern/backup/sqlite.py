"""Backups of SQLite: its own online copy, in one step, so that writers go on and the copy is of one moment."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.db import connections

from lantern.backup import BackupError
from lantern.backup.engine import Snapshot
from lantern.backup.places import size, told_size

_PIECE = 1024 * 1024
_BESIDE = ("-wal", "-shm", "-journal")


class SQLite:
    """One file in the data folder."""

    name = "sqlite"

    @contextlib.contextmanager
    def snapshot(self, scratch: Path) -> Iterator[Snapshot]:
        """The database as it is now. The copy in the scratch folder is as sealed as the database itself."""
        source, copy = _file(), scratch / "copy.sqlite3"
        _room_for(size(source), scratch)
        try:
            with contextlib.closing(sqlite3.connect(source)) as line, contextlib.closing(_new(copy)) as target:
                line.backup(target)
                target.execute("PRAGMA journal_mode=DELETE")  # all of it in the one file
                rows, migrations = _tables(target)
        except sqlite3.DatabaseError as problem:
            raise BackupError(f"The database {source} cannot be read: {problem}.") from problem
        with copy.open("rb") as file:
            yield Snapshot(rows=rows, migrations=migrations, body=iter(lambda: file.read(_PIECE), b""))
        copy.unlink()

    @contextlib.contextmanager
    def restored(self, body: Iterable[bytes], scratch: Path) -> Iterator[str]:
        """A file in the scratch folder."""
        path = scratch / "restored.sqlite3"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            for piece in body:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.closing(sqlite3.connect(path)) as found:
            broken = [row[0] for row in found.execute("PRAGMA integrity_check(3)")]
            loose = found.execute("PRAGMA foreign_key_check").fetchall()
        if broken != ["ok"] or loose:
            raise BackupError("The restored database is not whole: SQLite's own check fails; take another backup.")
        try:
            yield str(path)
        finally:
            _remove(path)

    def in_use(self) -> bool:
        """True when another process has the file open: only the last one may leave the write-ahead log."""
        path = _file()
        connections.close_all()
        if not path.exists():
            return False
        with contextlib.closing(sqlite3.connect(path, timeout=0)) as found:
            try:
                mode = found.execute("PRAGMA journal_mode=DELETE").fetchone()[0]
                found.execute("BEGIN EXCLUSIVE")
                found.execute("ROLLBACK")
            except sqlite3.OperationalError:
                return True
            except sqlite3.DatabaseError:  # broken: nobody works with it
                return False
            finally:
                with contextlib.suppress(sqlite3.DatabaseError):
                    found.execute("PRAGMA journal_mode=WAL")
        return bool(mode != "delete")

    def put_in_place(self, name: str) -> None:
        """The new file takes the name of the old one."""
        path = _file()
        connections.close_all()
        with contextlib.closing(sqlite3.connect(name)) as found:
            found.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            found.execute("PRAGMA journal_mode=DELETE")
        _remove(path)
        shutil.move(name, path)


def _file() -> Path:
    return Path(str(connections.settings["default"]["NAME"]))


def _new(path: Path) -> sqlite3.Connection:
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    return sqlite3.connect(path)


def _count(found: sqlite3.Connection, table: str) -> int:
    # The name comes from the database itself.
    asked = f'SELECT count(*) FROM "{table}"'  # noqa: S608 # nosec B608
    return int(found.execute(asked).fetchone()[0])  # nosemgrep: no-text-into-sql


def _tables(found: sqlite3.Connection) -> tuple[dict[str, int], tuple[str, ...]]:
    names = [row[0] for row in found.execute("SELECT name FROM sqlite_master WHERE type='table' ORDER BY name")]
    ours = [name for name in names if not name.startswith("sqlite_")]
    rows = {name: _count(found, name) for name in ours}
    if "django_migrations" not in rows:
        raise BackupError(f"{_file()} holds no line yet, so there is nothing to back up; `./run` makes one.")
    migrations = found.execute("SELECT app || '.' || name FROM django_migrations ORDER BY 1").fetchall()
    return rows, tuple(row[0] for row in migrations)


def _room_for(count: int, folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if free < count * 2:
        raise BackupError(
            f"Not enough room in {folder.parent}: a copy takes {told_size(count)} for as long as it is sealed and"
            f" tried, and {told_size(free)} are free."
        )


def _remove(path: Path) -> None:
    for one in (path, *(path.with_name(path.name + end) for end in _BESIDE)):
        one.unlink(missing_ok=True)
