"""Findings: what understanding hands to the other rooms.

Frozen values that know only how they are kept; words of a contact have no repr, for it ends up in logs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

MODEL = "model"  # the source of a finding that no rule made


@dataclass(frozen=True, slots=True)
class Finding:
    """One risk or indicator that a message speaks of, with its evidence."""

    id: str
    kind: str  # risk | indicator
    confidence: float
    words: str = field(repr=False)  # what in the message says so
    source: str  # the id of a safety rule, or "model"
    band: str  # sure | grey

    def as_json(self) -> dict[str, Any]:
        """Return it as the message's row keeps it, sealed."""
        return {
            "id": self.id, "kind": self.kind, "confidence": float(self.confidence), "words": self.words,
            "source": self.source, "band": self.band,
        }  # fmt: skip
