"""Our SQLite backend sends the statements and reads the values of Django's own."""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import datetime, timezone

import pytest
from django.db import connection
from django.db.backends.sqlite3 import base

from records.sqlite.base import DatabaseWrapper, _Cursor

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="of SQLite alone")


@pytest.mark.parametrize("query", ["SELECT 1", "SELECT %s", "a = %s AND b %% %s", "LIKE '%%s'", "%%%s", ""])
def test_a_statement_becomes_what_django_makes_of_it(query):
    with contextlib.closing(sqlite3.connect(":memory:")) as memory:
        ours, theirs = memory.cursor(factory=_Cursor), memory.cursor(factory=base.SQLiteCursorWrapper)

        assert ours.convert_query(query) == theirs.convert_query(query)


def test_values_by_name_are_put_in_as_django_puts_them(line):
    with connection.cursor() as cursor:
        assert cursor.execute("SELECT %(b)s, %(a)s", {"a": 1, "b": "%s"}).fetchone() == ("%s", 1)


@pytest.mark.parametrize(
    "value",
    [
        None,
        "2026-11-23 10:00:00",
        datetime.fromisoformat("2026-11-23 10:00"),
        datetime(2026, 11, 23, tzinfo=timezone.utc),
    ],
)
def test_a_moment_is_read_as_django_reads_it(value):
    ours, theirs = (
        wrapper.ops.convert_datetimefield_value(value, None, wrapper)
        for wrapper in (_connected(DatabaseWrapper), _connected(base.DatabaseWrapper))
    )

    assert ours == theirs
    assert ours is None or ours.tzinfo is theirs.tzinfo


def test_the_line_reads_and_writes_by_it(line):
    line.receives("hola")

    with connection.cursor() as cursor:
        assert isinstance(cursor.cursor, _Cursor)


def _connected(wrapper):
    return wrapper(connection.settings_dict)
