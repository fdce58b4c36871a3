"""Keys: makes a master key, changes it while the line works, and prints the organisation's recovery key once."""

from __future__ import annotations

import base64
import secrets
from argparse import ArgumentParser
from typing import Any

from lantern.config import MASTER_KEY_BYTES
from lantern.management.base import BaseCommand
from records.counted import counted


class Command(BaseCommand):
    """`./run keys new|status|rotate|recovery`"""

    help = "make, change and look after the keys"
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare what can be asked for."""
        acts = parser.add_subparsers(dest="what", required=True)
        acts.add_parser("new", help="print a fresh master key")
        acts.add_parser("status", help="what lies under which master key, and who can open what is closed")
        acts.add_parser("rotate", help="move everything to the first master key, while the line works")
        recovery = acts.add_parser("recovery", help="make the organisation's recovery key and print it once")
        recovery.add_argument("--replace", action="store_true", help="there is one already: retire it")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do one thing; what a program needs goes to stdout, what a person needs to stderr."""
        if options["what"] != "new":  # a key is made before there are settings
            from django.conf import settings

            from lantern.start import open_database

            open_database(settings.LANTERN)
        getattr(self, f"_{options['what']}")(options)

    def _new(self, _options: dict[str, Any]) -> None:
        self.stdout.write(new_key())
        self.stderr.write(
            "Keep it in LANTERN_MASTER_KEY, or in a file named by LANTERN_MASTER_KEY_FILE, outside the data folder and"
            " outside every backup. If it is lost, everything that people wrote is lost; it is shown only now."
        )

    def _status(self, _options: dict[str, Any]) -> None:
        from records.models import Conversation
        from records.sealing.readers import readers, recovery_key
        from records.sealing.rotation import left

        for name, count in left().items():
            self.stdout.write(f"{name:<20} under another master key: {count}")
        sealed = Conversation.objects.filter(sealed_at__isnull=False).count()
        self.stdout.write(f"{'closed and sealed':<20} {sealed}, to {counted(readers().count(), 'person', 'people')}")
        self.stdout.write(f"{'recovery key':<20} {'in use' if recovery_key() else 'none: ./run keys recovery'}")

    def _rotate(self, _options: dict[str, Any]) -> None:
        from django.conf import settings

        from lantern.backup.keyring import Keyring
        from lantern.backup.places import places
        from records.sealing.rotation import rotate

        if not settings.LANTERN_OTHER_MASTER_KEYS:
            self.stderr.write(
                "Only one master key is set. Put a new one first and the old one into LANTERN_MASTER_KEY_OTHER (or on"
                " the second line of the key file), start every process with both, then run this again."
            )
            raise SystemExit(2)
        still = rotate(lambda name, done, total: self.stderr.write(f"{name}: {done} of {total}"))
        still += Keyring(places(settings.LANTERN).keys).rewrap()
        if still:
            what = counted(still, "value", "values")
            self.stderr.write(f"{what} could not be moved; run this again once every process knows both keys.")
            raise SystemExit(1)
        self.stderr.write(
            "Everything lies under the first key. Take the other one out, and start every process anew. Backups made"
            " before today hold what lies under the other one: make a new one now, and keep that key on paper for"
            f" {counted(settings.LANTERN.backup_days, 'day', 'days')}."
        )

    def _recovery(self, options: dict[str, Any]) -> None:
        from django.utils import timezone

        from records.sealing.readers import recovery_key
        from records.sealing.staff_keys import new_recovery_key

        if recovery_key() is not None and not options["replace"]:
            self.stderr.write(
                "There is a recovery key already. --replace makes another; keep the old one on paper too."
            )
            raise SystemExit(2)
        self.stdout.write(new_recovery_key(timezone.now()))
        self.stderr.write(
            "Print it and put it into a safe; it is stored nowhere and shown only now. With it, closed cases can be"
            " opened again when passwords are lost. Each person's key is wrapped by it at their next sign-in."
        )


def new_key() -> str:
    """A fresh master key in base64."""
    return base64.b64encode(secrets.token_bytes(MASTER_KEY_BYTES)).decode("ascii")
