"""The keys of backups: one each, wrapped by the master key, in a folder that goes into no backup.

A key that is destroyed takes its backup with it, in every copy. Destroyed is: overwritten, then removed. That it was
is kept for a while, without the key, so that nobody looks for it.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import IO, Any

from lantern.backup import BackupError
from records.errors import SealBroken
from records.sealing import keys
from records.sealing.seal import place

BACKUP_KEY = "backup key"
_SUFFIX = ".key"
_DESTROYED = ".destroyed"
_TOLD_FOR = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptKey:
    """One key that is there."""

    backup_id: str
    made_at: datetime
    verified_at: datetime | None


class Keyring:
    """The folder of the keys."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def make(self, now: datetime) -> tuple[str, bytes]:
        """A new id and its key, on disk before anything is sealed with it."""
        backup_id = f"{now.astimezone(timezone.utc):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
        key = keys.new_key()
        wrapped = keys.seal_for(BACKUP_KEY, key, _place(backup_id))
        self._write(backup_id, {"made_at": now.isoformat(), "wrapped": _text(wrapped), "verified_at": None})
        return backup_id, key

    def open(self, backup_id: str) -> bytes:
        """The key. Raises BackupError with what an operator can do about it."""
        try:
            wrapped = base64.b64decode(self._read(backup_id)["wrapped"])
        except FileNotFoundError as problem:
            if backup_id in self.destroyed():
                raise BackupError(unreadable([backup_id])) from problem
            raise BackupError(
                f"The key of backup {backup_id} is gone, so nobody can read this backup any more. Keys are destroyed"
                " when LANTERN_BACKUP_DAYS are over, or by `./run backup destroy`."
                f" It would be {self._path(backup_id)}; if keys lie elsewhere, LANTERN_BACKUP_KEYS names the folder."
            ) from problem
        try:
            return keys.open_for(BACKUP_KEY, wrapped, _place(backup_id))
        except SealBroken as problem:
            raise BackupError(
                f"The key of backup {backup_id} is there, but the master key in use does not open it. If the master key"
                " was changed since, put the earlier one into LANTERN_MASTER_KEY_OTHER and try again."
            ) from problem

    def all(self) -> list[KeptKey]:
        """Every key that is there, the oldest first."""
        return [self._kept(path.name.removesuffix(_SUFFIX)) for path in sorted(self._folder.glob(f"*{_SUFFIX}"))]

    def mark_verified(self, backup_id: str, now: datetime) -> None:
        """Keep that the backup was restored and found whole."""
        self._write(backup_id, {**self._read(backup_id), "verified_at": now.isoformat()})

    def destroy(self, backup_id: str, *, tell: bool = True) -> bool:
        """Make the backup unreadable for ever. False when there was no key; `tell`: keep that there was one."""
        path = self._path(backup_id)
        if not path.exists():
            return False
        if tell:
            path.with_suffix(_DESTROYED).touch(mode=0o600)
        with path.open("r+b") as file:
            _overwrite(file)
        path.unlink()
        _sync(self._folder)
        return True

    def destroyed(self) -> list[str]:
        """The backups whose keys were destroyed here, the oldest first."""
        return sorted(path.name.removesuffix(_DESTROYED) for path in self._folder.glob(f"*{_DESTROYED}"))

    def forget_destroyed(self, now: datetime) -> None:
        """Forget those of which nobody will have a copy any more."""
        for backup_id in self.destroyed():
            if backup_id < f"{now.astimezone(timezone.utc) - _TOLD_FOR:%Y%m%d}":
                self._path(backup_id).with_suffix(_DESTROYED).unlink(missing_ok=True)

    def destroy_due(self, now: datetime, kept_for: timedelta) -> list[str]:
        """Destroy the keys whose time is over. Return the ids."""
        self.forget_destroyed(now)
        due = [one.backup_id for one in self.all() if one.made_at <= now - kept_for]
        return [backup_id for backup_id in due if self.destroy(backup_id)]

    def rewrap(self) -> int:
        """Put every key under the first master key. Return how many still lie under another one."""
        left = 0
        for kept in self.all():
            said = self._read(kept.backup_id)
            wrapped, where = base64.b64decode(said["wrapped"]), _place(kept.backup_id)
            if keys.lies_under_the_first(BACKUP_KEY, wrapped, where):
                continue
            try:
                again = keys.seal_for(BACKUP_KEY, keys.open_for(BACKUP_KEY, wrapped, where), where)
            except SealBroken:
                left += 1
                continue
            self._write(kept.backup_id, {**said, "wrapped": _text(again)})
        return left

    def _kept(self, backup_id: str) -> KeptKey:
        said = self._read(backup_id)
        verified = said["verified_at"]
        return KeptKey(
            backup_id=backup_id,
            made_at=datetime.fromisoformat(said["made_at"]),
            verified_at=datetime.fromisoformat(verified) if verified else None,
        )

    def _path(self, backup_id: str) -> Path:
        return self._folder / f"{Path(backup_id).name}{_SUFFIX}"

    def _read(self, backup_id: str) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(self._path(backup_id).read_text(encoding="ascii"))
        return said

    def _write(self, backup_id: str, said: dict[str, Any]) -> None:
        path = self._path(backup_id)
        new = path.with_suffix(".new")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
            json.dump(said, file)
            file.flush()
            os.fsync(file.fileno())
        before = path.open("r+b") if path.exists() else None
        new.replace(path)
        _sync(self._folder)
        if before is not None:  # the bytes of the file that was replaced would open the backup as well
            with before:
                _overwrite(before)


def unreadable(destroyed: Sequence[str]) -> str:
    """The sentence for backups whose keys were destroyed, the oldest first."""
    if len(destroyed) == 1:
        return (
            f"The key of backup {destroyed[0]} was destroyed: nobody can read this backup any more, in any copy, for"
            " good. Keys are destroyed when LANTERN_BACKUP_DAYS are over, or by `./run backup destroy`."
        )
    return (
        f"The keys of {len(destroyed)} backups were destroyed, the newest of them {destroyed[-1]}: nobody can read"
        " these backups any more, in any copy, for good. Keys are destroyed when LANTERN_BACKUP_DAYS are over, or by"
        " `./run backup destroy`."
    )


def _place(backup_id: str) -> str:
    return place("backup", "key", backup_id)


def _overwrite(file: IO[bytes]) -> None:
    file.write(bytes(os.fstat(file.fileno()).st_size))
    file.flush()
    os.fsync(file.fileno())


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
