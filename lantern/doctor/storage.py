"""Doctor for what lies on disks: what the data folder takes, what is free, and whether a backup could be put back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from bot.now import wall_clock
from lantern.backup import BackupError
from lantern.backup.make import Backup, every
from lantern.backup.places import Places, places, size, told_size
from lantern.config import Settings
from lantern.doctor import Finding
from records.counted import counted

YOUNG = timedelta(hours=50)  # one a day, and one may be missed
_LEAST_FREE = 1_000_000_000
_DATABASE = ("lantern.sqlite3", "lantern.sqlite3-wal", "lantern.sqlite3-shm")
# What can be made again from the program: how each is named to an operator (docs/how-to/data-folder.md).
_MADE_AGAIN = ("models", "understanding", "language", "vectors", "desk-words")


class StorageCheck:
    """The data folder, and the folders of backups and of their keys."""

    name = "Data and backups"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def judge(self) -> Iterator[Finding]:
        """Say what lies where, and what an operator would miss on the day a disk breaks."""
        data = self._settings.data.resolve()
        if not data.exists():
            yield Finding(sentence=f"the data folder {data} is not there yet; `./run` makes it", wrong=False)
            return
        yield from _use(data, on_server=bool(self._settings.database_url))
        try:
            place = places(self._settings)
        except BackupError as problem:
            yield Finding(sentence=str(problem))
            return
        yield from _folders(place)
        if not self._settings.demo:
            yield from _apart(place, named=self._settings.backups is not None)
            yield from _backups(every(place), place, wall_clock())


def _use(data: Path, *, on_server: bool) -> Iterator[Finding]:
    database, made_again = sum(size(data / one) for one in _DATABASE), sum(size(data / one) for one in _MADE_AGAIN)
    free = shutil.disk_usage(data).free
    where = "on the server" if on_server else told_size(database)
    yield Finding(
        sentence=f"{data}: database {where}, models and other things that can be made again {told_size(made_again)},"
        f" {told_size(free)} free",
        wrong=False,
    )
    if free < max(_LEAST_FREE, 0 if on_server else 2 * database):
        yield Finding(
            sentence=f"only {told_size(free)} are free on the disk of {data}; a full disk stops the line, and a backup"
            f" takes {told_size(2 * database)} for a moment. Make room: earlier models in {data / 'models'} may go"
        )


def _folders(place: Places) -> Iterator[Finding]:
    for folder in (place.data, place.keys, place.backups):
        mode = folder.stat().st_mode & 0o777
        if mode & 0o077:

            def mend(folder: Path = folder) -> str:
                folder.chmod(0o700)
                return f"{folder} is for its owner only"

            yield Finding(sentence=f"{folder} can be entered by others (mode {mode:o}); right is 700", mend=mend)
    if place.scratch.exists():
        yield Finding(
            sentence=f"{place.scratch} was left by a backup that was cut off, or one is at work; the next empties it",
            wrong=False,
        )


def _apart(place: Places, *, named: bool) -> Iterator[Finding]:
    if not named:
        yield Finding(
            sentence="backups and their keys lie in the data folder: if its disk breaks, all is lost. LANTERN_BACKUPS"
            " and LANTERN_BACKUP_KEYS name better places (docs/how-to/backup.md)"
        )
        return
    disk = place.data.stat().st_dev
    if place.keys.stat().st_dev == disk:
        yield Finding(
            sentence=f"LANTERN_BACKUP_KEYS: {place.keys} is on the disk of the data folder; if that breaks, no backup"
            " can be put back"
        )
    if place.backups.stat().st_dev == disk:
        yield Finding(
            sentence=f"LANTERN_BACKUPS: {place.backups} is on the disk of the data; see that copies go elsewhere",
            wrong=False,
        )


def _backups(found: list[Backup], place: Places, now: datetime) -> Iterator[Finding]:
    readable = [one for one in found if one.readable]
    keyless = [one for one in found if not one.readable and one.made_at > now - place.kept_for]
    if keyless:
        yield Finding(
            sentence=f"no key in {place.keys} for {counted(len(keyless), 'backup', 'backups')} in {place.backups}:"
            " nobody can read what is in there. If the keys lie elsewhere, LANTERN_BACKUP_KEYS names the folder"
        )
    if not readable:
        yield Finding(sentence="there is no backup; `./run backup` makes one, and once a day is right")
        return
    newest = readable[-1]
    if now - newest.made_at > YOUNG:
        yield Finding(
            sentence=f"the newest backup is of {newest.made_at:%Y-%m-%d %H:%M} UTC; once a day is right"
            " (docs/how-to/backup.md says how it is made by itself)"
        )
    if newest.verified_at is None:
        yield Finding(sentence=f"backup {newest.backup_id} was not tried; `./run backup verify` restores it elsewhere")
    else:
        yield Finding(
            sentence=f"{counted(len(readable), 'backup', 'backups')}, the newest of"
            f" {newest.made_at:%Y-%m-%d %H:%M} UTC, tried",
            wrong=False,
        )
