"""Judged lines: how the bot does on messages whose urgency a supervisor has judged. Counts only leave this module.

The messages stay sealed where they are: each is opened in memory, read once and forgotten. Closed
conversations open only with the key of somebody who may read them, so a person has to be named.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from records.errors import WrongKey
from records.models import Staff
from records.sealing.readers import reading_as
from records.sealing.staff_keys import open_key
from records.staff.reviews import JudgedLine, judged_lines
from records.states import READS


class Heard(Protocol):
    """What understanding says of a message, as far as it counts here."""

    @property
    def urgent(self) -> bool:
        """A person is brought in now."""

    @property
    def ask(self) -> object:
        """Risks worth one careful question."""


class Understands(Protocol):
    """Whatever reads a message."""

    def understand(self, text: str) -> Heard:
        """Read one message."""


class CannotOpen(Exception):
    """Nobody of this name may read conversations, or the password is another."""


@dataclass
class Counts:
    """How many of how many."""

    urgent: int = 0
    found: int = 0
    asked: int = 0
    harmless: int = 0
    false: int = 0
    missed_by_language: Counter[str] = field(default_factory=Counter)

    def told(self) -> str:
        """The counts in lines for a terminal."""
        lines = [
            f"judged lines: {self.urgent + self.harmless}",
            f"urgent and found: {self.found} of {self.urgent}",
            f"urgent and asked about: {self.asked} of {self.urgent}",
            f"false alarms: {self.false} of {self.harmless}",
        ]
        missed = ", ".join(f"{code or '?'} {number}" for code, number in self.missed_by_language.most_common())
        return "\n".join([*lines, *([f"missed by language: {missed}"] if missed else [])])


def count(understanding: Understands, lines: Iterable[JudgedLine]) -> Counts:
    """Read every judged message again and compare."""
    counts = Counts()
    for line in lines:
        heard = understanding.understand(line.text)
        if not line.urgent:
            counts.harmless += 1
            counts.false += heard.urgent
            continue
        counts.urgent += 1
        counts.found += heard.urgent
        counts.asked += bool(heard.ask) and not heard.urgent
        if not heard.urgent and not heard.ask:
            counts.missed_by_language[line.language] += 1
    return counts


def count_as(username: str, password: str, understanding: Understands) -> Counts:
    """The counts over all that this person can open.

    Raises:
        CannotOpen: they may not read, or the password does not open their key.
    """
    staff = Staff.objects.filter(username=username, is_active=True, role__in=READS).first()
    if staff is None or not staff.check_password(password):
        raise CannotOpen
    try:
        reader = open_key(staff, password)
    except WrongKey:
        raise CannotOpen from None
    with reading_as(reader):
        return count(understanding, judged_lines())
