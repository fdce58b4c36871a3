"""Unused: keys that wait for a part of the line that is not built yet, each with the reason it waits for."""

from __future__ import annotations

from functools import cache

from content.source import CONTENT, Node, load

FILE = CONTENT / "unused_keys.yml"


@cache
def unused_keys() -> dict[str, Node]:
    """Return the reason of each waiting key, with its place in the file.

    Raises:
        ContentError: a key without a reason.
    """
    rows = load(FILE).mapping(required=("waiting",))["waiting"].entries()
    for reason in rows.values():
        reason.str()
    return rows
