"""The clock process: every few seconds, what time alone brings (waits told, rows erased)."""

from __future__ import annotations

import signal
import threading
from datetime import datetime, timezone
from typing import Any

import structlog
from django.core.management.base import BaseCommand
from django.db import connections

from lantern import beating, logs
from lantern.lifetime import watch_supervisor

EVERY_S = 5.0
log = structlog.get_logger()


class Command(BaseCommand):
    """`./run clock`"""

    help = "the clock process: waits, retention"
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Tick until told to end."""
        from bot.clock import Clock

        logs.configure()
        watch_supervisor()
        told = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: told.set())
        clock = Clock()
        while not told.is_set():
            beating.beat_now("clock")
            try:
                clock.tick(datetime.now(timezone.utc))
            except Exception:  # the outer loop: what fails now is due again in a moment
                log.exception("tick_failed")
                connections.close_all()
            told.wait(EVERY_S)
