"""How well messages are understood: a table by language, the labels, the confusions."""

from __future__ import annotations

import getpass
import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from lantern.management.base import BaseCommand
from records.counted import counted

OWN = "tests/data/own"
SAMPLE = "tests/data/messages-sample.jsonl"


class Command(BaseCommand):
    """`./run evaluate`"""

    help = "accuracy on messages that taught nothing, by language and label"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take other messages than our own, and where to write the page."""
        parser.add_argument(
            "files", nargs="*", type=Path, help=f"JSON lines like {SAMPLE}; our own and the sample if none"
        )
        parser.add_argument(
            "--judged", metavar="NAME",
            help="on what supervisors judged, opened in memory as this member of staff; shows counts only",
        )  # fmt: skip
        parser.add_argument("--write", action="store_true", help="write docs/understanding.md and its picture")

    def handle(self, *args: Any, **options: Any) -> None:
        """Evaluate and show."""
        from bot.understanding.evaluation import cost, evaluate, read_cases
        from bot.understanding.model import Understanding
        from content.source import ROOT
        from lantern import understanding_page
        from lantern.model_store import ensure_model

        if options["judged"]:
            self._judged(options["judged"])
            return
        missing = [str(path) for path in options["files"] if not path.is_file()]
        if missing:
            raise CommandError(f"{missing[0]}: no such file; give JSON lines in the form of {SAMPLE}")
        sets = {path.name: [path] for path in options["files"]} or {
            "our own messages": sorted((ROOT / OWN).glob("*.jsonl")),
            "the shared sample": [ROOT / SAMPLE],
        }
        model = ensure_model(settings.LANTERN.data, self.stderr.write)
        understanding = Understanding.load(model, settings.LANTERN.data.resolve() / "understanding")
        reports, times = {}, 0.0
        for name, paths in sets.items():
            cases = read_cases(paths)
            self.stderr.write(f"{name}: {counted(len(cases), 'message', 'messages')}")
            reports[name] = evaluate(understanding, cases)
            times = times or cost(understanding, cases)
        card = ROOT / "bot/understanding/encoder/card.json"
        page = understanding_page.page(
            reports, json.loads(card.read_text(encoding="utf-8")) if card.exists() else {}, times
        )
        self.stdout.write(page)
        if options["write"]:
            understanding_page.write(page, reports, ROOT / "docs")
            self.stderr.write("wrote docs/understanding.md and docs/images/understanding.svg")

    def _judged(self, username: str) -> None:
        from bot.understanding.model import Understanding
        from lantern.judged import CannotOpen, count_as
        from lantern.model_store import ensure_model

        password = getpass.getpass("Password: ", stream=sys.stderr) if sys.stdin.isatty() else sys.stdin.readline()
        model = ensure_model(settings.LANTERN.data, self.stderr.write)
        understanding = Understanding.load(model, settings.LANTERN.data.resolve() / "understanding")
        try:
            self.stdout.write(count_as(username, password.rstrip("\r\n"), understanding).told())
        except CannotOpen:
            raise CommandError("that name and password open no conversations; a worker or a supervisor can") from None
