"""The real line, with a clock that stands until a script moves it."""

from __future__ import annotations

import pytest

from tests.dialogues.script import START


@pytest.fixture
def line(transactional_db, turns):
    from lantern.line import Line

    return Line(turns, START)
