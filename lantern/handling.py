"""Handling: Django's handler, whose work on a request is one piece, done in one of a few threads that stay.

Django's own goes from the loop to a thread and back for each part of the middleware, and gives each request a new
thread and with it a new database connection: with fifty desks at once that cost as much as their answers.
"""

from __future__ import annotations

from collections import deque
from typing import Any, cast

import django
from asgiref.sync import SyncToAsync, ThreadSensitiveContext, sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from desk.together import note_arrival

# Python runs one of them at a time; the others are for what waits: the disk, a database, the hashing of a password.
THREADS = 8


class _Thread(ThreadSensitiveContext):
    """Stands for one thread: asgiref makes it when it is first needed, and ends it with this object."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.answering = 0  # how many requests it has, the one that it works at among them


class Handler(ASGIHandler):
    """Views and middleware of one request are called in one thread; a stream then goes on in the loop."""

    def __init__(self, threads: int = THREADS) -> None:
        super().__init__()
        self.load_middleware(is_async=False)
        self._threads = deque(_Thread() for _ in range(threads))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request, in the thread that has the fewest."""
        note_arrival(scope)
        self._threads.rotate()  # of those that have equally few, another one each time
        token = SyncToAsync.thread_sensitive_context.set(min(self._threads, key=lambda one: one.answering))
        try:
            await super().__call__(scope, receive, send)  # enters a context of its own only where there is none
        finally:
            SyncToAsync.thread_sensitive_context.reset(token)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        """The answer, made without leaving the thread."""
        thread = cast(_Thread, SyncToAsync.thread_sensitive_context.get())
        thread.answering += 1
        try:
            response: HttpResponseBase = await sync_to_async(self.get_response)(request)
        finally:
            thread.answering -= 1
        return response


def application() -> Handler:
    """Django set up, and what answers for it."""
    django.setup(set_prefix=False)
    return Handler()
