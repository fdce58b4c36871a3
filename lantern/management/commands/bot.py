"""The runner: loads the model once and forks a lane a core; each takes the turns of its conversations."""

from __future__ import annotations

import gc
import os
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.db import connections

from lantern import beating, logs
from lantern.lifetime import forks_die_with_us, watch_supervisor
from lantern.management.base import BaseCommand
from lantern.start import being_prepared, judge_content, judge_tables, wait_until_prepared
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
        data = settings.LANTERN.data.resolve()
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        early = being_prepared(data)  # `./run` makes the tables while we load
        if not early:
            judge_tables(settings.LANTERN)
        gc.disable()  # nothing of what is loaded is garbage, and to look for it takes a third of the time
        judge_content()
        logs.configure()
        watch_supervisor()
        forks_die_with_us()
        model = model_path(data)
        if not model.exists():
            self.stderr.write("no model of today's data; without it people get safety words only: ./run train makes it")

        def load() -> Turns:
            return load_turns(model if model.exists() else None, data / "understanding")

        loaded = None
        if early:
            loaded = load()
            wait_until_prepared(data)
            judge_tables(settings.LANTERN)
        held = take_name(data, "runner")  # the lock is held by the lanes too
        held.inherit(options["lanes"])
        connections.close_all()
        turns = loaded or load()
        runner = Runner(turns, lanes=options["lanes"], name=held.name, beat=beating.beating_between(LANE))
        runner.run_forever(ready=lambda: beating.beat_beside(RUNNER if turns.dialogue else SPEECHLESS))


def cores() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
