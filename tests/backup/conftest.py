"""A line as in tests/records, and folders for its backups."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lantern.backup.places import Places
from tests.records.conftest import *  # noqa: F403


@pytest.fixture
def place(tmp_path) -> Places:
    made = Places(
        data=tmp_path / "data", backups=tmp_path / "backups", keys=tmp_path / "keys", kept_for=timedelta(days=14)
    )
    for folder in (made.data, made.backups, made.keys):
        folder.mkdir()
    return made
