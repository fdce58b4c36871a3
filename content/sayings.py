"""Sayings: how one thing is said in one language, as phrases, with proof of what is it and what is not.

Promises typed sayings whose every field was judged, with the file and line of each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from content.languages import languages
from content.safety import Near, near_of, phrases_of
from content.source import Node, load


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """One thing in one language."""

    id: str
    language: str
    match: tuple[str, ...]
    near: tuple[Near, ...]
    unless: tuple[str, ...]
    yes: tuple[str, ...]
    no: tuple[str, ...]
    where: str


def read_sayings(path: Path, heading: str, ids: Sequence[str], *, yes: int, no: int) -> tuple[Saying, ...]:
    """Return the sayings in the file of one language.

    Args:
        path: the file, named after its language.
        heading: the field that they stand under.
        ids: each must be there.
        yes: so many examples each that it fires for, at least.
        no: so many that it must not fire for.

    Raises:
        ContentError: a field is missing or unknown, or the file is named after another language.
    """
    root = load(path)
    fields = root.mapping(required=("language", heading))
    language = fields["language"].one_of(languages())
    if path.name != f"{language}.yml":
        raise root.error(f"the file holds {language}", f"name it {language}.yml")
    rows = fields[heading].mapping(required=tuple(ids))
    return tuple(_saying(node, name, language, (yes, no)) for name, node in rows.items())


def _saying(node: Node, name: str, language: str, at_least: tuple[int, int]) -> Saying:
    fields = node.mapping(required=("match", "yes", "no"), optional=("near", "unless"))
    return Saying(
        id=name,
        language=language,
        match=phrases_of(fields["match"]),
        near=tuple(near_of(item) for item in fields["near"].list()) if "near" in fields else (),
        unless=phrases_of(fields.get("unless")),
        yes=_examples(fields["yes"], at_least[0]),
        no=_examples(fields["no"], at_least[1]),
        where=node.where,
    )


def _examples(node: Node, at_least: int) -> tuple[str, ...]:
    examples = node.strings()
    if len(examples) < at_least:
        raise node.error(f"found {len(examples)} examples", f"at least {at_least} are needed")
    return examples
