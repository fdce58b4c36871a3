"""Second look: what in a reply is worth one question before it goes. It asks; it never forbids.

Words that the line never says to anybody (the lists that the catalogues are checked by), and addresses
of listed services: whoever holds the phone would know where people are hidden.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.db.models import Count, Max
from django.utils.translation import gettext as _

from content.catalogue import SOURCE
from content.check.forbidden import forbidden
from records.models import Service

_SHORTEST = 6  # letters of an address worth looking for: "5" or "Main" stands in any sentence


@dataclass(frozen=True, slots=True)
class Concern:
    """One thing to look at again."""

    words: str = field(repr=False)
    why: str
    instead: str = ""


def concerns(text: str, language: str) -> tuple[Concern, ...]:
    """What to ask about, in the contact's language and in the source language, which staff often write."""
    found = [
        Concern(words, row.why, row.instead)
        for listed in (forbidden(code) for code in dict.fromkeys((language, SOURCE)))
        if listed is not None
        for row, words in listed.find(text)
    ]
    plain = _plain(text)
    found += [
        Concern(address, _("the address of a listed service: whoever holds the phone would know it"))
        for address, folded in _addresses_now()
        if folded in plain
    ]
    return tuple(dict.fromkeys(found))


def _addresses_now() -> tuple[tuple[str, str], ...]:
    newest = Service.objects.aggregate(Count("pk"), Max("changed_at"))
    return _addresses((newest["pk__count"], newest["changed_at__max"]))


@lru_cache(maxsize=1)
def _addresses(_state: tuple[Any, Any]) -> tuple[tuple[str, str], ...]:
    """Every street address in the directory, read anew when the directory changed."""
    found: dict[str, str] = {}
    for document in Service.objects.values_list("document", flat=True):
        for address in _streets(document):
            folded = _plain(address)
            if len(folded) >= _SHORTEST:
                found[address] = folded
    return tuple(found.items())


def _streets(value: Any) -> Iterable[str]:
    """Streets of an HSDS document, wherever its locations stand."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if name in ("address_1", "address_2") and isinstance(inner, str):
                yield inner
            else:
                yield from _streets(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _streets(inner)


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", " ", unicodedata.normalize("NFKC", text).casefold()).strip()
