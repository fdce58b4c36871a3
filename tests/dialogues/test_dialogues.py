"""Whole conversations on the real line, and the laws that hold in every one of them."""

from __future__ import annotations

import pytest

from tests.dialogues.laws import broken
from tests.dialogues.script import Exchange, in_short_and_long, play, scripts

pytestmark = pytest.mark.rasa
NOW, LONG = in_short_and_long(scripts())
SCRIPTS = [
    *(pytest.param(script, id=script.id) for script in NOW),
    *(pytest.param(script, id=script.id, marks=pytest.mark.long) for script in LONG),
]


@pytest.mark.parametrize("script", SCRIPTS)
def test_what_people_write_is_answered_as_the_line_promises(line, script):
    exchanges = play(line, script)

    problems = broken(script, exchanges)
    for number, exchange in enumerate(exchanges, 1):
        problems += [f"turn {number}: {problem}" for problem in unmet(exchange)]
    assert not problems, "\n".join([*problems, "", *told(exchanges)])


def unmet(exchange: Exchange) -> list[str]:
    """What a turn promised and did not keep."""
    turn, keys, state = exchange.turn, exchange.keys, exchange.state
    found = []
    rest = iter(keys)
    if not all(key in rest for key in turn.keys):
        found.append(f"wanted {list(turn.keys)}, said {keys}")
    if turn.any_of and not set(turn.any_of) & set(keys):
        found.append(f"wanted one of {list(turn.any_of)}, said {keys}")
    for name in turn.never:
        if any(key.startswith(name.removesuffix("*")) if name.endswith("*") else key == name for key in keys):
            found.append(f"said {name}, which it must not: {keys}")
    if turn.silent and keys:
        found.append(f"was to be silent, said {keys}")
    if turn.text is not None and not turn.silent and not keys:
        found.append("said nothing")
    for name, wanted in turn.state.items():
        have = state[name]
        kept = set(wanted) <= set(have) if isinstance(wanted, list) else have == wanted
        if not kept:
            found.append(f"{name} is {have}, not {wanted}")
    return found


def told(exchanges: list[Exchange]) -> list[str]:
    """The conversation, to be read in a report."""
    lines = []
    for number, exchange in enumerate(exchanges, 1):
        lines.append(f"{number} > {exchange.turn.text or exchange.turn.staff or exchange.turn.after}")
        lines += [f"    < {message.key}" for message in exchange.said]
        state = exchange.state
        lines.append(
            f"      {state['language']} {state['role']} {state['stage']} {state['owner']} {state['level']} {state['indicators']} {state['risks']}"
        )
    return lines
