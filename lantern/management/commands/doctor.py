"""Doctor: is everything outside this program as it must be? Sentences on stdout; exit code 1 if anything is wrong."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings

from lantern.management.base import BaseCommand


class Command(BaseCommand):
    """`./run doctor`"""

    help = "judge this installation: providers, settings, addresses; --fix mends what it can"
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the flags."""
        parser.add_argument("--fix", action="store_true", help="mend what can be mended from here")
        parser.add_argument(
            "--even-if-unreachable",
            action="store_true",
            help="with --fix: take a number or bot from another address also if this line does not answer at"
            " LANTERN_PUBLIC_URL/livez from here, for a proxy that does not let this machine in",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line a finding."""
        from lantern import logs
        from lantern.doctor import run
        from lantern.doctor.checks import checks

        logs.configure()
        found = checks(settings.LANTERN, even_if_unreachable=options["even_if_unreachable"])
        wrong = run(found, fix=options["fix"], say=self.stdout.write)
        self.stderr.write(f"{wrong} to put right" if wrong else "in order")
        if wrong:
            sys.exit(1)
