"""Verdict: what was done well in a practice and what was missed. Never a mark; only the one who practised sees it.

Judged by the sentences that went out, for these are known for sure; of typed words by what `meaning` read in them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from content.goals import among, goals
from content.questions import CORE, questions
from content.training import Dialogue
from content.triage import triage
from desk.training.talk import Item, Talk

SHORT = 8  # messages to somebody who must be quick
_ASKS = "ask."


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that was done or missed."""

    goal: str
    words: str
    done: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """All of it."""

    rows: tuple[Row, ...]
    unread: int  # typed messages in which nothing was recognised

    @property
    def done(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.done)

    @property
    def missed(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if not row.done)


@dataclass(frozen=True, slots=True)
class _Told:
    dialogue: Dialogue
    written: tuple[Item, ...]
    keys: tuple[str, ...]  # every sentence that went out, in order


def verdict(talk: Talk, dialogue: Dialogue) -> Verdict:
    """What every talk is judged by, then what this one is there to practise."""
    written = talk.written
    told = _Told(dialogue, written, tuple(key for item in written for key in item.keys))
    wanted = dict.fromkeys((*goals().always, *dialogue.goals))
    rows = tuple(Row(goal, _(goals().goals[goal].title), _met(goal, told)) for goal in wanted)
    return Verdict(rows, sum(1 for item in written if not item.key and not item.meant))


def _met(name: str, told: _Told) -> bool:
    goal = goals().goals[name]
    if goal.say:
        return any(among(key, goal.say) for key in told.keys)
    if goal.never:
        return bool(told.written) and not any(among(key, goal.never) for key in told.keys)
    return _COMPUTED[name](told)


def _nothing_twice(told: _Told) -> bool:
    known = {*told.dialogue.known.get("asked", ()), *told.dialogue.known.get("answers", ())}
    known |= {f"{CORE}{name}" for name in told.dialogue.known.get("indicators", ())}
    known |= {name for name in ("country", "age_band") if told.dialogue.known.get(name)}
    asked = [key for key in told.keys if key.startswith(_ASKS) and key not in goals().safe]
    answered = {questions()[name].key for name in known if name in questions()}
    return len(asked) == len(set(asked)) and not answered & set(asked)


def _within_budget(told: _Told) -> bool:
    known = told.dialogue.known
    role = "child" if known.get("flow") == "child" else str(known.get("role", "self"))
    uncounted = {*goals().safe, *goals().arrange}
    asked = sum(1 for key in told.keys if key.startswith(_ASKS) and key not in uncounted)
    return asked + sum(item.asks for item in told.written) <= triage().budgets[role]


def _asks_none(told: _Told, keys: set[str]) -> bool:
    return bool(told.written) and not keys & set(told.keys)


_COMPUTED: Mapping[str, Callable[[_Told], bool]] = {
    "safe_first": lambda told: bool(told.written) and any(key in goals().safe for key in told.written[0].keys),
    "nothing_twice": _nothing_twice,
    "plain_words": lambda told: not any(item.forbidden for item in told.written),
    "open_box": lambda told: not any(item.pushed for item in told.written),
    "budget": _within_budget,
    "closed_well": lambda told: any(
        key in told.dialogue.ends or among(key, goals().goals["time"].say) for key in told.keys
    ),
    "no_screening": lambda told: _asks_none(told, {one.key for one in questions().values() if one.indicator}),
    "no_sex_questions": lambda told: _asks_none(
        told, {one.key for one in questions().values() if one.sensitive or one.topic == "sexual"}
    ),
    "no_typing": lambda told: bool(told.written) and all(item.key for item in told.written),
    "short": lambda told: 0 < len(told.written) <= SHORT,
}  # fmt: skip
