"""Overtaken: lines that are not out yet while a newer turn answers. What has lost its worth by then never goes.

Who writes five times while a provider is away must not have five old questions at once when it is back, one after the
other beside whoever is in the room; nor two questions, both with a 1 and a 2. What was said about danger, and what they
asked for, still goes. What a provider was given is out, or turns out not to be: then it does not go again.
"""

from __future__ import annotations

from collections.abc import Iterable

from content.questions import questions
from records.messages.material import TurnMaterial
from records.messages.recent import RecentLine

# Questions, thanks, and what tells them to wait: each turn says again what of it still holds.
_STALE = (
    "opening", "ask.", "ack.", "consent.keep", "consent.no", "unclear.", "language.offer", "child.hello",
    "family.hello", "community.hello", "return.hello", "need.next", "stay", "abuse.", "answer.reading", "answer.hello",
    "answer.thanks", "answer.out_of_scope", "answer.media", "handoff.noted", "technical",
)  # fmt: skip


_A_PERSON = ("handoff.",)  # said beside a question; words about a danger say themselves that a person is asked


def overtaken(material: TurnMaterial, said: Iterable[str], *, hurries: bool) -> tuple[int, ...]:
    """Return which lines that are not out (their ids) the lines of this turn stand for.

    Args:
        said: the keys of the lines of this turn.
        hurries: what this turn says is about a danger heard just now: nothing stale goes before it, however young.
    """
    recent, asked = material.recent(), asked_in(" ".join(said))
    lines = {*recent.away, *recent.in_doubt}
    if hurries:
        lines |= {*recent.waiting, *recent.begun}
    if asked:
        lines |= {one for one in recent.begun if asked.isdisjoint(asked_in(one.key)) and asked_in(one.key)}
    return tuple(sorted(one.outbox_id for one in lines if _has_lost_its_worth(one, hurries=hurries)))


def _has_lost_its_worth(line: RecentLine, *, hurries: bool) -> bool:
    stale = (*_STALE, *_A_PERSON) if hurries and asked_in(line.key) else _STALE
    return all(key.startswith(stale) for key in line.key.split())


def asked_in(keys: str) -> frozenset[str]:
    """The questions (their ids) that these sentences ask."""
    said = frozenset(keys.split())
    return frozenset(one.id for one in questions().values() if not said.isdisjoint(one.keys))
