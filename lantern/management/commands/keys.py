"""Keys: makes a master key. Whoever holds it can read everything; without it nobody can."""

from __future__ import annotations

import base64
import secrets
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from lantern.config import MASTER_KEY_BYTES


class Command(BaseCommand):
    """`./run keys new`"""

    help = "make a master key"
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare what can be asked for."""
        parser.add_argument("what", choices=["new"], help="new: print a fresh key for LANTERN_MASTER_KEY")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the key on stdout and what to do with it on stderr."""
        self.stdout.write(new_key())
        self.stderr.write(
            "Keep it in LANTERN_MASTER_KEY, or in a file named by LANTERN_MASTER_KEY_FILE, outside the data folder and"
            " outside every backup. If it is lost, everything that people wrote is lost; it is shown only now."
        )


def new_key() -> str:
    """A fresh master key in base64."""
    return base64.b64encode(secrets.token_bytes(MASTER_KEY_BYTES)).decode("ascii")
