"""Audit: proves that no row of the audit was changed, taken away or slipped in."""

from __future__ import annotations

import re
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.conf import settings
from django.utils import timezone

from lantern.management.base import BaseCommand
from lantern.start import judge_key, open_line
from records.counted import counted

NOT_WHOLE = 3  # the exit code when the audit holds and a table of something else is missing
_HEAD = re.compile(r"[0-9a-f]{64}")


def head(text: str) -> str:
    """A head as it was printed; one cut short in copying would be told of as a chain that was."""
    plain = text.strip().lower()
    if not _HEAD.fullmatch(plain):
        raise ArgumentTypeError(
            f"found {text!r}; right is the line of 64 digits and letters from a to f that `./run audit verify` printed"
        )
    return plain


class Command(BaseCommand):
    """`./run audit verify`"""

    help = "prove that the audit is whole"
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare what can be asked for."""
        verify = parser.add_subparsers(dest="act", required=True).add_parser("verify", help="walk along the chain")
        verify.add_argument("--head", type=head, help="a head that was printed before: also proves nothing was cut off")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the head on stdout; each problem on stderr, and end with 1 if there is any.

        A table that is no part of the audit accuses nobody: it is named, and where the audit holds the end is 3.

        Raises:
            CannotStartError: the master key is another one; then nothing is said of the audit.
        """
        from records import tables
        from records.audit_chain import NEEDED, verify

        open_line(settings.LANTERN)
        lost = tables.lost()
        if others := [table for table in lost if table not in NEEDED]:
            self.stderr.write(f"{tables.what_to_do(others)}.")
        judge_key(lost)  # under a wrong master key nothing fits, and nothing was done to the audit
        found = verify(timezone.now(), options["head"] or "")
        for problem in found.problems:
            self.stderr.write(problem)
        if found.problems:
            self.stderr.write(
                f"The audit does not hold ({counted(found.rows, 'link', 'links')} walked). Change nothing and copy the"
                ' data folder; docs/how-to/incidents.md says under "When the audit does not hold" what each line above'
                " can mean."
            )
            raise SystemExit(1)
        self.stdout.write(found.head)
        if found.waiting:
            self.stderr.write(
                f"{counted(found.waiting, 'row is', 'rows are')} too young to be linked (the oldest"
                f" {found.oldest_waiting_s} s); the clock does it within seconds while the line runs."
            )
        self.stderr.write(
            f"{counted(found.rows, 'row', 'rows')}, none changed, taken away or slipped in."
            " Keep the head above elsewhere: with --head it proves later that nothing was cut off."
        )
        if others:
            self.stderr.write("The audit holds; what is missing from the database stands in the first line above.")
            raise SystemExit(NOT_WHOLE)
