"""The sample conversations of the people who ordered the line: what must come of them, with the words we have so far."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from content.catalogue import written
from tests.dialogues.laws import broken
from tests.dialogues.script import NUMBERS, Script, Turn, play

pytestmark = pytest.mark.rasa
SAMPLE = Path(__file__).resolve().parents[1] / "data" / "dialogues-sample.yml"
ROWS = yaml.safe_load(SAMPLE.read_text("utf-8"))["dialogues"] if SAMPLE.exists() else []
LATEST = 2  # a greeting in mixed letters may pass for English; the first sentence does not
PHONES = {"my": "+6681255501", "lo": "+8562055501", "ro": "+4072155501"}


def test_the_sample_is_there():
    if not ROWS:
        pytest.skip(f"no {SAMPLE.name} in tests/data: the sample conversations are not played")


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_a_sample_conversation_comes_out_as_it_must(line, row):
    script, expect = _script(row), row["expect"]

    exchanges = play(line, script)

    problems = broken(script, exchanges)
    handed = next((number for number, one in enumerate(exchanges, 1) if one.state["handoff"]), None)
    urgent = any(one.state["level"] == "urgent" for one in exchanges)
    spoken = expect["language"] in written()
    if expect["must_handoff"] and (handed is None or handed > expect["handoff_by_turn"]):
        problems.append(f"handed off at turn {handed}, wanted by {expect['handoff_by_turn']}")
    if not expect["must_handoff"] and handed and spoken:
        problems.append(f"handed off at turn {handed}, against the wish")
    missing = next((number for number, one in enumerate(exchanges, 1) if "language.missing" in one.keys), None)
    if not spoken and (missing is None or missing > LATEST):
        problems.append(f"a language without words goes to a person at once and is told so, not at turn {missing}")
    if expect["urgent"] and not urgent and spoken:
        problems.append("never urgent")
    for number, exchange in enumerate(exchanges, 1):
        if exchange.turn.text is None and exchange.said:
            problems.append(f"turn {number}: wrote first")
    language = exchanges[-1].state["language"]
    if spoken and language not in (expect["language"], *expect.get("language_ok", ())):
        problems.append(f"language is {language}")
    assert not problems, "\n".join(problems)


def _script(row) -> Script:
    code = row["expect"]["language"]
    sender = PHONES.get(code, NUMBERS["en"]) + "123" if row["channel"] == "sms" else f"77{int(row['id'][1:]):04}"
    turns = tuple(
        Turn(text=one["text"], after=timedelta(hours=one.get("after_hours", 0), seconds=30)) for one in row["turns"]
    )
    return Script(id=row["id"], language=code, channel=row["channel"], sender=sender, turns=turns)
