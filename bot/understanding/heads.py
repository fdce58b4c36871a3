"""Heads: what a sentence's embedding means: intent, indicators, risks, who it is about.

Promises the same heads for the same examples, files without pickle, and predicting with numpy alone. A
label with few examples is never more than possible. What follows from a finding is decided elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bot.understanding.embedding import Vectors
from bot.understanding.examples import Example
from bot.understanding.labels import INDICATORS, INTENTS, RISKS, ROLES
from bot.understanding.regression import Matrix, fit_each, fit_one_of, sigmoid, softmax
from bot.understanding.thresholds import NEVER, for_indicators, for_risks

ARRAYS_FILE = "heads.npz"
LABELS_FILE = "heads.json"

_VERSION = 1
_SCALE = 8.0  # research: centred and scaled so, plain regression is as good as anything
_STRENGTH_ONE = 3.0
_STRENGTH_EACH = 2.0
_FOLDS = 4
_OWN_SHARE = 0.7  # of an example's weight, for its first intent; further acceptable ones share the rest
_ENOUGH = 15  # examples before a label may be more than possible
_SOME = 4  # examples before it is learnt at all
_POSSIBLE = 0.5  # of an indicator's threshold


@dataclass(frozen=True, slots=True)
class Label:
    """What one head says of one label."""

    id: str
    chance: float
    band: str  # sure | grey | clear


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the heads say of one message."""

    ranking: tuple[tuple[str, float], ...]  # intents, likeliest first
    indicators: tuple[Label, ...]
    risks: tuple[Label, ...]
    roles: tuple[tuple[str, float], ...]


