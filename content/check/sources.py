"""Sources: every content file is read once by its own typed loader, which refuses what cannot be used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from content import (
    about,
    answers,
    catalogue,
    context_words,
    corrections,
    denials,
    details,
    goals,
    helplines,
    hsds,
    htcds,
    indicators,
    known_phrases,
    ladder,
    languages,
    password_words,
    people_words,
    questions,
    rights,
    safety,
    tellings,
    topics,
    training,
    triage,
    wordlists,
)
from content.check import forbidden, unused
from content.check.problem import Problem, of_error
from content.source import CONTENT, ContentError, load, shown


def every_file_loads() -> Iterator[Problem]:
    """Read everything there is; yield what a loader refuses."""
    for read in _readers():
        try:
            read()
        except ContentError as error:
            yield of_error(error)


def _readers() -> list[Callable[[], object]]:
    files: list[Callable[[], object]] = [
        languages.recognised, languages.countries, indicators.indicators, questions.questions, triage.triage,
        rights.rights, helplines.released, helplines.countries, safety.rules, answers.number_words,
        wordlists.neutral_words, wordlists.distinctive_words, wordlists.romanised_texts, wordlists.frequent_texts,
        unused.unused_keys, topics.fixed_answers, denials.denied_by, tellings.told_plainly, details.money,
        details.places, htcds.fields, hsds.tables, ladder.ladder, goals.goals, training.dialogues,
        password_words.password_words, known_phrases.known_phrases, context_words.context_words,
        people_words.people_words,
    ]  # fmt: skip
    files += [partial(answers.read_lexicon, path) for path in sorted(answers.FOLDER.glob("*.yml"))]
    files += [partial(about.read_about, path) for path in sorted(about.FOLDER.glob("*.yml"))]
    files += [partial(corrections.read_corrections, path) for path in sorted(corrections.FOLDER.glob("*.yml"))]
    files += [partial(details.read_detail_words, path) for path in sorted(details.FOLDER.glob("*.yml"))]
    files += [partial(denials.read_denials, path) for path in sorted(denials.FOLDER.glob("*.yml"))]
    files += [partial(tellings.read_tellings, path) for path in sorted(tellings.FOLDER.glob("*.yml"))]
    files += [partial(topics.read_topics, path) for path in sorted(topics.FOLDER.glob("*.yml"))]
    files += [partial(catalogue.catalogue, code) for code in catalogue.written()]
    files += [partial(forbidden.read_list, path) for path in sorted(forbidden.FOLDER.glob("*.yml"))]
    return files


_KNOWN_FOLDERS = (
    "about",
    "answers",
    "context",
    "corrections",
    "denials",
    "desk",
    "details",
    "forbidden",
    "frequent",
    "romanised",
    "safety",
    "standards",
    "tellings",
    "topics",
    "training",
)
_KNOWN_FILES = (
    "denials.yml", "helplines.yml", "indicators.yml", "languages.yml", "money.yml", "neutral_words.yml",
    "number_words.yml", "people_words.yml", "places.yml", "questions.yml", "rights.yml", "tellings.yml", "topics.yml",
    "triage.yml", "unused_keys.yml",
)  # fmt: skip


def no_file_is_read_by_nobody() -> Iterator[Problem]:
    """Yield YAML files that no loader knows: what stands there would never take effect."""
    for path in sorted(CONTENT.rglob("*.y*ml")):
        if not _is_read(path):
            load(path)
            yield Problem(f"{shown(path)}:1", "no loader reads this file", "move it to where it belongs, or remove it")


def _is_read(path: Path) -> bool:
    parts = path.relative_to(CONTENT).parts
    if path.suffix != ".yml":
        return False
    return parts[0] in _KNOWN_FILES if len(parts) == 1 else parts[0] in _KNOWN_FOLDERS and len(parts) == len("ab")
