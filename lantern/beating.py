"""Beating: how each background process tells the health page that it is alive."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
import time
from collections.abc import Callable
from datetime import datetime, timezone

import structlog
from asgiref.sync import sync_to_async
from django.db import Error as StorageError
from django.db import connections

from bot.figures import snapshot
from records.figures.beats import EVERY_S, beat, ended, forget_ended
from records.models import Beat

log = structlog.get_logger()


def holder() -> str:
    """The name of this process among all that beat."""
    return f"{_machine()}{os.getpid()}"


def forget_earlier() -> None:
    """Forget the processes of this machine, because none of them runs any more."""
    forget_ended(_machine())
    Beat.objects.filter(holder__startswith=_machine()).delete()


def say_ended() -> None:
    """Say that no process of this machine runs any more: else the doctor would find all well for half a minute."""
    try:
        ended(_machine())
    except StorageError:
        log.warning("end_not_stored", exc_info=True)


def beat_now(name: str) -> None:
    """Say once that this process is alive; a database that is away is only logged."""
    try:
        beat(name, holder(), datetime.now(timezone.utc), snapshot())
    except StorageError:
        log.warning("beat_not_stored", kind=name, exc_info=True)
        connections.close_all()


def beating_between(name: str) -> Callable[[], None]:
    """Something to call as often as one likes: it beats when it is time to, in a process that has a loop of its own."""
    last = -float(EVERY_S)

    def call() -> None:
        nonlocal last
        if time.monotonic() - last >= EVERY_S:
            last = time.monotonic()
            beat_now(name)

    return call


async def beat_forever(name: str) -> None:
    """Beat from the loop that does the work, so that a loop that hangs falls silent."""
    while True:
        await sync_to_async(beat_now)(name)
        await asyncio.sleep(EVERY_S)


def beat_beside(name: str) -> None:
    """Beat from a thread, in a process that forks: never during a fork, and with no connection kept open."""
    free = threading.Lock()
    os.register_at_fork(before=free.acquire, after_in_parent=free.release, after_in_child=free.release)
    pid = os.getpid()

    def run() -> None:
        pause = threading.Event()
        while os.getpid() == pid:
            with free:
                beat_now(name)
                connections.close_all()
            pause.wait(EVERY_S)

    threading.Thread(target=run, name="beats", daemon=True).start()


def _machine() -> str:
    return f"{socket.gethostname()[:64]}:"
