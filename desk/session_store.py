"""Session store: Django's database sessions, found by a hash of the id, so that a stolen database signs nobody in.

The plain id stands in the browser's cookie and, during a request, in memory; nowhere else. An id is 165 random
bits, so the hash needs neither salt nor slowness. The column holds 40 letters: 160 bits of SHA-256 in hex.
"""

from __future__ import annotations

import hashlib
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.contrib.sessions.models import Session
from django.utils import timezone

_LETTERS = 40


def stored_name(session_key: str | None) -> str:
    """What the database knows a session by; of no key, a name that no row has."""
    return hashlib.sha256(session_key.encode("utf-8", "replace")).hexdigest()[:_LETTERS] if session_key else ""


class SessionStore(DatabaseStore):
    """Every way from an id to its row leads through `stored_name`."""

    def _get_session_from_db(self) -> Session | None:
        row = Session.objects.filter(pk=stored_name(self.session_key), expire_date__gt=timezone.now()).first()
        if row is None:
            self._session_key = None  # an id that somebody made up is not taken on
        return row

    async def _aget_session_from_db(self) -> Session | None:
        return await sync_to_async(self._get_session_from_db)()

    def exists(self, session_key: str) -> bool:
        """True if there is such a session."""
        return super().exists(stored_name(session_key))

    async def aexists(self, session_key: str) -> bool:
        """The same, from the loop."""
        return await super().aexists(stored_name(session_key))

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        """The row to be written."""
        row = super().create_model_instance(data)
        row.session_key = stored_name(row.session_key)
        return row

    async def acreate_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        """The same, from the loop."""
        row = await super().acreate_model_instance(data)
        row.session_key = stored_name(row.session_key)
        return row

    def delete(self, session_key: str | None = None) -> None:
        """End the session, or the one that is named."""
        super().delete(stored_name(session_key or self.session_key) or None)

    async def adelete(self, session_key: str | None = None) -> None:
        """The same, from the loop."""
        await super().adelete(stored_name(session_key or self.session_key) or None)
