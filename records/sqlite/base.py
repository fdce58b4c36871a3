"""Base: the module where Django looks for a backend.

Promises the statements and values of Django's own: `tests/records/test_sqlite.py` compares them. A turn sends some
sixteen statements, the same each time, and reads some fifty moments.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db.backends.sqlite3 import base
from django.db.backends.sqlite3.operations import DatabaseOperations

_STATEMENTS = 512  # their words, never a value


@lru_cache(maxsize=_STATEMENTS)
def _with_marks(query: str) -> str:
    """Return a statement with SQLite's marks for its values, as Django's cursor finds them."""
    return str(base.FORMAT_QMARK_REGEX.sub("?", query).replace("%%", "%"))


class _Cursor(base.SQLiteCursorWrapper):
    def convert_query(self, query: str, *, param_names: list[str] | None = None) -> str:
        """Return the statement as SQLite reads it."""
        if param_names is None:
            return _with_marks(query)
        return str(super().convert_query(query, param_names=param_names))  # type: ignore[misc]  # not in the stubs


class _Operations(DatabaseOperations):
    def convert_datetimefield_value(self, value: Any, expression: Any, connection: Any) -> Any:
        """Return a moment in the connection's time zone."""
        if type(value) is datetime and value.tzinfo is None:
            return value.replace(tzinfo=self.connection.timezone)
        return super().convert_datetimefield_value(value, expression, connection)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection."""

    ops_class = _Operations

    def create_cursor(self, name: str | None = None) -> Any:
        """Return a cursor of ours."""
        return self.connection.cursor(factory=_Cursor)
