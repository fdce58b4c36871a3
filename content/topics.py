"""Topics: what people ask or say that has one fixed answer, as phrases, one file for each language.

A topic decides only which sentence of the catalogue is said. It is no finding: nothing about a person follows
from it. Promises typed topics whose every field was judged, with the file and line of each.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from content.languages import languages
from content.safety import Near, near_of, phrases_of
from content.source import CONTENT, Node, load

FOLDER = CONTENT / "topics"
_YES_AT_LEAST, _NO_AT_LEAST = 4, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """How one topic is said in one language, with proof of what is it and what is not."""

    id: str
    language: str
    match: tuple[str, ...]
    near: tuple[Near, ...]
    unless: tuple[str, ...]
    yes: tuple[str, ...]
    no: tuple[str, ...]
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedAnswer:
    """What is said to a topic."""

    say: tuple[str, ...]
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
def topics() -> tuple[Topic, ...]:
    """Return every topic of every language."""
    return tuple(topic for path in sorted(FOLDER.glob("*.yml")) for topic in read_topics(path))


def read_topics(path: Path) -> tuple[Topic, ...]:
    """Return the topics in a file.

    Raises:
        ContentError: a field is missing or unknown, or the file is named after another language.
    """
    root = load(path)
    fields = root.mapping(required=("language", "topics"))
    language = fields["language"].one_of(languages())
    if path.name != f"{language}.yml":
        raise root.error(f"the file holds {language}", f"name it {language}.yml")
    rows = fields["topics"].mapping(required=tuple(fixed_answers()))
    return tuple(_topic(node, name, language) for name, node in rows.items())


def _topic(node: Node, name: str, language: str) -> Topic:
    fields = node.mapping(required=("match", "yes", "no"), optional=("near", "unless"))
    return Topic(
        id=name,
        language=language,
        match=phrases_of(fields["match"]),
        near=tuple(near_of(item) for item in fields["near"].list()) if "near" in fields else (),
        unless=phrases_of(fields.get("unless")),
        yes=_examples(fields["yes"], _YES_AT_LEAST),
        no=_examples(fields["no"], _NO_AT_LEAST),
        where=node.where,
    )


def _examples(node: Node, at_least: int) -> tuple[str, ...]:
    examples = node.strings()
    if len(examples) < at_least:
        raise node.error(f"found {len(examples)} examples", f"at least {at_least} are needed")
    return examples
