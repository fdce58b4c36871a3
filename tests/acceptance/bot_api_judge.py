"""Judges our calls to Telegram by the Bot API's own description: known method, fields there, none unknown, types fit."""

from __future__ import annotations

import json
from typing import Any

PLAIN = {"String": (str,), "Integer": (int,), "Float": (int, float), "Boolean": (bool,), "True": (bool,)}


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
            if name in known
            and not any(self._fits(kind, value, wire=wire) for kind in self._judged(known[name]["types"]))
        ]
        return missing + unknown + wrong

    def _judged(self, kinds: list[str]) -> list[str]:
        # The description is cut to what a hotline uses; a kind left out of it decides only where it is alone.
        return [kind for kind in kinds if kind in PLAIN or kind.startswith("Array") or kind in self._types] or kinds

    def _fits(self, kind: str, value: Any, *, wire: bool) -> bool:
        if kind == "String":
            return isinstance(value, str)
        if wire and isinstance(
            value, str
        ):  # on the wire everything is a string, and what is not a string is JSON in it
            try:
                value = json.loads(value)
            except ValueError:
                return False
        if kind in PLAIN:
            return isinstance(value, PLAIN[kind]) and isinstance(value, bool) == (bool in PLAIN[kind])
        if kind.startswith("Array of "):
            return isinstance(value, list) and all(self._fits(kind[9:], one, wire=False) for one in value)
        described = self._types.get(kind, {"fields": None})["fields"]
        return isinstance(value, dict) and (
            described is None or not self._of_fields(kind, described, value, wire=False)
        )
