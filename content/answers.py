"""Answers: the words that people use for yes, no, stop and the options of questions, per language.

Promises a typed lexicon as it is written. Reading a message with it, in the light of the last
question, is bot/understanding/answers.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from content.languages import languages
from content.source import CONTENT, load

FOLDER = CONTENT / "answers"
KINDS = ("yes", "no", "unsure", "skip", "more", "stop", "human", "help", "greet", "thanks")
CHOICES = (
    "self", "family", "community", "under_15", "15_17", "18_plus", "safe_place", "doctor", "pay_papers", "go_home",
    "talk", "information",
)  # fmt: skip
NUMBERS = ("1", "2", "3", "4", "5", "6", "7", "8", "9")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The short answers of one language."""

    language: str
    words: Mapping[str, tuple[str, ...]]  # by kind: yes, no, stop ...
    choices: Mapping[str, tuple[str, ...]]  # by option id: self, family ...
    numbers: Mapping[str, tuple[str, ...]]  # "1" -> one, first ...


@cache
def lexicon(language: str) -> Lexicon:
    """Return the lexicon of a language; an empty one if there is none yet."""
    path = FOLDER / f"{language}.yml"
    return read_lexicon(path) if path.exists() else Lexicon(language, {}, {}, {})


def lexicons() -> dict[str, Lexicon]:
    """Return every lexicon there is, by language."""
    return {path.stem: lexicon(path.stem) for path in sorted(FOLDER.glob("*.yml"))}


def read_lexicon(path: Path) -> Lexicon:
    """Return the lexicon in a file.

    Raises:
        ContentError: an unknown field or option, a kind without words, or the wrong language.
    """
    root = load(path)
    fields = root.mapping(required=("language", *KINDS, "choices"), optional=("numbers",))
    language = fields["language"].one_of(languages())
    if path.stem != language:
        raise fields["language"].error(f"the file is named {path.name}", f"name it {language}.yml")
    choices = fields["choices"].mapping(optional=CHOICES)
    numbers = fields["numbers"].mapping(optional=NUMBERS) if "numbers" in fields else {}
    return Lexicon(
        language=language,
        words={kind: fields[kind].strings() for kind in KINDS},
        choices={option: node.strings() for option, node in choices.items()},
        numbers={digit: node.strings() for digit, node in numbers.items()},
    )
