"""HSDS: the tables of the Human Services Data Specification 3.0, and what is wrong with a document.

Promises typed rows of `standards/hsds.yml` and problems that say where, what was found and what would be right.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from content.source import CONTENT, Node, load

FILE = CONTENT / "standards" / "hsds.yml"
_LISTS = ("required", "uuid", "number", "date", "text")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What a table holds: fields that must be there, fields by their kind, and the tables inside it."""

    required: tuple[str, ...] = ()
    uuid: tuple[str, ...] = ()
    number: tuple[str, ...] = ()
    date: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    choices: dict[str, tuple[str, ...]]
    one: dict[str, str]
    many: dict[str, str]


def problems(document: Any) -> Iterator[str]:
    """Yield what is wrong with a service and everything in it; nothing for a good one."""
    yield from _judge("service", document, "service")


def _judge(table: str, row: Any, where: str) -> Iterator[str]:
    if not isinstance(row, dict):
        yield f"{where}: found {_kind(row)}; right are fields with names"
        return
    known = tables().get(table)
    if known is None:  # a table that a directory of services does not need: kept as it came
        return
    for name in known.required:
        if row.get(name) in (None, ""):
            yield f"{where}.{name}: found nothing; it is needed here"
    for name, value in row.items():
        if value is not None:
            yield from _field(known, name, value, f"{where}.{name}")


def _field(known: Table, name: str, value: Any, where: str) -> Iterator[str]:
    if name in known.one:
        yield from _judge(known.one[name], value, where)
    elif name in known.many:
        rows = value if isinstance(value, list) else ()
        if not isinstance(value, list):
            yield f"{where}: found {_kind(value)}; right is a list"
        for index, row in enumerate(rows):
            yield from _judge(known.many[name], row, f"{where}[{index}]")
    elif name in known.choices and value not in known.choices[name]:
        yield f"{where}: found another word; right is one of {', '.join(known.choices[name])}"
    else:
        for names, fits, right in _plain_kinds(known):
            if name in names and not fits(value):
                yield f"{where}: found {_kind(value)}; right is {right}"


def _plain_kinds(known: Table) -> tuple[tuple[tuple[str, ...], Callable[[Any], bool], str], ...]:
    return (
        (known.number, _is_number, "a number"),
        (known.uuid, _is_uuid, "a UUID"),
        (known.date, _is_date, "a date such as 2026-11-22"),
        (known.text, _is_text, "a text"),
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _kind(value: Any) -> str:
    names = {dict: "fields", list: "a list", str: "a text", bool: "true or false", type(None): "nothing"}
    return names.get(type(value), "a number")


def _is_uuid(value: Any) -> bool:
    try:
        uuid.UUID(value)
    except (ValueError, TypeError, AttributeError):
        return False
    return True


def _is_date(value: Any) -> bool:
    try:
        dt.date.fromisoformat(value)
    except (ValueError, TypeError):
        return False
    return True


@cache
def tables() -> dict[str, Table]:
    """Return the tables by their names."""
    return {name: _table(node) for name, node in load(FILE).mapping(required=("tables",))["tables"].entries().items()}


def _table(node: Node) -> Table:
    row = node.mapping(required=("required",), optional=(*_LISTS, "choices", "one", "many"))
    return Table(
        **{name: row[name].strings() for name in _LISTS if name in row},
        choices={k: v.strings() for k, v in row["choices"].entries().items()} if "choices" in row else {},
        one={k: v.str() for k, v in row["one"].entries().items()} if "one" in row else {},
        many={k: v.str() for k, v in row["many"].entries().items()} if "many" in row else {},
    )
