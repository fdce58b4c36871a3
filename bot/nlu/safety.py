"""Safety rules as a graph component, so that Rasa's own commands show what the rules hear."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.understanding.clean import clean
from bot.understanding.safety import SafetyNet
from content import safety


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class SafetyRules(GraphComponent):
    """Sets `safety` on a message: the risks that the rules hear, by id and rule."""

    @cached_property
    def _net(self) -> SafetyNet:  # made on first use: a turn of ours brings its findings along and never asks
        return SafetyNet(safety.rules())

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> GraphComponent:
        """Return the component."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Hold the rules against each message."""
        for message in messages:
            found = self._net.find(clean(message.get(TEXT)), ())
            heard = [{"id": one.id, "rule": one.source, "band": one.band} for one in found]
            message.set("safety", heard, add_to_output=True)
        return messages
