"""Examples: what the heads learn from, read from nlu_data without Rasa.

Promises typed examples and refuses an unknown label with its file and line. The files are Rasa's own
format, so that `rasa train` reads the same ones.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from bot.understanding.clean import clean
from bot.understanding.labels import INDICATORS, INTENTS, RISKS, ROLES
from content.languages import recognised
from content.source import ROOT, Node, load

FOLDER = ROOT / "nlu_data"


@dataclass(frozen=True, slots=True)
class Example:
    """One message and what it means."""

    text: str = field(repr=False)
    language: str
    intent: str
    also: tuple[str, ...] = ()  # further acceptable intents
    indicators: tuple[str, ...] = ()
    risks: tuple[str, ...] = ()
    role: str = "none"
    fair: tuple[str, ...] = ()  # indicators and risks that are neither required nor wrong

    @property
    def urgent(self) -> bool:
        """Whether a person must be brought in at once: the codebook's section 5."""
        return bool(set(self.risks) - {"minor_at_risk"}) or ("minor" in self.indicators and len(self.indicators) > 1)


def read_examples(folder: Path = FOLDER) -> tuple[Example, ...]:
    """Return every example of every language.

    Raises:
        ContentError: a file, a field or a label that cannot be used.
    """
    return tuple(example for path in sorted(folder.glob("*/*.yml")) for example in _read_file(path))


def _read_file(path: Path) -> list[Example]:
    root = load(path)
    if path.parent.name not in recognised():
        raise root.error(f"the folder is named {path.parent.name}", "a folder is named by a language code")
    fields = root.mapping(required=("nlu",), optional=("version",))
    return [example for group in fields["nlu"].list() for example in _group(group, path.parent.name)]


def _group(group: Node, language: str) -> list[Example]:
    kinds = group.entries().keys() & {"regex", "lookup", "synonym"}
    if kinds:
        raise group.error(f"found {sorted(kinds)[0]}", "only intents are learnt here")
    fields = group.mapping(required=("intent", "examples"))
    intent = fields["intent"].one_of(INTENTS)
    # Rasa's short form: one text with a dash before each example.
    if fields["examples"].is_text:
        lines = (line.strip().removeprefix("- ") for line in fields["examples"].str().splitlines())
        return [Example(clean(line).text, language, intent) for line in lines if line]
    return [_example(node, language, intent) for node in fields["examples"].list()]


def _example(node: Node, language: str, intent: str) -> Example:
    fields = node.mapping(required=("text",), optional=("metadata",))
    text = clean(fields["text"].str().strip().removeprefix("- ")).text
    if not text:
        raise fields["text"].error("found no readable text", "write the message")
    if "metadata" not in fields:
        return Example(text, language, intent)
    labels = fields["metadata"].mapping(optional=("also", "indicators", "risks", "fair", "role"))
    return Example(
        text,
        language,
        intent,
        also=labels["also"].all_of(INTENTS) if "also" in labels else (),
        indicators=labels["indicators"].all_of(INDICATORS) if "indicators" in labels else (),
        risks=labels["risks"].all_of(RISKS) if "risks" in labels else (),
        fair=labels["fair"].all_of((*INDICATORS, *RISKS)) if "fair" in labels else (),
        role=labels["role"].one_of(ROLES) if "role" in labels else "none",
    )
