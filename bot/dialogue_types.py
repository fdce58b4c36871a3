"""What the turn hands to the dialogue and gets back; without Rasa, so that the turn can be read and tested alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class DialogueFailed(Exception):
    """The dialogue gave no usable answer: an action failed, a key is missing, or nothing was said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One message as the dialogue sees it: understood already, never parsed for commands."""

    text: str = field(repr=False)
    intent: str
    confidence: float = 1.0
    answer: str | None = None  # short answer to the question that waits
    role: str | None = None
    country_said: str | None = None
    language_said: str | None = None  # one they asked for by name or by button
    topic: str | None = None  # what has one fixed answer, of content/topics
    word_known: bool = False  # they wrote the word of an earlier talk

    def parse_data(self) -> dict[str, Any]:
        """Return what Rasa's pipeline would have returned; a leading slash is text like any other."""
        return {
            "text": self.text,
            "intent": {"name": self.intent, "confidence": float(self.confidence)},
            "intent_ranking": [],
            "entities": [],
            "answer": {"value": self.answer} if self.answer is not None else None,
            "role": self.role,
            "country_said": self.country_said,
            "language_said": self.language_said,
            "topic": self.topic,
            "word_known": self.word_known,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What the dialogue proposes."""

    lines: tuple[Mapping[str, Any], ...]
    events: tuple[dict[str, Any], ...] = field(repr=False)
    slots: Mapping[str, Any] = field(repr=False)
    before: tuple[dict[str, Any], ...] = field(default=(), repr=False)  # if any: stand for all events until this step