class Heads:
    """Four heads over one embedding."""

    def __init__(self, arrays: dict[str, npt.NDArray[np.float64]], labels: dict[str, tuple[str, ...]]) -> None:
        self._arrays = arrays
        self._labels = labels

    @classmethod
    def fit(cls, examples: Sequence[Example], vectors: Vectors) -> Heads:
        """Return heads that have learnt these examples; vectors in the same order."""
        if not examples or len(examples) != len(vectors):
            raise ValueError(
                f"{len(examples)} examples and {len(vectors)} vectors: the same number, not none, is needed"
            )
        centre = vectors.astype(np.float64).mean(axis=0)
        features = (vectors.astype(np.float64) - centre) * _SCALE
        labels = {"intents": INTENTS, "roles": ROLES, "indicators": INDICATORS, "risks": RISKS}
        truth = {
            "indicators": _marks([example.indicators for example in examples], INDICATORS),
            "risks": _marks([example.risks for example in examples], RISKS),
        }
        arrays: dict[str, npt.NDArray[np.float64]] = {"centre": centre}
        arrays["intents"], arrays["intents_0"] = fit_one_of(features, _shared(examples), _STRENGTH_ONE)
        roles = _marks([(example.role,) for example in examples], ROLES)
        arrays["roles"], arrays["roles_0"] = fit_one_of(features, roles, _STRENGTH_ONE)
        unseen = _unseen(features, np.hstack([truth["indicators"], truth["risks"]]))
        for name, part in (("indicators", unseen[:, : len(INDICATORS)]), ("risks", unseen[:, len(INDICATORS) :])):
            arrays[name], arrays[f"{name}_0"] = fit_each(features, truth[name], _STRENGTH_EACH)
            arrays |= _limits(name, part, truth[name].astype(bool))
        return cls(arrays, labels)

    def save(self, folder: Path) -> None:
        """Write the two files of the heads into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        np.savez(folder / ARRAYS_FILE, **self._arrays)
        stored = {"version": _VERSION, "labels": self._labels}
        (folder / LABELS_FILE).write_text(json.dumps(stored, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Heads:
        """Return the heads that `save` wrote.

        Raises:
            ValueError: they were written by another version: train again.
        """
        stored = json.loads((folder / LABELS_FILE).read_text(encoding="utf-8"))
        if stored["version"] != _VERSION:
            raise ValueError(f"heads of version {stored['version']}, {_VERSION} is needed: train again")
        with np.load(folder / ARRAYS_FILE, allow_pickle=False) as arrays:
            return cls(dict(arrays), {name: tuple(ids) for name, ids in stored["labels"].items()})

    def predict(self, vector: Vectors) -> Prediction:
        """Return what the heads say of one vector, or of the strongest of several parts of one message."""
        rows = (np.atleast_2d(vector).astype(np.float64) - self._arrays["centre"]) * _SCALE
        return Prediction(
            # The first part tells what a message wants; any part may hold what it tells.
            ranking=self._ranked("intents", rows[:1]),
            indicators=self._each("indicators", rows),
            risks=self._each("risks", rows),
            roles=self._ranked("roles", rows[:1]),
        )

    def chance_of(self, kind: str, label: str, vectors: Vectors) -> npt.NDArray[np.float64]:
        """Return the chance of one indicator or risk for each vector."""
        rows = (vectors.astype(np.float64) - self._arrays["centre"]) * _SCALE
        column = self._labels[kind].index(label)
        return sigmoid(rows @ self._arrays[kind][:, column] + self._arrays[f"{kind}_0"][column])

    def _scores(self, name: str, rows: Matrix) -> Matrix:
        return np.asarray(rows @ self._arrays[name] + self._arrays[f"{name}_0"])

    def _ranked(self, name: str, rows: Matrix) -> tuple[tuple[str, float], ...]:
        chances = softmax(self._scores(name, rows))[0]
        order = np.argsort(-chances, kind="stable")
        return tuple((self._labels[name][place], float(chances[place])) for place in order)

    def _each(self, name: str, rows: Matrix) -> tuple[Label, ...]:
        chances = sigmoid(self._scores(name, rows)).max(axis=0)
        upper, lower = self._arrays[f"{name}_upper"], self._arrays[f"{name}_lower"]
        bands = np.where(chances >= upper, "sure", np.where(chances >= lower, "grey", "clear"))
        return tuple(
            Label(label, float(chance), str(band))
            for label, chance, band in zip(self._labels[name], chances, bands, strict=True)
        )


def _marks(told: Sequence[Sequence[str]], labels: tuple[str, ...]) -> Matrix:
    """Return a row an example, a column a label, 1 where the example has it."""
    return np.array([[float(label in ids) for label in labels] for ids in told])


def _shared(examples: Sequence[Example]) -> Matrix:
    """Return for each example how its weight is shared among acceptable intents."""
    targets = np.zeros((len(examples), len(INTENTS)))
    for row, example in enumerate(examples):
        also = [intent for intent in example.also if intent != example.intent]
        targets[row, INTENTS.index(example.intent)] = _OWN_SHARE if also else 1.0
        for intent in also:
            targets[row, INTENTS.index(intent)] += (1 - _OWN_SHARE) / len(also)
    return targets


def _unseen(features: Matrix, truth: Matrix) -> Matrix:
    """Return each example's chances by heads that had not seen it."""
    # Neighbours in a file are alike: every fold takes each fourth example after a fixed shuffle.
    fold = np.random.default_rng(0).permutation(len(features)) % _FOLDS
    chances = np.zeros_like(truth)
    for number in range(_FOLDS):
        seen = fold != number
        if not seen.any() or seen.all():
            continue
        weights, intercepts = fit_each(features[seen], truth[seen], _STRENGTH_EACH)
        chances[~seen] = sigmoid(features[~seen] @ weights + intercepts)
    return chances


def _limits(name: str, chances: Matrix, truth: npt.NDArray[np.bool_]) -> dict[str, npt.NDArray[np.float64]]:
    """Return the two thresholds of each label of a head."""
    counts = truth.sum(axis=0)
    if name == "risks":
        upper, lower = for_risks(chances, truth)
    else:
        upper = for_indicators(chances, truth)
        lower = upper * _POSSIBLE
    upper = np.where(counts >= _ENOUGH, upper, NEVER)
    return {f"{name}_upper": upper, f"{name}_lower": np.where(counts >= _SOME, lower, NEVER)}
