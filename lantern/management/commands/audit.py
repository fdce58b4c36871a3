"""Audit: proves that no row of the audit was changed, taken away or slipped in."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.utils import timezone

from lantern.management.base import BaseCommand
from lantern.start import open_line


class Command(BaseCommand):
    """`./run audit verify`"""

    help = "prove that the audit is whole"
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare what can be asked for."""
        verify = parser.add_subparsers(dest="act", required=True).add_parser("verify", help="walk along the chain")
        verify.add_argument(
            "--head", default="", help="a head that was printed before: also proves nothing was cut off"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the head on stdout; each problem on stderr, and end with 1 if there is any."""
        from records.audit_chain import verify

        open_line(settings.LANTERN)
        found = verify(timezone.now(), options["head"].strip().lower())
        for problem in found.problems:
            self.stderr.write(problem)
        if found.problems:
            self.stderr.write(
                f"The audit does not hold ({found.rows} links walked). Change nothing and copy the data folder;"
                ' docs/how-to/incidents.md says under "When the audit does not hold" what each line above can mean.'
            )
            raise SystemExit(1)
        self.stdout.write(found.head)
        if found.waiting:
            self.stderr.write(
                f"{found.waiting} rows are too young to be linked (the oldest {found.oldest_waiting_s} s); the clock"
                " links them within seconds while the line runs."
            )
        self.stderr.write(
            f"{found.rows} rows, none changed, taken away or slipped in."
            " Keep the head above elsewhere: with --head it proves later that nothing was cut off."
        )
