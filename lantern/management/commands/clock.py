"""The clock process: every few seconds, what time alone brings (waits told, alerts, rows erased, the self-test).

Any number may run; one leads and does the work. When it ends or hangs, another goes on within `LEAD_S`.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import structlog
from django.conf import settings
from django.db import connections

from lantern import beating, logs
from lantern.lifetime import watch_supervisor
from lantern.management.base import BaseCommand
from lantern.start import judge_tables
from records.figures.beats import CLOCK

EVERY_S = 5.0
LEAD_S = 30.0  # several ticks; a leader that is gone is missed no longer than health takes to call it silent
WORK = "clock"
log = structlog.get_logger()


class Command(BaseCommand):
    """`./run clock`"""

    help = "the clock process: waits, alerts, retention, self-test"
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Tick until told to end."""
        from bot import canary
        from bot.clock import Clock
        from bot.holders import take_name
        from lantern.keeping import Keeping
        from records.audit_chain import link_new
        from records.messages.providers import stop_leading

        judge_tables(settings.LANTERN)
        logs.configure()
        watch_supervisor()
        told = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: told.set())
        clock, keeping = Clock(), Keeping(settings.LANTERN)
        held = take_name(settings.LANTERN.data, WORK)
        holder = held.name
        _do(held.inherit)
        leads = threading.Event()
        # In a thread of its own: a mail server that does not answer must not hold up the truth about waiting.
        threading.Thread(target=_alert_forever, args=(told, leads), name="alerts", daemon=True).start()
        while not told.is_set():
            beating.beat_now(CLOCK)
            _do(lambda: _look_for_lead(holder, leads))
            if leads.is_set():
                _do(lambda: clock.tick(datetime.now(timezone.utc)))
                _do(lambda: canary.tick(datetime.now(timezone.utc)))
            _do(lambda: keeping.tick(datetime.now(timezone.utc)))  # every clock's share: folders are a machine's own
            told.wait(EVERY_S)
        _do(link_new)  # what was written since the last tick: the line may stand for long
        _do(lambda: stop_leading(WORK, holder))


def _do(work: Callable[[], object]) -> None:
    try:
        work()
    except Exception:  # the outer loop: what fails now is due again in a moment
        log.warning("tick_failed", exc_info=True)
        connections.close_all()


def _look_for_lead(holder: str, leads: threading.Event) -> None:
    from records.messages.providers import lead

    led = leads.is_set()
    leads.clear()  # what cannot be asked is not ours
    if lead(WORK, holder, datetime.now(timezone.utc), LEAD_S):
        leads.set()
    if led != leads.is_set():
        log.info("clock_leads" if leads.is_set() else "clock_waits", holder=holder)


def _alert_forever(told: threading.Event, leads: threading.Event) -> None:
    while not told.is_set():
        if leads.is_set():
            _do(_alert)
        told.wait(EVERY_S)


def _alert() -> None:
    from bot import canary, oncall
    from bot.serving import channels_of

    # Made anew each time: a channel belongs to the loop that it was first used in.
    post = oncall.poster({channel.name: channel for channel in channels_of(settings.LANTERN)})
    now = datetime.now(timezone.utc)
    oncall.tell(now, post)
    canary.alarm(now, post)
