"""A talk without Rasa: screening asks, the test answers, and all that was asked is kept."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from content.questions import CORE, questions
from screening.answers import settle, take_answer
from screening.ask import ask_next
from screening.assessment import Assessment, Heard

LONGEST = 40


def heard(*indicators, risks=(), **facts):
    """Return an assessment in which these were said."""
    return Assessment(**facts).hear(
        indicators={name: Heard(words="said") for name in indicators},
        risks={name: Heard(words="said") for name in risks},
    )


@dataclass
class Talk:
    """Asks until nothing is asked any more, or the talk leaves its forms."""

    known: Assessment
    asked: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    def runs(self, answer) -> Talk:
        """Let `answer(question, known)` answer each question; None ends the talk."""
        for _ in range(LONGEST):
            lines, self.known = ask_next(self.known)
            if not lines:
                return self
            question = questions()[lines[-1].question]
            value = answer(question, self.known)
            if value is None:
                return self
            self.asked.append(question.id)
            self.keys += [line.key for line in lines]
            self.known = settle(take_answer(self.known, value, "their words"))
        pytest.fail(f"a talk without an end: {self.asked}")

    @property
    def core(self) -> list[str]:
        return [name for name in self.asked if name.startswith(CORE)]


def adult(question, known):
    """Someone who is safe, writes for themselves, agrees, is grown up, and says no to all else."""
    return {"safe": "yes", "role": "self", "consent": "yes", "age_band": "18_plus", "story": "told"}.get(
        question.id, "no"
    )


def willing(**answers):
    """Like `adult`, but for these answers."""
    return lambda question, known: answers.get(question.id, adult(question, known))
