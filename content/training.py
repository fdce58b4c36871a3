"""Training: simulated contacts for staff to practise with. Written by us, about nobody.

Promises typed dialogues of `training/*.yml` that name only sentences, questions and findings there are; who
says what when is the desk's part. None of it ever meets a table or a provider of the line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from content.catalogue import SOURCE, catalogue, written
from content.goals import goals
from content.indicators import RISKS, indicators
from content.questions import questions
from content.source import CONTENT, Node, load
from content.triage import triage

FOLDER = CONTENT / "training"
CHANNELS = ("sms", "telegram")
LEVELS = ("urgent", "priority", "offer", "info")
_TEXTS = ("role", "flow", "consent", "country", "safe", "age_band")
_LISTS = ("asked", "needs", "flags")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One message: of the bot by its key, or of the contact."""

    key: str = ""
    text: str = ""
    means: str = ""  # in English, for whoever looks back
    leaves: bool = False  # with it the contact ends the chat


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the contact says to any of these sentences, once."""

    to: tuple[str, ...]
    said: Said


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialogue:
    """One simulated contact."""

    id: str
    title: str  # in English
    language: str
    channel: str
    level: str
    reasons: tuple[str, ...]
    known: Mapping[str, Any]  # of the assessment, as its fields are called
    before: tuple[Said, ...]
    replies: tuple[Reply, ...]
    otherwise: tuple[Said, ...]  # what they say to anything else, in this order
    ends: tuple[str, ...]  # what closes this talk well
    goals: tuple[str, ...]


@cache
def dialogues() -> Mapping[str, Dialogue]:
    """Return every dialogue by id: the name of its file.

    Raises:
        ContentError: a field, key, language or finding that there is not.
    """
    return {path.stem: _dialogue(path) for path in sorted(FOLDER.glob("*.yml"))}


def _dialogue(path: Path) -> Dialogue:
    fields = load(path).mapping(
        required=(
            "title", "language", "channel", "level", "reasons", "known", "before", "replies", "otherwise", "ends",
            "goals",
        )
    )  # fmt: skip
    before = tuple(_before(node) for node in fields["before"])
    replies = tuple(_reply(node) for node in fields["replies"])
    told = [key for reply in replies for key in reply.to]
    for node, reply in zip(fields["replies"].list(), replies, strict=True):
        if twice := next((key for key in reply.to if told.count(key) > 1), None):
            raise node.error(f"{twice} is answered twice", "one answer a sentence")
    return Dialogue(
        id=path.stem,
        title=fields["title"].str(),
        language=fields["language"].one_of(written()),
        channel=fields["channel"].one_of(CHANNELS),
        level=fields["level"].one_of(LEVELS),
        reasons=fields["reasons"].strings(),
        known=_known(fields["known"], before),
        before=before,
        replies=replies,
        otherwise=tuple(_said(node) for node in fields["otherwise"]),
        ends=_keys(fields["ends"]),
        goals=fields["goals"].all_of(goals().goals),
    )


def _known(node: Node, before: tuple[Said, ...]) -> Mapping[str, Any]:
    fields = node.mapping(optional=(*_TEXTS, *_LISTS, "answers", "indicators", "risks"))
    if "flow" in fields:
        fields["flow"].one_of((*triage().flows, "refused", "unsafe", "risk", "queue", "closing"))
    known: dict[str, Any] = {name: fields[name].str() for name in _TEXTS if name in fields}
    known |= {name: list(fields[name].strings()) for name in _LISTS if name in fields}
    if "asked" in fields:
        fields["asked"].all_of(questions())
    if "answers" in fields:
        known["answers"] = {name: _answer(name, one) for name, one in fields["answers"].entries().items()}
    for kind, ids in (("indicators", indicators()), ("risks", dict.fromkeys(RISKS))):
        rows = fields[kind].entries() if kind in fields else {}
        for name, one in rows.items():
            if name not in ids:
                raise one.error(f"found {name!r}", f"known here: {', '.join(sorted(ids))}")
            if not any(one.str() in said.text for said in before):
                raise one.error("these words stand in no message before", "words of the contact, as they wrote them")
        known[kind] = {name: {"words": one.str()} for name, one in rows.items()}
    return known


def _answer(name: str, node: Node) -> str:
    asked = questions().get(name)
    if asked is None:
        raise node.error(f"there is no question {name}", f"known here: {', '.join(sorted(questions()))}")
    return node.one_of(asked.options)


def _before(node: Node) -> Said:
    fields = node.entries()
    if "bot" in fields:
        return Said(key=node.mapping(required=("bot",))["bot"].one_of(catalogue(SOURCE).sentences))
    fields = node.mapping(required=("contact", "means"))
    return Said(text=fields["contact"].str(), means=fields["means"].str())


def _reply(node: Node) -> Reply:
    fields = node.mapping(required=("to", "say", "means"), optional=("leaves",))
    return Reply(to=_keys(fields["to"]), said=_of(fields))


def _said(node: Node) -> Said:
    return _of(node.mapping(required=("say", "means"), optional=("leaves",)))


def _of(fields: Mapping[str, Node]) -> Said:
    leaves = "leaves" in fields and fields["leaves"].bool()
    return Said(text=fields["say"].str(), means=fields["means"].str(), leaves=leaves)


def _keys(node: Node) -> tuple[str, ...]:
    return node.all_of(catalogue(SOURCE).sentences)
