"""Storing: what webhooks store, in threads that keep their database connection.

SQLite has one writer, and each commit waits for the disk: calls that wait together become one commit, and each is
answered after it. PostgreSQL does that by itself for several connections.
"""

from __future__ import annotations

import asyncio
import functools
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import close_old_connections, connection, transaction

T = TypeVar("T")

# Together they hold the one write lock of SQLite for some tens of milliseconds; the lanes write too.
TOGETHER = 16
POSTGRESQL_THREADS = 4


@dataclass(slots=True)
class Call:
    """One piece of work, and whom to tell."""

    work: Callable[[], Any]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]
    result: Any = None
    problem: BaseException | None = None


class Storing:
    """Takes work from any loop; `together` at most share a commit."""

    def __init__(self, threads: int, together: int) -> None:
        self._waiting: queue.SimpleQueue[Call] = queue.SimpleQueue()
        self._together = together
        for number in range(threads):
            threading.Thread(target=self._run, name=f"webhook-{number}", daemon=True).start()

    async def do(self, work: Callable[[], T]) -> T:
        """Return what `work` returns, after it is on disk. Raises what it raises."""
        loop = asyncio.get_running_loop()
        call = Call(work, loop, loop.create_future())
        self._waiting.put(call)
        done: T = await call.future
        return done

    def _run(self) -> None:
        while True:
            calls = [self._waiting.get()]
            while len(calls) < self._together and not self._waiting.empty():
                calls.append(self._waiting.get())  # nobody else takes from it where more than one is taken
            _store(calls)
            for call in calls:
                call.loop.call_soon_threadsafe(_tell, call)


@functools.cache
def storing() -> Storing:
    """The threads of this process."""
    if connection.vendor == "sqlite":
        return Storing(1, TOGETHER)
    return Storing(POSTGRESQL_THREADS, 1)


def _store(calls: list[Call]) -> None:
    """Do all of it in one transaction; one that fails takes only its own part back."""
    try:
        close_old_connections()  # only those that broke or are past their age
        if len(calls) == 1:
            calls[0].result = calls[0].work()
            return
        with transaction.atomic():
            for call in calls:
                _part(call)
    except Exception as problem:  # told to whoever called: the webhook names it
        for call in calls:
            call.problem = call.problem or problem


def _part(call: Call) -> None:
    try:
        with transaction.atomic():
            call.result = call.work()
    except Exception as problem:
        call.problem = problem


def _tell(call: Call) -> None:
    if call.future.done():  # whoever called has gone
        return
    if call.problem is not None:
        call.future.set_exception(call.problem)
    else:
        call.future.set_result(call.result)
