"""The ledger of erasures: which conversations and cases are gone, beside the keys of backups and in none of them.

Random ids and times only. The clock copies it from the database every few seconds; a file a month, so that old
ones can simply go. Whoever asked to delete while a hand-off is open stands in it too, with the time they asked.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path

from django.db.models import Q

from lantern.config import Settings
from records.erasure.retention import erase_again, erase_due, remember_erased
from records.models import Conversation, ErasedConversation

_NAME = "erasures-{:%Y-%m}.jsonl"
_OVERLAP = timedelta(days=1)  # an erasure whose transaction ended late is not missed
_KEPT_FOR = timedelta(days=90)  # no backup lives longer than 14 days


class What(Enum):
    """What an entry says."""

    GONE = "gone"
    ASKED = "asked"  # its words go; the rest when the hand-off is closed


@dataclass(frozen=True, slots=True)
class Entry:
    """One line."""

    what: What
    uid: uuid.UUID
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedOut:
    """What a restored database lost again."""

    again: int  # conversations and cases erased after the backup was made
    asked: int  # conversations whose contact asked to delete after it
    due: int  # conversations and cases whose time was over meanwhile


class Ledger:
    """The files of one installation."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: set[Entry] | None = None
        self._newest: datetime | None = None

    def keep(self, now: datetime) -> int:
        """Copy what is new in the database. Return how many lines were written. Raises OSError."""
        if self._known is None:
            entries = list(self.entries())
            self._newest = max((one.at for one in entries), default=None)
            self._known = {one for one in entries if one.what is What.ASKED or one.at >= self._since(now)}
        found = [one for one in _from_database(self._since(now)) if one not in self._known]
        if found:
            self._append(found, now)
            self._known.update(found)
            self._newest = max([*(one.at for one in found), *([self._newest] if self._newest else [])])
        return len(found)

    def entries(self) -> Iterator[Entry]:
        """Every line. One that was cut off by a fall of the machine is left out: it is written again."""
        for path in sorted(self._folder.glob("erasures-*.jsonl")):
            for line in path.read_text(encoding="ascii").splitlines():
                try:
                    said = json.loads(line)
                    yield Entry(What(said["what"]), uuid.UUID(said["uid"]), datetime.fromisoformat(said["at"]))
                except (ValueError, KeyError, TypeError):
                    continue

    def forget_old(self, now: datetime) -> None:
        """Remove the files of months that no backup reaches back to."""
        for path in self._folder.glob("erasures-*.jsonl"):
            if path.name < _NAME.format(now - _KEPT_FOR):
                path.unlink()

    def _since(self, now: datetime) -> datetime:
        return (self._newest or now - _KEPT_FOR) - _OVERLAP

    def _append(self, entries: list[Entry], now: datetime) -> None:
        path = self._folder / _NAME.format(now)
        lines = "".join(
            json.dumps({"what": one.what.value, "uid": str(one.uid), "at": one.at.isoformat()}) + "\n"
            for one in entries
        )
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "a", encoding="ascii") as file:
            file.write(("\n" if file.tell() else "") + lines)  # after a line that was cut off, a fresh one
            file.flush()
            os.fsync(file.fileno())


def ledger_of(settings: Settings) -> Ledger:
    """The ledger of this installation. Raises BackupError when its folder cannot be used."""
    from lantern.backup.places import places

    return Ledger(places(settings).keys)


def carry_out(ledger: Ledger, now: datetime) -> CarriedOut:
    """Erase in the database what the ledger says is gone, and what time has ended; before the line answers."""
    from bot.clock import kept_for

    entries = list(ledger.entries())
    remember_erased({one.uid: one.at for one in entries if one.what is What.GONE})
    asked = 0
    for one in entries:
        if one.what is What.ASKED:
            late = Q(erase_at__isnull=True) | Q(erase_at__lt=one.at)
            asked += Conversation.objects.filter(late, uid=one.uid).update(erase_at=one.at)
    again = erase_again(now)
    return CarriedOut(again=again, asked=asked, due=erase_due(now, kept_for()))


def _from_database(since: datetime) -> Iterator[Entry]:
    for uid, at in ErasedConversation.objects.filter(at__gte=since).values_list("uid", "at"):
        yield Entry(What.GONE, uid, at)
    # `every`: a database of an earlier version, backed up before its upgrade, cannot tell the canary's apart.
    for row in Conversation.every.filter(erase_at__isnull=False).only("uid", "erase_at"):
        if row.erase_at is not None:
            yield Entry(What.ASKED, row.uid, row.erase_at)
