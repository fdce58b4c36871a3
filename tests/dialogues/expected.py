"""Expected: what must come of a conversation in the format of the sample, and what of it did not.

Judges what a program can: language, role, hand-off, urgency, findings, and that nobody is written to first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from content.catalogue import written
from tests.dialogues.script import NUMBERS, Exchange, Script, Turn

LATEST = 2  # a greeting in mixed letters may pass for English; the first sentence does not
PHONES = {"my": "+6681255501", "lo": "+8562055501", "ro": "+4072155501"}


def read(path: Path) -> list[dict[str, Any]]:
    """The conversations of a file; none if it is not there."""
    return yaml.safe_load(path.read_text("utf-8"))["dialogues"] if path.exists() else []


def script_of(row: dict[str, Any]) -> Script:
    """A conversation as it is played."""
    code = row["expect"]["language"]
    sender = PHONES.get(code, NUMBERS["en"]) + "123" if row["channel"] == "sms" else f"77{int(row['id'][1:]):04}"
    turns = tuple(
        Turn(text=one["text"], after=timedelta(hours=one.get("after_hours", 0), seconds=30)) for one in row["turns"]
    )
    return Script(id=row["id"], language=code, channel=row["channel"], sender=sender, turns=turns)


def misses(expect: dict[str, Any], exchanges: Sequence[Exchange]) -> Iterator[str]:
    """Yield what did not come out as it must: the language, a person in time and only when needed, silence."""
    spoken = expect["language"] in written()
    yield from _language(expect, exchanges) if spoken else _words_missing(exchanges)
    yield from _person(expect, exchanges, spoken=spoken)
    for number, exchange in enumerate(exchanges, 1):
        if exchange.turn.text is None and exchange.said:
            yield f"turn {number}: wrote first"


def _language(expect: dict[str, Any], exchanges: Sequence[Exchange]) -> Iterator[str]:
    language = exchanges[-1].state["language"]
    if language not in (expect["language"], *expect.get("language_ok", ())):
        yield f"language is {language}, not {expect['language']}"


def _words_missing(exchanges: Sequence[Exchange]) -> Iterator[str]:
    # Who says that it is not safe is told nothing of languages until it is.
    answered = [one for one in exchanges if one.state["stage"] != "unsafe"]
    missing = next((number for number, one in enumerate(answered, 1) if "language.missing" in one.keys), None)
    # What is urgent is said first; that the words are missing follows with the next message.
    if missing is None or missing > max(LATEST, (_handed_off(exchanges) or 0) + 1):
        yield f"a language without words goes to a person at once and is told so, not at turn {missing}"


def _person(expect: dict[str, Any], exchanges: Sequence[Exchange], *, spoken: bool) -> Iterator[str]:
    handed = _handed_off(exchanges)
    urgent = next((number for number, one in enumerate(exchanges, 1) if one.state["level"] == "urgent"), None)
    if expect["must_handoff"] and (handed is None or handed > expect["handoff_by_turn"]):
        yield f"handed off at turn {handed}, wanted by {expect['handoff_by_turn']}"
    if not expect["must_handoff"] and handed and spoken:
        yield f"handed off at turn {handed}, against the wish"
    if expect["urgent"] and not urgent and spoken:
        yield "never urgent"
    if urgent and not (expect["urgent"] or expect.get("urgent_ok")):
        yield f"urgent at turn {urgent}, which it is not"


def misheard(expect: dict[str, Any], exchanges: Sequence[Exchange]) -> Iterator[str]:
    """Yield what was not heard, and what was heard and not said: role, indicators, risks."""
    last = exchanges[-1].state
    role = last["role"] or "none"
    if role not in (expect["role"], *expect.get("role_ok", ())):
        yield f"role is {role}, not {expect['role']}"
    heard = {name for one in exchanges for name in one.state["indicators"]}
    risks = {name for one in exchanges for name in one.state["risks"]}
    for name in sorted(set(expect["indicators"]) - heard):
        yield f"{name} was not heard"
    for group in expect.get("indicators_any", ()):
        if not heard & set(group):
            yield f"none of {', '.join(group)} was heard"
    for name in sorted(set(expect["risks"]) - risks):
        yield f"{name} was not raised"
    grouped = {name for group in expect.get("indicators_any", ()) for name in group}
    for name in sorted(heard - {*expect["indicators"], *expect.get("indicators_ok", ()), *grouped}):
        yield f"{name} was heard, and was not said"


def _handed_off(exchanges: Sequence[Exchange]) -> int | None:
    return next((number for number, one in enumerate(exchanges, 1) if one.state["handoff"]), None)
