"""Evaluation: how well messages that taught nothing are understood, by language and by label.

Promises counts and figures only; no text of a message leaves it. Rules of counting: an intent is right if it
is one of the acceptable ones; a label noted as `also_ok` is neither required nor wrong; a message noted as
`urgent_either` does not count for urgency.
"""

from __future__ import annotations

import json
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from bot.understanding import embedding
from bot.understanding.embedding import Vectors
from bot.understanding.labels import INDICATORS, RISKS
from bot.understanding.model import Understanding, Understood

_BINS = 10


@dataclass(frozen=True)
class Case:
    """One message with what it means."""

    text: str = field(repr=False)
    language: str
    intents: tuple[str, ...]
    indicators: frozenset[str]
    risks: frozenset[str]
    urgent: bool | None  # None: either is right
    fair: frozenset[str]


@dataclass
class Share:
    """How many of how many."""

    hits: int = 0
    of: int = 0

    def add(self, hit: bool) -> None:
        """Count one."""
        self.hits += hit
        self.of += 1

    @property
    def value(self) -> float:
        """Of 1; 1 where nothing was counted."""
        return self.hits / self.of if self.of else 1.0


@dataclass
class Labels:
    """Found, wrong and missed of labels."""

    found: int = 0
    wrong: int = 0
    missed: int = 0

    def add(self, told: set[str], true: frozenset[str], fair: frozenset[str]) -> None:
        """Count one message."""
        self.found += len(told & true)
        self.wrong += len(told - true - fair)
        self.missed += len(true - told)

    @property
    def f1(self) -> float:
        """Micro-averaged."""
        return 2 * self.found / max(1, 2 * self.found + self.wrong + self.missed)


@dataclass
class Figures:
    """All counts over a set of messages."""

    language: Share = field(default_factory=Share)
    intent: Share = field(default_factory=Share)
    doubt: Share = field(default_factory=Share)  # not sure of the intent
    indicators: Labels = field(default_factory=Labels)
    risks: Share = field(default_factory=Share)  # raised or asked about, of risks that are there
    urgent: Share = field(default_factory=Share)  # marked urgent, of urgent messages
    urgent_or_asked: Share = field(default_factory=Share)
    false_urgent: Share = field(default_factory=Share)  # of messages that are not urgent
    false_question: Share = field(default_factory=Share)
    harmless_urgent: Share = field(default_factory=Share)  # of messages out of scope

    def add(self, case: Case, heard: Understood) -> None:
        """Count one message."""
        self.language.add(heard.language.code == case.language)
        self.intent.add(heard.intent in case.intents)
        self.doubt.add(heard.doubtful)
        self.indicators.add({one.id for one in heard.indicators}, case.indicators, case.fair)
        raised = {one.id for one in heard.risks}
        for risk in case.risks:
            self.risks.add(risk in raised)
        if case.intents[0] == "out_of_scope":
            self.harmless_urgent.add(heard.urgent)
        if case.urgent:
            self.urgent.add(heard.urgent)
            self.urgent_or_asked.add(heard.urgent or bool(heard.ask))
        elif case.urgent is False:
            self.false_urgent.add(heard.urgent)
            self.false_question.add(bool(heard.ask) and not heard.urgent)


@dataclass
class Report:
    """What `./run evaluate` shows."""

    languages: dict[str, Figures]
    total: Figures
    labels: dict[str, Labels]
    confusions: Counter[tuple[str, str]]  # (should be, was)
    reliability: list[tuple[float, float, int]]  # of each bin: mean confidence, share right, messages
    milliseconds: float  # median of a message

    def mean(self, name: str) -> float:
        """Return a share averaged over languages, each counting alike."""
        shares: list[Share] = [getattr(figures, name) for figures in self.languages.values()]
        return statistics.mean(share.value for share in shares)


def read_cases(paths: Iterable[Path]) -> list[Case]:
    """Return the messages of JSON-lines files in the form of the shared sample."""
    return [_case(json.loads(line)) for path in paths for line in path.read_text(encoding="utf-8").splitlines()]


def _case(row: dict[str, Any]) -> Case:
    note = str(row.get("note", ""))
    words = set(note.replace(",", " ").replace(";", " ").split()) if "also_ok" in note else set()
    return Case(
        text=str(row["text"]),
        language=str(row["lang"]),
        intents=tuple(row["intents"]),
        indicators=frozenset(row["indicators"]),
        risks=frozenset(row["risks"]),
        urgent=None if "urgent_either" in note else bool(row["urgent"]),
        fair=frozenset(words & {*INDICATORS, *RISKS}),
    )


def evaluate(understanding: Understanding, cases: Sequence[Case]) -> Report:
    """Read every message as one that comes out of nowhere: no country, no memory, no question before it."""
    languages: dict[str, Figures] = defaultdict(Figures)
    labels: dict[str, Labels] = defaultdict(Labels)
    total, confusions = Figures(), Counter[tuple[str, str]]()
    said: list[tuple[float, bool]] = []
    took: list[float] = []
    for case in cases:
        began = time.perf_counter()
        heard = understanding.understand(case.text)
        took.append(time.perf_counter() - began)
        for figures in (total, languages[case.language]):
            figures.add(case, heard)
        told = {one.id for one in heard.indicators} | {one.id for one in heard.risks if one.band == "sure"}
        for label in told | case.indicators | case.risks:
            only = frozenset([label])
            labels[label].add(told & only, (case.indicators | case.risks) & only, case.fair)
        right = heard.intent in case.intents
        said.append((heard.intent_confidence, right))
        if not right:
            confusions[case.intents[0], heard.intent] += 1
    return Report(
        languages=dict(sorted(languages.items())),
        total=total,
        labels=dict(sorted(labels.items())),
        confusions=confusions,
        reliability=_reliability(said),
        milliseconds=1000 * statistics.median(took) if took else 0.0,
    )


def _reliability(said: list[tuple[float, bool]]) -> list[tuple[float, float, int]]:
    bins: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for confidence, right in said:
        bins[min(_BINS - 1, int(confidence * _BINS))].append((confidence, right))
    return [
        (statistics.mean(c for c, _ in found), statistics.mean(right for _, right in found), len(found))
        for _, found in sorted(bins.items())
    ]


def cost(understanding: Understanding, cases: Sequence[Case], sample: int = 300) -> float:
    """Return what a message costs in passes through the encoder: all that is done against the passes in it."""
    passes = _Timed()
    whole = 0.0
    with (
        patch.object(embedding, "embed", passes.of(embedding.embed)),
        patch.object(embedding, "glance", passes.of(embedding.glance)),
    ):
        for case in cases[:: max(1, len(cases) // sample)]:
            embedding.forget()
            began = time.perf_counter()
            understanding.understand(case.text)
            whole += time.perf_counter() - began
    return whole / passes.seconds if passes.seconds else 0.0


class _Timed:
    """Adds up what calls take; one within another counts once."""

    def __init__(self) -> None:
        self.seconds, self._depth = 0.0, 0

    def of(self, call: Callable[[Sequence[str]], Vectors]) -> Callable[[Sequence[str]], Vectors]:
        def timed(texts: Sequence[str]) -> Vectors:
            self._depth += 1
            began = time.perf_counter()
            try:
                return call(texts)
            finally:
                self._depth -= 1
                self.seconds += 0.0 if self._depth else time.perf_counter() - began

        return timed
