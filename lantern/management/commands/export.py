"""Export: everything that is kept about one contact, for the day they ask; or anonymous statistics, for everybody."""

from __future__ import annotations

import getpass
import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.utils import timezone

from lantern.management.base import BaseCommand
from lantern.management.commands._contact import CHANNELS, NoSuchContactError, asked_contact
from lantern.start import judge_key, open_database


class Command(BaseCommand):
    """`./run export CHANNEL < address`, `./run export statistics`"""

    help = "everything about one contact, as JSON; or `statistics`: how many people wrote, never fewer than 11 together"
    requires_system_checks = ()
    writes_audit = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare what can be asked for."""
        parser.add_argument("channel", metavar="CHANNEL or statistics", choices=[*CHANNELS, "statistics"])
        parser.add_argument(
            "--json", action="store_true", help="statistics as JSON, with the rule they follow, not CSV"
        )
        parser.add_argument("--as", dest="name", default="", help="who opens what is closed; asks for their password")
        parser.epilog = (
            "example: `./run export sms > FILE` asks for the address; `./run export sms < ADDRESS > FILE` reads it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the export."""
        from records.erasure.contact_export import export_contact
        from records.errors import SealedToReaders
        from records.sealing.readers import reading_as

        open_database(settings.LANTERN)
        if options["channel"] == "statistics":
            self._statistics(as_json=options["json"])
            return
        judge_key()
        try:
            contact = asked_contact(options["channel"])
        except NoSuchContactError as problem:
            self.stderr.write(str(problem))
            raise SystemExit(problem.code) from None
        try:
            with reading_as(self._reader(options["name"])):
                made = export_contact(contact, None, timezone.now())
        except SealedToReaders:
            self.stderr.write("Part of it is closed and opens only for staff who may read it: --as NAME.")
            raise SystemExit(1) from None
        self.stdout.write(json.dumps(made, ensure_ascii=False, indent=1))

    def _statistics(self, *, as_json: bool) -> None:
        from lantern.statistics import publishing

        now = timezone.now()
        publishing.publish_due(now)
        self.stdout.write((publishing.as_json() if as_json else publishing.as_csv()).rstrip("\n"))
        quarter, on = publishing.next_on(now)
        self.stderr.write(f"{publishing.RULE} Next: {quarter}, on {on}.")

    def _reader(self, name: str) -> Any:
        from records.errors import WrongKey
        from records.models import Staff
        from records.sealing.staff_keys import open_key

        if not name:
            return None
        staff = Staff.objects.filter(username=name, is_active=True).first()
        password = getpass.getpass("Password: ", stream=sys.stderr) if sys.stdin.isatty() else sys.stdin.readline()
        try:
            return open_key(staff, password.rstrip("\r\n")) if staff else None
        except WrongKey:
            self.stderr.write("That password does not fit.")
            raise SystemExit(1) from None
