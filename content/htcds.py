"""HTCDS: the fields and picklists of the Human Trafficking Case Data Standard 2.0, and whether a value fits one.

Promises typed rows of `standards/htcds.yml`. What a case says is no matter of this module.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from content.source import CONTENT, Node, load

FILE = CONTENT / "standards" / "htcds.yml"
VERSION = "2.0"
SECTIONS = ("organization", "person", "victim", "case", "comment", "event", "plan", "consent")
KINDS = ("text", "date", "number", "checkbox", "one", "many", "country", "countries", "language")
REPEATED = ("organization", "comment", "event", "plan", "consent")  # a case can have several


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of the standard."""

    name: str
    section: str
    kind: str
    core: bool = False
    values: tuple[str, ...] = ()


def fields() -> dict[str, Field]:
    """Return the fields by their names."""
    return _read(FILE)[0]


def language_code(code: str) -> str | None:
    """Return the three letters for a language of ours, or None."""
    return _read(FILE)[1].get(code)


def problem(name: str, value: object) -> str | None:
    """Return what is wrong with a value of a field, in words for whoever mends it; None if it fits."""
    field = fields().get(name)
    if field is None:
        return f"{name}: no field of HTCDS {VERSION}"
    wrong = _WRONG[field.kind](field, value)
    return f"{name}: found {_shown(field, value)}; {wrong}" if wrong else None


def _shown(field: Field, value: object) -> str:
    """Return the value where it can only be a mistake of ours; what was written freely stays out of messages."""
    return repr(value) if field.kind in ("one", "many", "country", "countries", "language") else type(value).__name__


def _one(field: Field, value: object) -> str | None:
    return None if value in field.values else f"right is one of {', '.join(field.values)}"


def _many(field: Field, value: object) -> str | None:
    fits = isinstance(value, list) and value and all(item in field.values for item in value)
    return None if fits else f"right is a list of {', '.join(field.values)}"


def _text(_field: Field, value: object) -> str | None:
    return None if isinstance(value, str) and value.strip() else "right is a text that is not empty"


def _number(_field: Field, value: object) -> str | None:
    return None if isinstance(value, int | float) and not isinstance(value, bool) else "right is a number"


def _checkbox(_field: Field, value: object) -> str | None:
    return None if isinstance(value, bool) else "right is true or false"


def _date(_field: Field, value: object) -> str | None:
    try:
        dt.date.fromisoformat(str(value))
    except ValueError:
        return "right is a date such as 2026-11-22"
    return None if re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(value)) else "right is a date such as 2026-11-22"


def _country(_field: Field, value: object) -> str | None:
    return None if isinstance(value, str) and re.fullmatch("[A-Z]{2}", value) else "right are two capital letters"


def _countries(field: Field, value: object) -> str | None:
    fits = isinstance(value, list) and value and all(_country(field, item) is None for item in value)
    return None if fits else "right is a list of countries, two capital letters each"


def _language(_field: Field, value: object) -> str | None:
    return None if value in _read(FILE)[1].values() else "right are three letters of ISO 639-2"


_WRONG: Mapping[str, Callable[[Field, object], str | None]] = {
    "text": _text,
    "date": _date,
    "number": _number,
    "checkbox": _checkbox,
    "one": _one,
    "many": _many,
    "country": _country,
    "countries": _countries,
    "language": _language,
}


@cache
def _read(path: Path) -> tuple[dict[str, Field], dict[str, str]]:
    parts = load(path).mapping(required=("fields", "languages"))
    rows = {name: _field(name, node) for name, node in parts["fields"].entries().items()}
    return rows, {code: node.str() for code, node in parts["languages"].entries().items()}


def _field(name: str, node: Node) -> Field:
    row = node.mapping(required=("section", "kind"), optional=("core", "values"))
    kind = row["kind"].one_of(KINDS)
    if (kind in ("one", "many")) != ("values" in row):
        raise node.error(f"{name} is of kind {kind}", "values stand with one and many, and only there")
    return Field(
        name=name,
        section=row["section"].one_of(SECTIONS),
        kind=kind,
        core=row["core"].bool() if "core" in row else False,
        values=row["values"].strings() if "values" in row else (),
    )
