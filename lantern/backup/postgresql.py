"""Backups of PostgreSQL: pg_dump of one exported snapshot, straight into the envelope; tried in a database of its own.

The role needs CREATEDB for that (`ALTER ROLE name CREATEDB`). No password ever stands in a list of processes.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

import psycopg
from django.db import connections
from psycopg import sql

from lantern.backup import BackupError
from lantern.backup.engine import Snapshot

_PIECE = 1024 * 1024


class PostgreSQL:
    """One database on a server."""

    name = "postgresql"

    @contextlib.contextmanager
    def snapshot(self, scratch: Path) -> Iterator[Snapshot]:
        """The database as it is now; nothing of it touches the disk in between."""
        with _connected(_name()) as line:
            line.isolation_level, line.read_only = psycopg.IsolationLevel.REPEATABLE_READ, True
            with line.transaction():
                exported = line.execute("SELECT pg_export_snapshot()").fetchone()
                rows, migrations = _tables(line)
                words = ["pg_dump", "--format=custom", "--no-owner", "--no-privileges", "--no-comments"]
                with _running([*words, f"--snapshot={exported[0] if exported else ''}", _name()]) as (_, out):
                    yield Snapshot(rows=rows, migrations=migrations, body=iter(lambda: out.read(_PIECE), b""))

    @contextlib.contextmanager
    def restored(self, body: Iterable[bytes], scratch: Path) -> Iterator[str]:
        """A database beside the line's own."""
        name = f"lantern_scratch_{secrets.token_hex(4)}"
        with _maintenance() as server:
            try:
                server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(_id(name)))
            except psycopg.errors.InsufficientPrivilege as problem:
                raise BackupError(
                    "The backup cannot be tried: this role may not make a database. On the server, once:"
                    f" ALTER ROLE {_settings()['USER']} CREATEDB"
                ) from problem
        try:
            words = ["pg_restore", "--no-owner", "--no-privileges", "--no-comments", "--exit-on-error"]
            with _running([*words, f"--dbname={name}"]) as (into, _):
                for piece in body:
                    try:
                        into.write(piece)
                    except BrokenPipeError:  # it ended; its code and its words say why
                        break
            yield name
        finally:
            connections.close_all()
            with _maintenance() as server:
                server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(_id(name)))

    def in_use(self) -> bool:
        """True when another client is connected to the line's database."""
        connections.close_all()
        others = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend'"
        with _maintenance() as server:
            row = server.execute(others, [_name()]).fetchone()
        return bool(row and row[0])

    def put_in_place(self, name: str) -> None:
        """The new database takes the name of the old one; the old one is dropped."""
        connections.close_all()
        old = f"{name}_before"
        with _maintenance() as server:
            there = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [_name()]).fetchone()
            rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
            with server.transaction():
                if there:
                    server.execute(rename.format(_id(_name()), _id(old)))
                server.execute(rename.format(_id(name), _id(_name())))
            if there:
                server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(_id(old)))


def _settings() -> dict[str, Any]:
    found: dict[str, Any] = connections.settings["default"]
    return found


def _name() -> str:
    return str(_settings()["NAME"])


def _id(name: str) -> sql.Identifier:
    return sql.Identifier(name)


def _environ() -> dict[str, str]:
    named = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD"}
    return {variable: str(_settings()[field]) for variable, field in named.items() if _settings().get(field)}


@contextlib.contextmanager
def _connected(database: str, *, autocommit: bool = False) -> Iterator[psycopg.Connection[Any]]:
    found = {field.removeprefix("PG").lower(): value for field, value in _environ().items()}
    try:
        line = psycopg.connect(dbname=database, autocommit=autocommit, **found)  # type: ignore[arg-type]
    except psycopg.OperationalError as problem:
        raise BackupError(f"DATABASE_URL: the database cannot be reached: {_first(str(problem))}") from problem
    with contextlib.closing(line):
        yield line


@contextlib.contextmanager
def _maintenance() -> Iterator[psycopg.Connection[Any]]:
    """A connection beside the line's database: one's own cannot be renamed."""
    with _connected("template1" if _name() == "postgres" else "postgres", autocommit=True) as server:
        yield server


@contextlib.contextmanager
def _running(words: list[str]) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """One of PostgreSQL's own programs: its standard input and output.

    Raises:
        BackupError: it is not installed, or it ended with an error.
    """
    with tempfile.TemporaryFile() as said:
        try:
            process = subprocess.Popen(  # noqa: S603 (words of our own)
                words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, env={**os.environ, **_environ()}
            )
        except FileNotFoundError as problem:
            raise BackupError(
                f"{words[0]} is not on this machine; install PostgreSQL's client, of the server's version or later."
            ) from problem
        with process:
            if process.stdin is None or process.stdout is None:  # both were asked for
                raise BackupError(f"{words[0]} cannot be spoken to")
            try:
                yield process.stdin, process.stdout
            except BaseException:
                process.kill()
                raise
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()
        if process.returncode:
            said.seek(0)
            raise BackupError(f"{words[0]} failed: {_first(said.read().decode('utf-8', 'replace'))}")


def _tables(line: psycopg.Connection[Any]) -> tuple[dict[str, int], tuple[str, ...]]:
    found = line.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
    rows = {}
    for (name,) in found:
        count = line.execute(sql.SQL("SELECT count(*) FROM {}").format(_id(name))).fetchone()
        rows[name] = count[0] if count else 0
    if "django_migrations" not in rows:
        raise BackupError("The database holds no line yet, so there is nothing to back up; `./run` makes one.")
    migrations = line.execute("SELECT app || '.' || name FROM django_migrations ORDER BY 1").fetchall()
    return rows, tuple(row[0] for row in migrations)


def _first(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "no reason given")
