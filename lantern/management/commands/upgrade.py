"""Upgrade: brings the tables to this version; a backup first, and beside a running line where that is safe."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.utils import timezone

from lantern import start
from lantern.backup import BackupError
from lantern.management.base import BaseCommand


class Command(BaseCommand):
    """`./run upgrade [--check]`"""

    help = "bring the tables to this version of the program"
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the flags."""
        parser.add_argument("--check", action="store_true", help="only say what would be done")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit code 1 when it cannot be done now; then nothing has changed."""
        from lantern.backup.places import places
        from lantern.upgrade.steps import CannotUpgradeError, bring_up, plan

        line = settings.LANTERN
        try:
            start.make_data_folder(line)
            found = plan()
            for one in found.pending:
                self.stdout.write(one)
            if not found.pending:
                self.stderr.write("The tables are of this version already.")
                return
            if options["check"]:
                self.stderr.write(_judged(found.objections, fresh=found.fresh))
                return
            kind = start.DEMO if line.demo else start.LINE
            backup_id = bring_up(places(line), kind, timezone.now(), self.stderr.write)
        except (BackupError, CannotUpgradeError, start.CannotStartError) as problem:
            self.stderr.write(str(problem))
            raise SystemExit(1) from problem
        self.stderr.write(
            "The tables are of this version now. Start the processes anew, one after another: clock, delivery,"
        )
        self.stderr.write("bot, web; where `./run` stands, Ctrl-C and `./run` again. Nothing is lost meanwhile.")
        if backup_id:
            self.stderr.write(f"To go back: the earlier program, then `./run restore {backup_id} --replace`.")


def _judged(objections: tuple[str, ...], *, fresh: bool) -> str:
    if fresh:
        return "There are no tables yet; they would be made."
    if not objections:
        return "This can be done while the line runs; a backup is made first."
    return "\n".join(["The line must be stopped for this, because of", *(f"  {one}" for one in objections)])
