"""Places: where backups lie, where their keys and the list of erasures lie, and what either holds."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from lantern.backup import BackupError
from lantern.config import Settings

SUFFIX = ".backup"
PART = ".part"  # being written; whole ones are renamed


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The folders of this installation."""

    data: Path
    backups: Path
    keys: Path
    kept_for: timedelta

    @property
    def scratch(self) -> Path:
        """Where a copy lies while it is sealed or tried; emptied before and after."""
        return self.data / "scratch"

    def file_of(self, backup_id: str) -> Path:
        """Where the backup of this id lies."""
        return self.backups / f"lantern-{backup_id}{SUFFIX}"

    def files(self) -> list[Path]:
        """Every whole backup, the oldest first."""
        return sorted(self.backups.glob(f"lantern-*{SUFFIX}"))


def places(settings: Settings) -> Places:
    """The folders that the settings name, made if need be, for their owner only.

    Raises:
        BackupError: one of them cannot be used.
    """
    data = settings.data.resolve()
    made = Places(
        data=data,
        backups=(settings.backups or data / "backups").resolve(),
        keys=(settings.backup_keys or data / "backup-keys").resolve(),
        kept_for=timedelta(days=settings.backup_days),
    )
    for name, folder in (("LANTERN_BACKUPS", made.backups), ("LANTERN_BACKUP_KEYS", made.keys)):
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as problem:
            raise BackupError(f"{name}: cannot use the folder {folder}: {problem.strerror}.") from problem
        if not os.access(folder, os.W_OK | os.X_OK):
            raise BackupError(f"{name}: the folder {folder} cannot be written to; it must belong to whoever runs this.")
    return made


@contextlib.contextmanager
def alone(place: Places) -> Iterator[Path]:
    """Hold the scratch folder, empty, for one backup or restore at a time; it is emptied again afterwards.

    Raises:
        BackupError: another backup or restore is at work.
    """
    with (place.keys / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as problem:
            raise BackupError("Another backup or restore is at work; wait for its end.") from problem
        shutil.rmtree(place.scratch, ignore_errors=True)
        for part in place.backups.glob(f"*{PART}"):
            part.unlink()
        place.scratch.mkdir(mode=0o700)
        try:
            yield place.scratch
        finally:
            shutil.rmtree(place.scratch, ignore_errors=True)


def size(path: Path) -> int:
    """How many bytes a file or a folder takes."""
    if path.is_dir():
        return sum(one.lstat().st_size for one in path.rglob("*") if not one.is_dir())
    return path.lstat().st_size if path.exists() else 0


def told_size(count: float) -> str:
    """The same for a person."""
    unit = "bytes"
    for unit in ("bytes", "KB", "MB", "GB", "TB"):
        if count < 1000 or unit == "TB":  # noqa: PLR2004 (the next unit)
            break
        count /= 1000
    return f"{count:.0f} {unit}" if unit in ("bytes", "KB") else f"{count:.1f} {unit}"
