"""Backup: makes one and tries it; lists, tries again or destroys those there are."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.utils import timezone

from lantern.backup import BackupError
from lantern.management.base import BaseCommand
from records.counted import counted


class Command(BaseCommand):
    """`./run backup [list|verify|destroy]`"""

    help = "make a backup while the line runs, and try it"
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare what can be asked for."""
        acts = parser.add_subparsers(dest="act")
        acts.add_parser("list", help="which backups there are, and which can be read")
        verify = acts.add_parser("verify", help="restore one to a scratch place and compare")
        verify.add_argument("name", nargs="?", default="", help="its id or file (default: the newest)")
        destroy = acts.add_parser("destroy", help="destroy the key of one: nobody can read it any more")
        destroy.add_argument("name", help="its id or file")

    def handle(self, *args: Any, **options: Any) -> None:
        """What a program needs goes to stdout, what a person needs to stderr; exit code 1 when it could not be done."""
        from lantern.backup.places import places

        try:
            self._place = places(settings.LANTERN)
            getattr(self, f"_{options['act'] or 'make'}")(options.get("name") or "")
        except BackupError as problem:
            self.stderr.write(str(problem))
            raise SystemExit(1) from problem

    def _make(self, _name: str) -> None:
        from lantern.backup.make import make
        from lantern.backup.places import size, told_size
        from lantern.start import DEMO, LINE

        began = timezone.now()
        made = make(self._place, DEMO if settings.LANTERN.demo else LINE, began)
        took = (timezone.now() - began).total_seconds()
        self.stdout.write(str(made.path))
        self.stderr.write(
            f"Backup {made.backup_id}: {told_size(size(made.path))}, made and restored to a scratch place in {took:.0f}"
            " s; every table is whole and its seals open. Its key is destroyed after"
            f" {counted(self._place.kept_for.days, 'day', 'days')}."
        )
        if settings.LANTERN.backups is None:
            self.stderr.write(
                "It lies in the data folder: it helps against a mistake, not against a broken disk. LANTERN_BACKUPS and"
                " LANTERN_BACKUP_KEYS name better places (docs/how-to/backup.md)."
            )

    def _list(self, _name: str) -> None:
        from lantern.backup.keyring import Keyring, unreadable
        from lantern.backup.make import every
        from lantern.backup.places import size, told_size

        found, destroyed = every(self._place), Keyring(self._place.keys).destroyed()
        for one in found:
            gone = "was destroyed: nobody can read it, for good" if one.backup_id in destroyed else "is not here"
            state = f"its key {gone}"
            if one.readable:
                state = f"tried {one.verified_at:%Y-%m-%d %H:%M} UTC" if one.verified_at else "not tried yet"
            self.stdout.write(
                f"{one.backup_id}  {one.made_at:%Y-%m-%d %H:%M} UTC  {told_size(size(one.path)):>9}  {state}"
            )
        if not found:
            self.stderr.write(f"No backup in {self._place.backups}; `./run backup` makes one.")
        if destroyed and not any(one.readable for one in found):
            self.stderr.write(unreadable(destroyed))

    def _verify(self, name: str) -> None:
        from lantern.backup.make import find, verify
        from lantern.backup.places import alone

        path = find(self._place, name)
        with alone(self._place) as scratch:
            verify(self._place, path, scratch, timezone.now())
        self.stderr.write(f"{path.name}: restored to a scratch place; every table is whole and its seals open.")

    def _destroy(self, name: str) -> None:
        from lantern.backup.keyring import Keyring
        from lantern.backup.make import every, find

        path = find(self._place, name)
        backup_id = next(one.backup_id for one in every(self._place) if one.path == path)
        there = Keyring(self._place.keys).destroy(backup_id)
        path.unlink()
        gone = "Its key is destroyed" if there else "Its key was gone already"
        self.stderr.write(f"{gone}: backup {backup_id} and every copy of it are unreadable from now on.")
