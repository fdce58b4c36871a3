"""Restore: puts a backup back, and says what is there now and what is not."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone

from lantern import start
from lantern.backup import BackupError
from lantern.management.base import BaseCommand
from records.counted import counted

if TYPE_CHECKING:
    from lantern.backup.restore import Restored

_ONE, _MANY = "conversation or case", "conversations and cases"


class Command(BaseCommand):
    """`./run restore [BACKUP] [--replace]`"""

    help = "put a backup back; the line must not run"
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare what can be asked for."""
        parser.add_argument("name", nargs="?", default="", help="the id or file of a backup (default: the newest)")
        parser.add_argument("--replace", action="store_true", help="put it in the place of the line that is here")
        parser.add_argument(
            "--discard", action="store_true", help="with --replace: do not back up what is here first; it is lost"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit code 1 when it could not be done; then nothing has changed."""
        from lantern.backup.make import find
        from lantern.backup.places import places
        from lantern.backup.restore import restore

        line = settings.LANTERN
        try:
            data = start.make_data_folder(line)
            place = places(line)
            with start.hold(data):
                path = find(place, options["name"])
                self.stderr.write(f"Restoring {path.name}; nothing that is here is touched before it was tried.")
                kind = start.DEMO if line.demo else start.LINE
                now = timezone.now()
                found = restore(place, path, kind, now, replace=options["replace"], discard=options["discard"])
        except (BackupError, start.CannotStartError) as problem:
            self.stderr.write(str(problem))
            raise SystemExit(1) from problem
        self.stderr.write(told(found, now))


def told(found: Restored, now: datetime) -> str:
    """The report in an operator's words."""
    carried = found.carried_out
    hours = (now - found.made_at).total_seconds() / 3600
    lines = [
        "",
        f"In place: the line as of {found.made_at:%Y-%m-%d %H:%M} UTC, {_ago(hours)} ago (backup {found.backup_id}).",
        f"  Conversations: {found.conversations} ({found.waiting} wait for a person, {found.held} are with one)",
        f"  Cases: {found.cases}",
    ]
    if found.saved is not None:
        lines.append(f"  What stood here before is backup {found.saved.backup_id}.")
    lines += [
        "Erased again before anything can answer:",
        f"  {counted(carried.again, _ONE, _MANY)} erased after the backup was made",
        f"  {carried.asked} whose people asked after it that they be deleted",
        f"  {carried.due} whose time was over meanwhile",
        "Not here: whatever was written, noted or changed after the backup was made.",
        f"  SMS and WhatsApp since then: once up, `./run reconcile --hours {round(hours) + 1}` fetches them.",
        "  Telegram hands out the last 24 hours that nobody fetched, by itself.",
        "Everybody is signed out. Accounts, roles and passwords are as they were then: look through them (People).",
        f"  These can sign in: {', '.join(found.accounts) or 'nobody'}",
        "Next: `./run doctor`, then `./run`.",
    ]
    return "\n".join(lines)


def _ago(hours: float) -> str:
    if hours < 2:  # noqa: PLR2004 (minutes say more)
        return counted(round(hours * 60), "minute", "minutes")
    return f"{round(hours)} hours" if hours < 48 else f"{round(hours / 24)} days"  # noqa: PLR2004 (two days)
