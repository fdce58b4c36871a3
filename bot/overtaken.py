"""Overtaken: lines that wait unsent while a newer turn answers. What has lost its worth by then never goes out.

Who writes five times while a provider is away must not have five old questions at once when it is back, one after the
other beside whoever is in the room. What was said about danger, and what they asked for, still goes.
"""

from __future__ import annotations

from records.messages.material import TurnMaterial

# Questions, thanks, and what tells them to wait: each turn says again what of it still holds.
_STALE = (
    "opening", "ask.", "ack.", "consent.keep", "consent.no", "unclear.", "language.offer", "child.hello",
    "family.hello", "community.hello", "return.hello", "need.next", "stay", "abuse.", "answer.reading", "answer.hello",
    "answer.thanks", "answer.out_of_scope", "answer.media", "handoff.noted", "technical",
)  # fmt: skip


def overtaken(material: TurnMaterial, *, hurries: bool) -> tuple[int, ...]:
    """Return which waiting lines (their ids) the lines of this turn stand for.

    Args:
        hurries: what this turn says is about a danger heard just now: nothing stale goes before it, however young.
    """
    recent = material.recent()
    lines = recent.waiting if hurries else recent.away
    return tuple(one.outbox_id for one in lines if all(key.startswith(_STALE) for key in one.key.split()))
