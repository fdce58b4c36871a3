"""Fit: all layers and one row of outputs a label, on every example, all heads together.

Recipe and figures: the measurements on tuning that docs/understanding.md names. First the outputs alone on the
layers as they came, then everything: AdamW, warm-up, then down in a line.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from bot.understanding.examples import Example
from bot.understanding.labels import INDICATORS, INTENTS, RISKS, ROLES
from bot.understanding.tuning.augment import altered
from bot.understanding.tuning.layers import Encoder, batch_of
from bot.understanding.wheel import WheelFile

_SCALE = 8.0
_OWN_SHARE = 0.7  # of an example's weight for its first intent, where others are acceptable
_SMOOTHING = 0.1
_RISK_WEIGHT, _URGENT_WEIGHT, _ROLE_WEIGHT = 2.0, 6.0, 0.5
_PER_LABEL = 15 / 31
_HEAD_RATE, _DECAY, _WARM_UP, _CLIP = 1e-3, 0.01, 0.1, 1.0
_HEAD_DROPOUT = 0.2
_FIRST_STEPS, _FIRST_RATE = 150, 2e-2
_POOL = 50  # batches sorted by length together


@dataclass(frozen=True)
class Recipe:
    """What one tuning does differently from another."""

    rate: float
    epochs: int
    seed: int
    batch: int = 32


class Tuned(nn.Module):
    """The encoder with its outputs."""

    def __init__(self, wheel: WheelFile, start: Encoder) -> None:
        super().__init__()
        self.encoder = start
        self.centre = nn.Parameter(torch.zeros(wheel.width), requires_grad=False)
        self.dropout = nn.Dropout(_HEAD_DROPOUT)
        self.outputs = nn.Linear(wheel.width, len(INTENTS) + len(INDICATORS) + len(RISKS) + 1 + len(ROLES))

    def read(self, rows: Tensor, present: Tensor) -> Tensor:
        """Return unit vectors, centred and scaled as the heads take them."""
        return (nn.functional.normalize(self.encoder(rows, present)) - self.centre) * _SCALE

    def forward(self, rows: Tensor, present: Tensor) -> Tensor:
        """Return one score an output."""
        scores: Tensor = self.outputs(self.dropout(self.read(rows, present)))
        return scores


def tune(
    wheel: WheelFile, start: Encoder, examples: Sequence[Example], recipe: Recipe, say: Callable[[str], None]
) -> Encoder:
    """Return the encoder fitted to these examples. The same data and recipe give the same weights on one machine.

    Args:
        wheel: gives tokens and their rows.
        start: the layers to go on from; they are changed.
        examples: what is learnt.
        recipe: rate, epochs, batch and seed.
        say: takes a line of progress.
    """
    torch.manual_seed(recipe.seed)
    chance = random.Random(recipe.seed)  # noqa: S311 - no secret
    model = Tuned(wheel, start)
    _fit_outputs(model, wheel, examples)
    by_language: dict[str, list[Example]] = {}
    for example in examples:
        by_language.setdefault(example.language, []).append(example)
    steps = recipe.epochs * -(-len(examples) // recipe.batch)
    optimiser = torch.optim.AdamW(
        [
            {"params": model.encoder.parameters(), "lr": recipe.rate},
            {"params": model.outputs.parameters(), "lr": _HEAD_RATE},
        ],
        weight_decay=_DECAY,
        fused=True,
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser,
        lambda step: min(1.0, (step + 1) / (_WARM_UP * steps)) * min(1.0, (steps - step) / ((1 - _WARM_UP) * steps)),
    )
    began = time.monotonic()
    for epoch in range(recipe.epochs):
        model.train()
        shown = [altered(example, by_language[example.language], chance) for example in examples]
        total = torch.zeros(())
        batches = _batches([wheel.tokens(example.text) for example in shown], recipe.batch, chance)
        for number, places in enumerate(batches):
            rows, present = batch_of(wheel, [tokens for _, tokens in places])
            with torch.autocast("cpu", torch.bfloat16):
                scores = model(rows, present)
            loss = _loss(scores.float(), _targets([shown[place] for place, _ in places]))
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), _CLIP)
            optimiser.step()
            schedule.step()
            total += loss.detach()
            if number % 200 == 0:
                say(
                    f"epoch {epoch + 1} of {recipe.epochs}, batch {number} of {len(batches)}, "
                    f"loss {total.item() / (number + 1):.3f}, {time.monotonic() - began:.0f} s"
                )
    model.eval()
    return model.encoder


@torch.no_grad()
def vectors(model: Tuned, wheel: WheelFile, texts: Sequence[str]) -> Tensor:
    """Return what the heads take, one row a text."""
    tokens = [wheel.tokens(text) for text in texts]
    found = torch.zeros(len(texts), wheel.width)
    order = sorted(range(len(texts)), key=lambda place: len(tokens[place]))
    for start in range(0, len(order), 64):
        places = order[start : start + 64]
        with torch.autocast("cpu", torch.bfloat16):
            found[places] = model.read(*batch_of(wheel, [tokens[place] for place in places])).float()
    return found


def _fit_outputs(model: Tuned, wheel: WheelFile, examples: Sequence[Example]) -> None:
    model.eval()
    features = vectors(model, wheel, [example.text for example in examples])
    model.centre.data = features.mean(0) / _SCALE
    features -= features.mean(0)
    targets = _targets(examples)
    optimiser = torch.optim.AdamW(model.outputs.parameters(), lr=_FIRST_RATE, weight_decay=_DECAY)
    for _ in range(_FIRST_STEPS):
        optimiser.zero_grad()
        _loss(model.outputs(features), targets).backward()
        optimiser.step()


@dataclass
class _Targets:
    intents: Tensor
    each: Tensor
    weights: Tensor
    roles: Tensor


def _targets(examples: Sequence[Example]) -> _Targets:
    labels = (*INDICATORS, *RISKS)
    intents = np.zeros((len(examples), len(INTENTS)), np.float32)
    each = np.zeros((len(examples), len(labels) + 1), np.float32)
    weights = np.ones_like(each)
    for row, example in enumerate(examples):
        accepted = tuple(dict.fromkeys((example.intent, *example.also)))
        for intent in accepted:
            intents[row, INTENTS.index(intent)] += (1 - _OWN_SHARE) / len(accepted)
        intents[row, INTENTS.index(example.intent)] += _OWN_SHARE
        told = {*example.indicators, *example.risks}
        each[row, :-1] = [label in told for label in labels]
        weights[row, :-1] = [label not in example.fair for label in labels]
        each[row, -1] = example.urgent
        weights[row, -1] = not any(label in RISKS for label in example.fair)
    weights[:, len(INDICATORS) : -1] *= _RISK_WEIGHT
    weights[:, -1] *= _URGENT_WEIGHT
    roles = torch.tensor([ROLES.index(example.role) for example in examples])
    return _Targets(torch.from_numpy(intents), torch.from_numpy(each), torch.from_numpy(weights), roles)


def _loss(scores: Tensor, targets: _Targets) -> Tensor:
    one_of, each, roles = scores.split([len(INTENTS), targets.each.shape[1], len(ROLES)], dim=1)
    intents = nn.functional.cross_entropy(one_of, targets.intents, label_smoothing=_SMOOTHING)
    told = nn.functional.binary_cross_entropy_with_logits(each, targets.each, weight=targets.weights, reduction="none")
    return intents + _PER_LABEL * told.sum(1).mean() + _ROLE_WEIGHT * nn.functional.cross_entropy(roles, targets.roles)


def _batches(tokens: list[list[int]], size: int, chance: random.Random) -> list[list[tuple[int, list[int]]]]:
    """Return places and ids in batches of like length, in an order by chance."""
    order = list(range(len(tokens)))
    chance.shuffle(order)
    batches = []
    for start in range(0, len(order), size * _POOL):
        pool = sorted(order[start : start + size * _POOL], key=lambda place: len(tokens[place]))
        batches += [pool[first : first + size] for first in range(0, len(pool), size)]
    chance.shuffle(batches)
    return [[(place, tokens[place]) for place in batch] for batch in batches]
