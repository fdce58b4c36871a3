"""The runner: loads the model once and forks a lane a core; each takes the turns of its conversations."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.db import connections

from lantern import beating, logs
from lantern.lifetime import forks_die_with_us, watch_supervisor
from lantern.management.base import BaseCommand
from lantern.start import judge_content, judge_tables
from records.figures.beats import LANE, RUNNER, SPEECHLESS


class Command(BaseCommand):
    """`./run bot`"""

    help = "the runner: takes turns"
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the flags."""
        parser.add_argument("--lanes", type=int, default=cores(), help="turns taken at the same time (one a core)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Take turns until told to end."""
        from bot.holders import take_name
        from bot.runner import Runner, load_turns
        from bot.turn import Turns
        from lantern.model_store import model_path

        if options["lanes"] < 1:
            self.stderr.write(f"--lanes: found {options['lanes']}; at least 1 is needed")
            raise SystemExit(2)
        judge_tables(settings.LANTERN)
        judge_content()
        logs.configure()
        watch_supervisor()
        forks_die_with_us()
        data = settings.LANTERN.data.resolve()
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        model = model_path(data)
        if not model.exists():
            self.stderr.write("no model of today's data; without it people get safety words only: ./run train makes it")
        held = take_name(data, "runner")  # the lock is held by the lanes too
        held.inherit(options["lanes"])
        connections.close_all()
        found = model if model.exists() else None
        loaded: list[Turns] = []

        def load() -> Turns:
            loaded.append(load_turns(found, data / "understanding"))
            return loaded[0]

        runner = Runner(load, lanes=options["lanes"], name=held.name, beat=beating.beating_between(LANE))
        runner.run_forever(ready=lambda: beating.beat_beside(RUNNER if loaded[0].dialogue else SPEECHLESS))


def cores() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
