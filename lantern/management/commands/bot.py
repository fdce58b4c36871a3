"""The runner: loads the model once and forks a lane a core; each takes the turns of its conversations."""

from __future__ import annotations

import fcntl
import os
import socket
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connections

from lantern import beating, logs
from lantern.lifetime import forks_die_with_us, watch_supervisor
from lantern.start import judge_tables
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
        from bot.runner import Runner, load_turns
        from bot.turn import Turns
        from lantern.model_store import model_path

        if options["lanes"] < 1:
            self.stderr.write(f"--lanes: found {options['lanes']}; at least 1 is needed")
            raise SystemExit(2)
        judge_tables(settings.LANTERN)
        logs.configure()
        watch_supervisor()
        forks_die_with_us()
        data = settings.LANTERN.data.resolve()
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        model = model_path(data)
        if not model.exists():
            self.stderr.write("no model of today's data; without it people get safety words only: ./run train makes it")
        name = _name(data, options["lanes"])
        found = model if model.exists() else None
        loaded: list[Turns] = []

        def load() -> Turns:
            loaded.append(load_turns(found, data / "understanding"))
            return loaded[0]

        runner = Runner(load, lanes=options["lanes"], name=name, beat=beating.beating_between(LANE))
        runner.run_forever(ready=lambda: beating.beat_beside(RUNNER if loaded[0].dialogue else SPEECHLESS))


def cores() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _name(data: Path, lanes: int) -> str:
    """The name under which lanes claim: the machine's own for the first runner, one with its pid for others.

    The first gives up at once what it held when it died; others let their claims lapse.
    """
    from records.messages.queries import release_claims

    name = f"runner-{socket.gethostname()[:60]}"
    handle = os.open(data / "runner.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        # Held by the lanes too, and let go of by the kernel when the last of us is gone.
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return f"{name}-{os.getpid()}"
    for lane in range(lanes):
        release_claims(f"{name}-{lane}")
    connections.close_all()
    return name
