"""The table of ASVS: each requirement once, and every test that it names is there."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
TABLE = (ROOT / "docs" / "trust" / "asvs.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (\d+\.\d+\.\d+) \| (.+?) \| (met|not applicable|open) \| (.+) \|$", TABLE, re.M)
# How many requirements of levels 1 and 2 each chapter of version 5.0.0 has.
CHAPTERS = {1: 27, 2: 11, 3: 19, 4: 10, 5: 9, 6: 35, 7: 18, 8: 7, 9: 7, 10: 29, 11: 14, 12: 9, 13: 13, 14: 9, 15: 13,
            16: 16, 17: 7}  # fmt: skip


def test_each_requirement_has_one_row_and_a_state_with_its_reason():
    assert Counter(int(number.split(".")[0]) for number, *_ in ROWS) == CHAPTERS
    assert len({number for number, *_ in ROWS}) == len(ROWS)
    assert TABLE.count("\n| ") == len(ROWS) + len(CHAPTERS)  # nothing is a row in another form
    states = Counter(state for _, _, state, _ in ROWS)
    counted = f"Met: {states['met']}. Not applicable: {states['not applicable']}. Open: {states['open']}."
    assert counted in TABLE


def test_every_test_and_file_that_the_table_names_is_there():
    named = set(re.findall(r"`((?:tests|desk|records|lantern|content|bot|benchmarks)/[\w./-]+)(?:::(\w+))?`", TABLE))
    missing = [
        f"{path}::{name}"
        for path, name in sorted(named)
        if not (ROOT / path).exists() or (name and f"def {name}(" not in (ROOT / path).read_text(encoding="utf-8"))
    ]

    assert len(named) > 100
    assert missing == []
