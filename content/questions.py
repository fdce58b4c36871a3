"""Questions: what may be asked, with which answers, and what an answer fills.

Promises typed rows of `questions.yml`. Which one comes next is `screening`'s decision.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from content.indicators import indicators
from content.source import CONTENT, Node, load

KINDS = ("choice", "yes_no", "open")
OPTIONS = (
    "yes", "no", "unsure", "skip", "more", "dont_know", "self", "family", "community", "under_15", "15_17", "18_plus",
    "safe_place", "doctor", "pay_papers", "go_home", "talk", "information", "woman", "man", "any",
)  # fmt: skip
CORE = "core."


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question as the catalogue words it."""

    id: str
    key: str
    kind: str  # choice | yes_no | open
    options: tuple[str, ...]
    fills: str
    before: tuple[str, ...] = ()  # keys said first, once
    again: str | None = None
    also: tuple[str, ...] = ()  # other sentences that ask the same
    topic: str | None = None
    confirms: str | None = None  # the short answer that confirms the indicator of a core question
    sensitive: bool = False

    @property
    def keys(self) -> frozenset[str]:
        """Every sentence that asks this, whoever says it."""
        return frozenset((self.key, *self.also, *((self.again,) if self.again else ())))

    @property
    def indicator(self) -> str | None:
        """The indicator that a core question is about."""
        return self.id.removeprefix(CORE) if self.id.startswith(CORE) else None


@cache
def questions() -> dict[str, Question]:
    """Return every question by id."""
    root = load(CONTENT / "questions.yml").mapping(required=("questions",))
    return {name: _row(name, node) for name, node in root["questions"].entries().items()}


@cache
def asking() -> frozenset[str]:
    """Return every sentence that asks something."""
    return frozenset().union(*(question.keys for question in questions().values()))


def _row(name: str, node: Node) -> Question:
    fields = node.mapping(
        required=("key", "kind", "options", "fills"),
        optional=("before", "again", "also", "topic", "confirms", "sensitive"),
    )
    if name.startswith(CORE) and name.removeprefix(CORE) not in indicators():
        raise node.error(f"{name} asks for an unknown indicator", "after `core.` stands an id of indicators.yml")
    return Question(
        id=name,
        key=fields["key"].str(),
        kind=fields["kind"].one_of(KINDS),
        options=fields["options"].all_of(OPTIONS),
        fills=fields["fills"].str(),
        before=fields["before"].strings() if "before" in fields else (),
        again=fields["again"].str() if "again" in fields else None,
        also=fields["also"].strings() if "also" in fields else (),
        topic=fields["topic"].str() if "topic" in fields else None,
        confirms=fields["confirms"].one_of(("yes", "no")) if "confirms" in fields else None,
        sensitive=fields["sensitive"].bool() if "sensitive" in fields else False,
    )
