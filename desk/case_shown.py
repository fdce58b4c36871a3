"""A field of HTCDS as staff read it: countries, languages and values of picklists in words of the reader's language."""

from __future__ import annotations

from typing import Any

from content import htcds
from content.languages import recognised
from desk import labels
from desk.case_words import value_word


def shown(name: str, value: Any) -> str:
    """The value in words."""
    field = htcds.fields().get(name)
    kind = field.kind if field else "text"
    items = value if isinstance(value, list) else [value]
    if kind in ("country", "countries"):
        territories = labels.locale().territories
        return ", ".join(str(territories.get(item, item)) for item in items)
    if kind == "language":
        names = {htcds.language_code(code): labels.language_name(code) for code in recognised()}
        return ", ".join(str(names.get(item, item)) for item in items)
    return ", ".join(value_word(str(item)) if kind in ("one", "many") else str(item) for item in items)
