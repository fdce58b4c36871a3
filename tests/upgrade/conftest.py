"""Folders for backups, and a database without any table."""

from __future__ import annotations

import pytest
from django.db import connection, connections

from lantern.backup.engine import instead
from tests.backup.conftest import place  # noqa: F401


@pytest.fixture
def empty_database(transactional_db, tmp_path):
    """The line's database is another one, which is empty; `connection` leads there."""
    if connection.vendor == "sqlite":
        with instead(str(tmp_path / "line.sqlite3")):
            yield
        return
    from psycopg import sql

    from lantern.backup.postgresql import _maintenance

    name = f"{connections.settings['default']['NAME']}_empty"
    for words in ("DROP DATABASE IF EXISTS {} WITH (FORCE)", "CREATE DATABASE {} TEMPLATE template0"):
        with _maintenance() as server:
            server.execute(sql.SQL(words).format(sql.Identifier(name)))
    with instead(name):
        yield
    with _maintenance() as server:
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
