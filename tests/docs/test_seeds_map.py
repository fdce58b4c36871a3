"""The map of the seeds: sixty rows, each shown by something that is there."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
ROWS = re.findall(r"^\| (\d+) \| (.+?) \| (.+) \|$", (ROOT / "docs" / "seeds-map.md").read_text("utf-8"), re.M)


def test_all_sixty_rows_are_there():
    assert [int(number) for number, _, _ in ROWS] == list(range(1, 61))


def test_every_row_is_shown_by_something_that_exists():
    missing = [(number, shown) for number, _, by in ROWS for shown in re.findall(r"`([^`]+)`", by) if not exists(shown)]

    assert missing == []


def exists(shown: str) -> bool:
    """True when the file is there, and the test or the scenario in it."""
    name, _, inside = shown.partition("::")
    path = ROOT / name
    if not path.exists() or not inside:
        return path.exists()
    if path.suffix == ".yml":
        return inside in {row["id"] for row in yaml.safe_load(path.read_text("utf-8"))["scenarios"]}
    return f"def {inside}(" in path.read_text("utf-8")
