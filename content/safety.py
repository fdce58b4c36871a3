"""Safety: the rules that bring in a person, as data, one file for each risk and language.

Promises typed rules whose every field was judged, with the file and line of each. How a
phrase meets a text is decided where texts are folded: bot/understanding/safety.py.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path

from content.languages import languages
from content.source import CONTENT, Node, load

FOLDER = CONTENT / "safety"
RISKS = (
    "immediate_danger", "suicide_self_harm", "medical_emergency", "minor_at_risk", "controller_present",
    "sexual_violence_recent",
)  # fmt: skip
_EXAMPLES_AT_LEAST = 6


class Status(str, Enum):
    """How far a rule is; rules retire, they do not vanish."""

    DRAFT = "draft"
    SHADOW = "shadow"  # watched, acts on nothing
    LIVE = "live"
    RETIRED = "retired"


class Band(str, Enum):
    """What a rule calls for."""

    SURE = "sure"  # a person now
    GREY = "grey"  # one careful question next


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """One phrase of each list, close together, in either order."""

    any_of: tuple[str, ...]
    and_of: tuple[str, ...]
    within: int  # words between the two; letters in scripts without spaces


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyRule:
    """One rule: what fires it, what holds it back, and proof of both."""

    id: str
    risk: str
    language: str
    title: str
    status: Status
    band: Band
    match: tuple[str, ...]
    near: tuple[Near, ...]
    unless: tuple[str, ...]
    must_fire: tuple[str, ...]
    must_not_fire: tuple[str, ...]
    known_misses: tuple[str, ...]
    owner: str
    reviewed: dt.date | None
    where: str


@cache
def rules() -> tuple[SafetyRule, ...]:
    """Return every rule of every language, retired ones too."""
    return read_rules(FOLDER)


def read_rules(folder: Path) -> tuple[SafetyRule, ...]:
    """Return the rules of a folder, in the order of their files.

    Raises:
        ContentError: a file or a rule says something that cannot be used.
    """
    found: dict[str, SafetyRule] = {}
    for path in sorted(folder.glob("*.yml")):
        for node, rule in _read_file(path):
            if rule.id in found:
                raise node.error(f"the id {rule.id} stands at {found[rule.id].where} too", "give it an id of its own")
            found[rule.id] = rule
    return tuple(found.values())


def _read_file(path: Path) -> list[tuple[Node, SafetyRule]]:
    root = load(path)
    fields = root.mapping(required=("risk", "language", "owner", "reviewed", "rules"))
    risk = fields["risk"].one_of(RISKS)
    language = fields["language"].one_of(languages())
    if path.name != f"{risk}.{language}.yml":
        raise root.error(f"the file holds {risk} in {language}", f"name it {risk}.{language}.yml")
    reviewed = None if fields["reviewed"].is_null else fields["reviewed"].date()
    owner = fields["owner"].str()
    return [(node, _rule(node, risk, language, owner, reviewed)) for node in fields["rules"].list()]


def _rule(node: Node, risk: str, language: str, owner: str, reviewed: dt.date | None) -> SafetyRule:
    fields = node.mapping(
        required=("id", "title", "status", "band", "must_fire", "must_not_fire"),
        optional=("match", "near", "unless", "known_misses"),
    )
    rule_id = fields["id"].str()
    if not (rule_id.startswith(f"{risk}.") and rule_id.endswith(f".{language}")):
        raise fields["id"].error(f"found the id {rule_id!r}", f"an id here is {risk}.<what it sees>.{language}")
    match = phrases_of(fields.get("match"))
    near = tuple(near_of(item) for item in fields["near"].list()) if "near" in fields else ()
    if not match and not near:
        raise node.error("the rule has no phrases", "write match or near")
    return SafetyRule(
        id=rule_id,
        risk=risk,
        language=language,
        title=fields["title"].str(),
        status=Status(fields["status"].one_of([status.value for status in Status])),
        band=Band(fields["band"].one_of([band.value for band in Band])),
        match=match,
        near=near,
        unless=phrases_of(fields.get("unless")),
        must_fire=_examples(fields["must_fire"]),
        must_not_fire=_examples(fields["must_not_fire"]),
        known_misses=fields["known_misses"].strings() if "known_misses" in fields else (),
        owner=owner,
        reviewed=reviewed,
        where=node.where,
    )


def near_of(node: Node) -> Near:
    """Return two lists of phrases that count when they stand close together."""
    fields = node.mapping(required=("any", "and", "within"))
    within = fields["within"].int()
    if within < 0:
        raise fields["within"].error(f"found {within}", "a number of words is expected, 0 or more")
    return Near(any_of=phrases_of(fields["any"]), and_of=phrases_of(fields["and"]), within=within)


def phrases_of(node: Node | None) -> tuple[str, ...]:
    """Return phrases, each judged; none where there is no node."""
    if node is None:
        return ()
    for item in node.list():
        phrase = item.str()
        if "*" in phrase[:-1] or phrase.strip() == "*":
            raise item.error(f"found {phrase!r}", "a star stands at the end of a word, and ends the phrase")
    return node.strings()


def _examples(node: Node) -> tuple[str, ...]:
    examples = node.strings()
    if len(examples) < _EXAMPLES_AT_LEAST:
        raise node.error(f"found {len(examples)} examples", f"at least {_EXAMPLES_AT_LEAST} are needed")
    return examples
