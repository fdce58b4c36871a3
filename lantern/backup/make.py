"""Makes backups, tries each by restoring it to a scratch place, and lets those go whose time is over."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection

from lantern.backup import BackupError, envelope
from lantern.backup.engine import engine, instead
from lantern.backup.keyring import Keyring, unreadable
from lantern.backup.ledger import Ledger
from lantern.backup.places import PART, SUFFIX, Places, alone
from records.counted import counted
from records.errors import SealBroken
from records.models import Conversation, DayKey
from records.sealing.keys import open_data_key

FORMAT = 1
_TRIED_SEALS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """One backup as the operator sees it."""

    backup_id: str
    path: Path
    made_at: datetime
    verified_at: datetime | None
    readable: bool  # its key is there


def make(place: Places, kind: str, now: datetime) -> Backup:
    """Make one, restore it to a scratch place and compare. Raises BackupError."""
    ring = Keyring(place.keys)
    ledger = Ledger(place.keys)
    with alone(place) as scratch:
        backup_id, key = ring.make(now)
        path = place.file_of(backup_id)
        try:
            _write(path, envelope.Label(backup_id, now.isoformat()), key, kind, scratch)
        except BaseException:
            ring.destroy(backup_id, tell=False)  # there was no backup yet
            raise
        ledger.keep(now)
        verify(place, path, scratch, now)
        _let_go(place, ring, now)
        ledger.forget_old(now)
    return next(one for one in every(place) if one.backup_id == backup_id)


def every(place: Places) -> list[Backup]:
    """Every backup file there is, the oldest first."""
    known = {one.backup_id: one for one in Keyring(place.keys).all()}
    found = []
    for path in place.files():
        with path.open("rb") as file:
            try:
                label, _ = envelope.read_label(file)
            except BackupError:
                continue  # not one of ours
        key = known.get(label.backup_id)
        found.append(
            Backup(
                backup_id=label.backup_id,
                path=path,
                made_at=datetime.fromisoformat(label.made_at),
                verified_at=key.verified_at if key else None,
                readable=key is not None,
            )
        )
    return found


def find(place: Places, name: str) -> Path:
    """The file of a backup by its id or path; without a name the newest that can be read. Raises BackupError."""
    if not name:
        readable = [one for one in every(place) if one.readable]
        if not readable:
            raise BackupError(_none_can_be_read(place))
        return readable[-1].path
    for path in (Path(name), place.file_of(name), place.backups / name):
        if path.is_file():
            return path
    backup_id = Path(name).name.removeprefix(place.file_of("").stem).removesuffix(SUFFIX)
    if backup_id in Keyring(place.keys).destroyed():
        raise BackupError(unreadable([backup_id]))
    raise BackupError(f"There is no backup {name}; `./run backup list` shows those in {place.backups}.")


def _none_can_be_read(place: Places) -> str:
    """Why there is none to restore: none was made, or their keys are destroyed or not here."""
    files = [one.backup_id for one in every(place)]
    destroyed = Keyring(place.keys).destroyed()
    lost = [one for one in files if one not in destroyed]
    said = [unreadable(destroyed)] if destroyed else []
    if lost:
        lie = f"{counted(len(lost), 'backup lies', 'backups lie')} in {place.backups}, the newest of them {lost[-1]}"
        said.append(
            f"{lie}, but no key of theirs is in {place.keys}. If the keys lie elsewhere, LANTERN_BACKUP_KEYS names the"
            " folder; if they are gone, nobody can read these backups any more, for good."
        )
    elif not files:
        said.append(f"There is no {'other ' if destroyed else ''}backup in {place.backups}; `./run backup` makes one.")
    return " ".join(said)


def verify(place: Places, path: Path, scratch: Path, now: datetime) -> None:
    """Restore a backup to the scratch place and compare it with what it says of itself. Raises BackupError."""
    with inside(place, path) as (label, manifest, body), engine().restored(body, scratch) as name:
        with instead(name):
            check(manifest)
        Keyring(place.keys).mark_verified(label.backup_id, now)


@contextmanager
def inside(place: Places, path: Path) -> Iterator[tuple[envelope.Label, dict[str, Any], Iterator[bytes]]]:
    """An opened backup. Raises BackupError when its key is destroyed, or it is of another kind of database."""
    with path.open("rb") as file:
        label, head = envelope.read_label(file)
        manifest, body = envelope.read(file, head, Keyring(place.keys).open(label.backup_id))
        if manifest["engine"] != engine().name:
            here, there = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}, manifest["engine"]
            raise BackupError(
                f"This backup is of {here.get(there, there)}, and DATABASE_URL leads to {here[engine().name]} here;"
                " restore it where the database is of the same kind."
            )
        yield label, manifest, body


def check(manifest: dict[str, Any]) -> None:
    """Compare the database with the manifest, and open some of its seals. Raises BackupError."""
    with connection.cursor() as cursor:
        for table, count in manifest["rows"].items():
            # The manifest is sealed: these names are our own words.
            cursor.execute(f'SELECT count(*) FROM "{table}"')  # noqa: S608 # nosec B608 # nosemgrep: no-text-into-sql
            found = cursor.fetchone()[0]
            if found != count:
                raise BackupError(
                    f"The restored database is not whole: {table} has {counted(found, 'row', 'rows')}, not {count}."
                )
    _try_seals()


def _write(path: Path, label: envelope.Label, key: bytes, kind: str, scratch: Path) -> None:
    part = path.with_name(path.name + PART)
    source = engine()
    try:
        with source.snapshot(scratch) as snapshot:
            manifest = {
                "format": FORMAT,
                "engine": source.name,
                "kind": kind,
                "made_at": label.made_at,
                "migrations": snapshot.migrations,
                "rows": snapshot.rows,
            }
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
                envelope.write(out, label, key, manifest, snapshot.body)
                out.flush()
                os.fsync(out.fileno())
        part.replace(path)
    except OSError as problem:
        raise BackupError(f"The backup could not be written to {path.parent}: {problem.strerror}.") from problem
    finally:
        part.unlink(missing_ok=True)


def _try_seals() -> None:
    """The keys of the days open, and with them the newest conversations: the backup fits the master key."""
    days = {}
    try:
        for day in DayKey.objects.order_by("-date")[:_TRIED_SEALS]:
            days[day.pk] = day.open()
        newest = Conversation.every.exclude(wrapped_key=b"").order_by("-pk")
        columns = newest.values_list("day_key_id", "wrapped_key", "uid")  # those that every version has
        for day_key, wrapped, uid in columns[:_TRIED_SEALS]:
            if day_key in days:
                open_data_key(days[day_key], bytes(wrapped), uid)
    except SealBroken as problem:
        raise BackupError(
            "What is in the backup does not open with the master key in use. If the master key was changed since, put"
            " the earlier one into LANTERN_MASTER_KEY_OTHER and try again."
        ) from problem


def _let_go(place: Places, ring: Keyring, now: datetime) -> None:
    """Destroy the keys whose time is over, and remove the files that nobody can read any more."""
    ring.destroy_due(now, place.kept_for)
    for one in every(place):
        if not one.readable and one.made_at <= now - place.kept_for:  # a younger one: its keys may lie elsewhere today
            one.path.unlink()
