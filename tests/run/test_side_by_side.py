"""Tests that run side by side: what is named by its file is there, and files that share a start stay together."""

from __future__ import annotations

from content.source import ROOT
from tests.conftest import LONGEST, THE_LINE, THE_MODEL, together


def test_every_file_that_is_named_is_there():
    assert [name for name in (*LONGEST, *THE_LINE, *THE_MODEL) if not (ROOT / name).exists()] == []


def test_files_that_share_a_start_are_one_piece_of_work():
    assert len({together(file) for file in THE_LINE}) == 1
    assert together("tests/dialogues/test_away.py") == together("tests/bot/test_speed.py") == THE_MODEL[0]
    assert together("tests/bot/test_words.py") == "tests/bot/test_words.py"
