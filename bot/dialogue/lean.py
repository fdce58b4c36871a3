"""Lean: Rasa imported without what only its neural networks learn with; our dialogue has none."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

_FOR_NETWORKS = (
    "rasa.utils.tensorflow.callback",
    "rasa.utils.tensorflow.data_generator",
    "rasa.graph_components.validators.default_recipe_validator",  # judges a configuration before training
)


class _StandIn(ModuleType):
    """Has every name, each of an empty class."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {})


@contextmanager
def without_networks() -> Iterator[None]:
    """Leave TensorFlow out of what is imported meanwhile, unless it is there: two seconds and 200 MB of a runner.

    Three modules bring it in, of which a loaded model uses nothing. Whoever imports them later gets them.
    """
    stand_ins = {name: _StandIn(name) for name in _FOR_NETWORKS if name not in sys.modules}
    sys.modules.update(stand_ins)
    try:
        yield
    finally:
        for name, one in stand_ins.items():
            if sys.modules.get(name) is one:
                del sys.modules[name]
