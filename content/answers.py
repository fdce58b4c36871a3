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
from content.source import CONTENT, Node, load

FOLDER = CONTENT / "answers"
KINDS = ("yes", "no", "unsure", "skip", "more", "stop", "human", "help", "greet", "thanks")
CHOICES = (
    "self", "family", "community", "under_15", "15_17", "18_plus", "safe_place", "doctor", "pay_papers", "go_home",
    "talk", "information", "woman", "man", "any",
)  # fmt: skip
_SAFE_YES_AT_LEAST, _SAFE_NO_AT_LEAST, _UNSAFE_AT_LEAST = 25, 15, 8
_DIGITS = ("1", "2", "3", "4", "5", "6", "7", "8", "9")


@dataclass(frozen=True, slots=True)
class SafeWords:
    """What people say when they are asked whether it is safe to write."""

    yes: tuple[str, ...]  # "nobody sees", "i am alone"
    no: tuple[str, ...]  # "he is here"
    around: tuple[str, ...]  # means nothing beside them: "brother", "i told you", "now"
    first: tuple[str, ...]  # yes and nothing else where it stands first, whatever follows
    against: tuple[str, ...]  # takes a yes before it back: "but", "soon"
    unsafe: tuple[str, ...]  # "not safe": means that whatever was asked


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The short answers of one language."""

    language: str
    words: Mapping[str, tuple[str, ...]]  # by kind: yes, no, stop ...
    choices: Mapping[str, tuple[str, ...]]  # by option id: self, family ...
    numbers: Mapping[str, tuple[str, ...]]  # by digit: "1" -> one, the first ...
    safe: SafeWords


_NOTHING_SAFE = SafeWords((), (), (), (), (), ())


@cache
def lexicon(language: str) -> Lexicon:
    """Return the lexicon of a language; an empty one if there is none yet."""
    path = FOLDER / f"{language}.yml"
    return read_lexicon(path) if path.exists() else Lexicon(language, {}, {}, {}, _NOTHING_SAFE)


def lexicons() -> dict[str, Lexicon]:
    """Return every lexicon there is, by language."""
    return {path.stem: lexicon(path.stem) for path in sorted(FOLDER.glob("*.yml"))}


def read_lexicon(path: Path) -> Lexicon:
    """Return the lexicon in a file.

    Raises:
        ContentError: an unknown field or option, a kind without words, or the wrong language.
    """
    root = load(path)
    fields = root.mapping(required=("language", *KINDS, "choices"), optional=("numbers", "safe"))
    language = fields["language"].one_of(languages())
    if path.stem != language:
        raise fields["language"].error(f"the file is named {path.name}", f"name it {language}.yml")
    choices = fields["choices"].mapping(optional=CHOICES)
    numbers = fields["numbers"].mapping(optional=_DIGITS) if "numbers" in fields else {}
    return Lexicon(
        language=language,
        words={kind: fields[kind].strings() for kind in KINDS},
        choices={option: node.strings() for option, node in choices.items()},
        numbers={digit: node.strings() for digit, node in numbers.items()},
        safe=_safe(fields["safe"]) if "safe" in fields else _NOTHING_SAFE,
    )


def _safe(node: Node) -> SafeWords:
    fields = node.mapping(required=("yes", "no", "around", "first", "against", "unsafe"))
    for name, least in (("yes", _SAFE_YES_AT_LEAST), ("no", _SAFE_NO_AT_LEAST), ("unsafe", _UNSAFE_AT_LEAST)):
        if len(fields[name].list()) < least:
            raise fields[name].error(
                f"found {len(fields[name].list())} ways to say {name}", f"at least {least} are needed"
            )
    return SafeWords(**{name: one.strings() for name, one in fields.items()})


@cache
def number_words() -> dict[str, dict[str, str]]:
    """Return, for each language, the digit that a number word means: the shared list and the lexicon's own."""
    found: dict[str, dict[str, str]] = {}
    for language, row in load(CONTENT / "number_words.yml").entries().items():
        if language not in languages():
            raise row.error(f"unknown language {language}", "the languages stand in content/languages.yml")
        if len(row.list()) != len(_DIGITS):
            raise row.error(f"found {len(row.list())} numbers", "the words for 1 to 9 are expected")
        found[language] = {
            word: digit for digit, words in zip(_DIGITS, row.strings(), strict=True) for word in words.split()
        }
    for language, own in lexicons().items():
        words_of = found.setdefault(language, {})
        words_of.update({word: digit for digit, words in own.numbers.items() for word in words})
    return found
