"""Topics: what people ask or say that has one fixed answer, as phrases, one file for each language.

A topic decides only which sentence of the catalogue is said. It is no finding: nothing about a person follows
from it. Promises typed topics whose every field was judged, with the file and line of each.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from content.sayings import Saying, read_sayings
from content.source import CONTENT, Node, load

FOLDER = CONTENT / "topics"
_YES_AT_LEAST, _NO_AT_LEAST = 4, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedAnswer:
    """What is said to a topic."""

    say: tuple[str, ...]  # nothing where the topic is a wish that is heard as a label
    before_safety: bool = False  # also before the safety answer
    acknowledges: bool = False  # in place of the usual thanks, when something is told with it
    flag: str | None = None  # what staff are told


@cache
def fixed_answers() -> dict[str, FixedAnswer]:
    """Return what is said to each topic, in the order in which they are looked at."""
    rows = load(CONTENT / "topics.yml").mapping(required=("topics",))["topics"].entries()
    return {name: _fixed_answer(node) for name, node in rows.items()}


def _fixed_answer(node: Node) -> FixedAnswer:
    fields = node.mapping(required=("say",), optional=("before_safety", "acknowledges", "flag"))
    return FixedAnswer(
        say=fields["say"].strings(),
        before_safety=fields["before_safety"].bool() if "before_safety" in fields else False,
        acknowledges=fields["acknowledges"].bool() if "acknowledges" in fields else False,
        flag=fields["flag"].str() if "flag" in fields else None,
    )


@cache
def topics() -> tuple[Saying, ...]:
    """Return every topic of every language."""
    return tuple(topic for path in sorted(FOLDER.glob("*.yml")) for topic in read_topics(path))


def read_topics(path: Path) -> tuple[Saying, ...]:
    """Return the topics in a file. Raises ContentError as `read_sayings` does."""
    return read_sayings(path, "topics", tuple(fixed_answers()), yes=_YES_AT_LEAST, no=_NO_AT_LEAST)
