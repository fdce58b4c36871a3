"""Speed: three patches of Rasa 3.6 that change no reply (a test compares them with and without).

Measured on two cores: the check of every action result compiled its schema anew (37 % of a turn), every
stored event walked all event classes, and each of three graph runs planned the same graph again.
"""

from __future__ import annotations

import functools
from typing import Any

import rasa.core.processor
from jsonschema import Draft7Validator
from rasa.core.actions.action import RemoteAction
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.events import Event

_original_validate = RemoteAction._validate_action_result
_original_resolve = Event.resolve_by_type
_original_runner = rasa.core.processor.DaskGraphRunner


class SequentialRunner(DaskGraphRunner):
    """Runs the graph's nodes in an order that is worked out once for each target."""

    def run(self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
        """Return the outputs of the targets."""
        plans: dict[tuple[str, ...], list[tuple[str, tuple[str, ...]]]] = self.__dict__.setdefault("_plans", {})
        wanted = tuple(targets or self._graph_schema.target_names)
        if wanted not in plans:
            plans[wanted] = self._plan(wanted)
        out: dict[str, Any] = dict(inputs or {})
        for node, needs in plans[wanted]:
            out[node] = self._instantiated_nodes[node](*[(need, out[need]) for need in needs])[1]
        return {target: out[target] for target in wanted}

    def _plan(self, wanted: tuple[str, ...]) -> list[tuple[str, tuple[str, ...]]]:
        schema, order, seen = self._graph_schema.minimal_graph_schema(list(wanted)), [], set()

        def visit(node: str) -> None:
            if node in seen or node not in schema.nodes:
                return
            seen.add(node)
            for need in schema.nodes[node].needs.values():
                visit(need)
            order.append((node, tuple(schema.nodes[node].needs.values())))

        for target in wanted:
            visit(target)
        return order


def apply() -> None:
    """Put the patches in place; before a model is loaded."""
    validator = Draft7Validator(RemoteAction.action_response_format_spec())

    def validate(self: RemoteAction, result: dict[str, Any] | None) -> bool:
        for error in validator.iter_errors(result):
            raise error
        return True

    RemoteAction._validate_action_result = validate
    Event.resolve_by_type = staticmethod(functools.lru_cache(maxsize=None)(_resolve))
    rasa.core.processor.DaskGraphRunner = SequentialRunner


def _resolve(name: str, default: Any = None) -> Any:
    return _original_resolve(name, default)


def undo() -> None:
    """Take the patches out again, for the test that compares."""
    RemoteAction._validate_action_result = _original_validate
    Event.resolve_by_type = staticmethod(_original_resolve)
    rasa.core.processor.DaskGraphRunner = _original_runner
