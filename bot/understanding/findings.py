"""Findings: what understanding hands to the other rooms.

Frozen values, no behaviour; words of a contact have no repr, for it ends up in logs.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Finding:
    """One risk or indicator that a message speaks of, with its evidence."""

    id: str
    kind: str  # risk | indicator
    confidence: float
    words: str = field(repr=False)  # what in the message says so
    source: str  # the id of a safety rule, or "model"
    band: str  # sure | grey
