"""Judges our calls to Telegram by the Bot API's own description: known method, fields there, none unknown, types fit."""

from __future__ import annotations

import json
from typing import Any


class Judge:
    """Holds the description; `faults` lists what it would refuse."""

    def __init__(self, description: dict[str, Any]) -> None:
        self._methods, self._types = description["methods"], description["types"]

    def faults(self, calls: list[dict[str, Any]]) -> list[str]:
        return [fault for call in calls for fault in self._of_call(call["method"], call["body"])]

    def _of_call(self, method: str, body: dict[str, Any]) -> list[str]:
        if method not in self._methods:
            return [f"{method}: no such method"]
        return self._of_fields(method, self._methods[method].get("fields", []), body, wire=True)

    def _of_fields(self, where: str, fields: list[dict[str, Any]], body: dict[str, Any], *, wire: bool) -> list[str]:
        known = {field["name"]: field for field in fields}
        missing = [
            f"{where}: {name} is missing" for name, field in known.items() if field["required"] and name not in body
        ]
        unknown = [f"{where}: no field {name}" for name in body if name not in known]
        wrong = [
            f"{where}.{name}: {value!r} is none of {known[name]['types']}"
            for name, value in body.items()
            if name in known and not any(self._fits(kind, value, wire=wire) for kind in known[name]["types"])
        ]
        return missing + unknown + wrong

    def _fits(self, kind: str, value: Any, *, wire: bool) -> bool:
        # On the wire everything is a string, and what is not a string is JSON in it.
        if kind == "String":
            return isinstance(value, str)
        if wire and isinstance(value, str):
            try:
                value = json.loads(value)
            except ValueError:
                return False
        if kind in ("Integer", "Float"):
            return isinstance(value, int if kind == "Integer" else (int, float)) and not isinstance(value, bool)
        if kind in ("Boolean", "True"):
            return isinstance(value, bool)
        if kind.startswith("Array of "):
            return isinstance(value, list) and all(self._fits(kind[9:], one, wire=False) for one in value)
        if not isinstance(value, dict):
            return False
        described = self._types.get(kind)
        return described is None or not self._of_fields(kind, described.get("fields", []), value, wire=False)
