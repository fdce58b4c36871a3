"""Written language: trains the language classifier with the model and names the language of a message."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.understanding.clean import clean
from bot.understanding.language import identify
from bot.understanding.language_model import LanguageModel
from bot.understanding.training import language_files, language_fingerprint


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class WrittenLanguage(GraphComponent):
    """Sets `language` on a message."""

    def __init__(self, storage: ModelStorage, resource: Resource, model: LanguageModel | None = None) -> None:
        self._storage, self._resource, self._model = storage, resource, model

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
            return cls(model_storage, resource, LanguageModel.load(Path(folder)))

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Return a hash of the word lists and catalogues, which Rasa does not see."""
        return language_fingerprint()

    def train(self, training_data: TrainingData) -> Resource:
        """Train and store the classifier."""
        made = language_files()
        with self._storage.write_to(self._resource) as folder:
            shutil.copytree(made, folder, dirs_exist_ok=True)
        self._model = LanguageModel.load(made)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing that follows learns from the language."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Name the language, without context: the runner knows more and says so itself."""
        for message in messages:
            guess, _ = identify(clean(message.get(TEXT)), country=None, hint=None, memory=None, model=self._model)
            found = {"code": guess.code, "confidence": float(guess.confidence), "sure": bool(guess.sure)}
            message.set("language", found, add_to_output=True)
        return messages
