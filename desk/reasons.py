"""Reasons: why somebody is with a person, in plain words and the gravest first, wherever that is told.

Ids only: no word of a contact is in it, so a card and a list may say it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from content.triage import triage
from desk import labels

SHOWN = 3
_SAID_BY = {"wants_person": "ask_human"}  # who asked for a person wants one: said once
_GRAVE = ("doubt.", "child_with_indicator", "risk.")
One = TypeVar("One")


def why(ids: Sequence[str]) -> str:
    """One line for a card: ids in plain words, the gravest first and at most a few; never the contact's text."""
    told = told_of(ids)
    if not told:
        return _("No reason noted yet")
    more = len(told) - SHOWN
    shown = " · ".join(told[:SHOWN])
    if more <= 0:
        return shown
    return ngettext("%(reasons)s · %(number)d more", "%(reasons)s · %(number)d more", more) % {
        "reasons": shown,
        "number": more,
    }


def told_of(ids: Sequence[str]) -> list[str]:
    """All of them in plain words, each once, the gravest first."""
    named = [one for one in ids if one not in _SAID_BY or _SAID_BY[one] not in ids]
    return list(dict.fromkeys(labels.finding(one) for one in gravest_first(named)))


def gravest_first(some: Iterable[One], *, by: Callable[[One], Any] = str) -> list[One]:
    """In the order of what is graver; what is as grave as it came."""
    return sorted(some, key=lambda one: _gravity(by(one)))


def _gravity(reason: str) -> int:
    """The place of a reason: risks as they are answered, what is only feared, a child, harm that was told, the rest."""
    order = [*(f"risk.{risk}" for risk in triage().urgent_alone), *_GRAVE, *triage().harm]
    return next((place for place, one in enumerate(order) if reason == one or _is_kind(reason, one)), len(order))


def _is_kind(reason: str, one: str) -> bool:
    return one.endswith(".") and reason.startswith(one)
