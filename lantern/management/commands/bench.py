"""How fast this line is on this machine; the measuring itself stands in benchmarks/."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings

from content.source import ROOT
from lantern.management.base import BaseCommand


class Command(BaseCommand):
    """`./run bench`"""

    help = "turns a second, latency, memory, start"
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the flags; the benchmark reads them from here."""
        parser.add_argument("--messages", type=int, default=2400, help="of the mix, taken flat out")
        parser.add_argument("--seconds", type=float, default=30.0, help="how long messages come at half the rate")
        parser.add_argument("--talk", type=int, default=200, help="messages of a long talk")
        parser.add_argument("--lanes", type=int, default=2, help="turns taken at the same time")
        parser.add_argument("--seed", type=int, default=1, help="of the mix")
        parser.add_argument("--against", choices=["stock"], help="measure Rasa as it comes too")
        parser.add_argument("--write", action="store_true", help="write docs/performance.md and its picture")
        parser.add_argument("--model", type=Path, help="a trained model; the one of today's data if it is not named")

    def handle(self, *args: Any, **options: Any) -> None:
        """Nothing: `run_from_argv` has become the benchmark."""

    def run_from_argv(self, argv: list[str]) -> None:
        """Become the benchmark: it starts processes of its own, beside no database of ours."""
        environ = {**os.environ, "LANTERN_DATA": str(settings.LANTERN.data.resolve())}
        os.chdir(ROOT)
        os.execve(sys.executable, [sys.executable, "-m", "benchmarks.speed", *argv[2:]], environ)  # noqa: S606 (our own) # nosec B606
