"""Erase: everything that is kept about one contact, at once."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.utils import timezone

from lantern.management.base import BaseCommand
from lantern.management.commands._contact import NoSuchContactError, add_channel, asked_contact
from lantern.start import judge_key, open_database
from records.counted import counted


class Command(BaseCommand):
    """`./run erase CHANNEL < address`"""

    help = "erase everything about one contact"
    requires_system_checks = ()
    writes_audit = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare what can be asked for."""
        add_channel(parser)
        parser.add_argument("--yes", action="store_true", help="erase without asking once more")
        parser.epilog = "example: `./run erase sms` asks for the address; `./run erase sms --yes < FILE` reads its line"

    def handle(self, *args: Any, **options: Any) -> None:
        """Erase; the keys first, then the rows. Exit code 1 when there was nothing, 2 when nothing was tried."""
        from records.erasure.contact_export import erase_contact
        from records.erasure.traces import open_traces
        from records.states import Actor

        open_database(settings.LANTERN)
        judge_key()
        try:
            contact = asked_contact(options["channel"])
        except NoSuchContactError as problem:
            self.stderr.write(f"{problem} Nothing was erased.")
            raise SystemExit(problem.code) from None
        if not options["yes"]:
            self._ask(contact.conversations.count(), options["channel"])
        before = open_traces()
        count = erase_contact(contact.pk, None, timezone.now(), actor=Actor.SYSTEM)
        self.stderr.write(f"Erased: {_told(count)}; backups lose what was there within 14 days.")
        left = open_traces() - before
        if left > 0:
            self.stderr.write(
                f"{counted(left, 'message', 'messages')} may still be at the provider: `./run delivery` asks it to"
                " erase them, again and again until it does; `./run doctor` says whether any are left."
            )

    def _ask(self, count: int, channel: str) -> None:
        self.stderr.write(f"Kept under this address on {channel}: {_told(count)}.")
        if not sys.stdin.isatty():
            self.stderr.write("Nobody can be asked here; --yes erases without asking. Nothing was erased.")
            raise SystemExit(2)
        self.stderr.write('Erase all of it, for ever? "yes" erases: ', ending="")
        self.stderr.flush()
        if sys.stdin.readline().strip().lower() != "yes":
            self.stderr.write("Nothing was erased.")
            raise SystemExit(1)


def _told(count: int) -> str:
    return counted(count, "conversation", "conversations")
