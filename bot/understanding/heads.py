"""Heads: what a sentence's embedding means: intent, indicators, risks, urgency, who it is about.

Promises the same heads for the same examples, files without pickle, and predicting with numpy alone. A label
with few examples is never more than possible. What follows from a finding is decided elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bot.understanding import embedding
from bot.understanding.embedding import Vectors
from bot.understanding.examples import Example
from bot.understanding.labels import INDICATORS, INTENTS, RISKS, ROLES
from bot.understanding.regression import Matrix, fit_each, fit_one_of, sigmoid, softmax
from bot.understanding.thresholds import NEVER, for_indicators, for_risks, for_urgency

ARRAYS_FILE = "heads.npz"
LABELS_FILE = "heads.json"

_VERSION = 3
_SCALE = 8.0  # research: centred and scaled so, plain regression is as good as anything
_STRENGTH = 2.5
_STRENGTH_TUNED = 0.7  # tuned vectors already lie where the labels are: less is fitted to them
_FOLDS = 4
_OWN_SHARE = 0.7  # of an example's weight, for its first intent; further acceptable ones share the rest
_ENOUGH = 15  # examples before a label may be more than possible
_SOME = 4  # examples before it is learnt at all
_POSSIBLE = 0.5  # of an indicator's threshold
_EACH = (*INDICATORS, *RISKS, "urgent")


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
    urgent: Label
    roles: tuple[tuple[str, float], ...]


class Heads:
    """Three heads over the vector of a message: one of the intents, one of the roles, each label by itself."""

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
        rows = vectors.astype(np.float64)
        centre = rows.mean(axis=0)
        features = (rows - centre) * _SCALE
        labels = {"intents": INTENTS, "roles": ROLES, "each": _EACH}
        told = [(*one.indicators, *one.risks, *(("urgent",) if one.urgent else ())) for one in examples]
        truth, known = _marks(told, _EACH), 1 - _marks([one.fair for one in examples], _EACH)
        held_out = embedding.held_out()
        strength = _STRENGTH if held_out is None else _STRENGTH_TUNED
        arrays: dict[str, npt.NDArray[np.float64]] = {"centre": centre}
        for name, (weights, intercepts) in {
            "intents": fit_one_of(features, _shared(examples), strength),
            "roles": fit_one_of(features, _marks([(one.role,) for one in examples], ROLES), strength),
            "each": fit_each(features, truth, strength, known),
        }.items():
            arrays[name], arrays[f"{name}_0"] = weights, intercepts
        unseen = _unseen_by(held_out, examples)
        folds = _folds(len(examples)) if unseen is None else [unseen]
        arrays |= _limits(*_chances_unseen(features, strength, truth, known, folds), truth.sum(axis=0))
        return cls(arrays, labels)

    def save(self, folder: Path) -> None:
        """Write the two files of the heads into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        np.savez(folder / ARRAYS_FILE, **self._arrays)
        stored = {"version": _VERSION, "embedding": embedding.name(), "labels": self._labels}
        (folder / LABELS_FILE).write_text(json.dumps(stored, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Heads:
        """Return the heads that `save` wrote.

        Raises:
            ValueError: they were written by another version or for other vectors: train again.
        """
        stored = json.loads((folder / LABELS_FILE).read_text(encoding="utf-8"))
        if stored["version"] != _VERSION:
            raise ValueError(f"heads of version {stored['version']}, {_VERSION} is needed: train again")
        if stored["embedding"] != embedding.name():
            raise ValueError(f"heads for vectors of {stored['embedding']}, here are {embedding.name()}: train again")
        with np.load(folder / ARRAYS_FILE, allow_pickle=False) as arrays:
            return cls(dict(arrays), {name: tuple(ids) for name, ids in stored["labels"].items()})

    def predict(self, vector: Vectors) -> Prediction:
        """Return what the heads say of one vector, or of the strongest of several parts of one message."""
        rows = self._features(np.atleast_2d(vector))
        # The first part tells what a message wants; any part may hold what it tells.
        first = rows[:1]
        chances = self._each(rows).max(axis=0)
        bands = np.where(
            chances >= self._arrays["upper"], "sure", np.where(chances >= self._arrays["lower"], "grey", "clear")
        )
        said = {
            label: Label(label, float(chance), str(band))
            for label, chance, band in zip(self._labels["each"], chances, bands, strict=True)
        }
        return Prediction(
            ranking=self._ranked("intents", first),
            indicators=tuple(said[label] for label in INDICATORS),
            risks=tuple(said[label] for label in RISKS),
            urgent=said["urgent"],
            roles=self._ranked("roles", first),
        )

    def chance_of(self, label: str, vectors: Vectors) -> npt.NDArray[np.float64]:
        """Return the chance of one indicator or risk for each vector; vectors of `embedding.glance` will do."""
        return np.asarray(self._each(self._features(vectors))[:, self._labels["each"].index(label)])

    def _features(self, vectors: Vectors) -> Matrix:
        return np.asarray((vectors.astype(np.float64) - self._arrays["centre"]) * _SCALE)

    def _scores(self, name: str, rows: Matrix) -> Matrix:
        return np.asarray(rows @ self._arrays[name] + self._arrays[f"{name}_0"])

    def _each(self, rows: Matrix) -> Matrix:
        return np.asarray(sigmoid(self._scores("each", rows)))

    def _ranked(self, name: str, rows: Matrix) -> tuple[tuple[str, float], ...]:
        chances = softmax(self._scores(name, rows))[0]
        order = np.argsort(-chances, kind="stable")
        return tuple((self._labels[name][place], float(chances[place])) for place in order)


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


def _unseen_by(held_out: frozenset[str] | None, examples: Sequence[Example]) -> npt.NDArray[np.bool_] | None:
    """Return which examples were kept from a tuned encoder, or None: what it has seen it knows by heart."""
    unseen = np.array([embedding.text_key(example.text) in (held_out or ()) for example in examples])
    return unseen if unseen.any() and not unseen.all() else None


def _folds(count: int) -> list[npt.NDArray[np.bool_]]:
    # Neighbours in a file are alike: every fold takes each fourth example after a fixed shuffle.
    fold = np.random.default_rng(0).permutation(count) % _FOLDS
    return [fold == number for number in range(_FOLDS) if 0 < (fold == number).sum() < count]


def _chances_unseen(
    features: Matrix, strength: float, truth: Matrix, known: Matrix, folds: Sequence[npt.NDArray[np.bool_]]
) -> tuple[Matrix, Matrix, Matrix]:
    """Return the chances of examples by heads that had not seen them, with what is true and what counts."""
    found = []
    for unseen in folds:
        weights, intercepts = fit_each(features[~unseen], truth[~unseen], strength, known[~unseen])
        found.append((sigmoid(features[unseen] @ weights + intercepts), truth[unseen], known[unseen]))
    if not found:
        return np.zeros_like(truth), truth, known
    chances_unseen, told, counts = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return chances_unseen, told, counts


def _limits(chances: Matrix, truth: Matrix, known: Matrix, counts: Matrix) -> dict[str, npt.NDArray[np.float64]]:
    """Return the two thresholds of each label."""
    told = truth.astype(bool)
    # What is neither required nor wrong says nothing about a threshold.
    chances = np.where(known.astype(bool), chances, np.where(told, 1.0, 0.0))
    split, last = len(INDICATORS), len(INDICATORS) + len(RISKS)
    indicators = for_indicators(chances[:, :split], told[:, :split])
    risk_upper, risk_lower = for_risks(RISKS, chances[:, split:last], told[:, split:last])
    urgent_upper, urgent_lower = for_urgency(chances[:, last], told[:, last])
    upper = np.concatenate([indicators, risk_upper, [urgent_upper]])
    lower = np.concatenate([indicators * _POSSIBLE, risk_lower, [urgent_lower]])
    return {
        "upper": np.where(counts >= _ENOUGH, upper, NEVER),
        "lower": np.where(counts >= _SOME, lower, NEVER),
    }
