"""Misread: what the heads make of a message that its plain words speak against."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from bot.understanding.findings import Finding

_DELETES = "delete"  # the topic of a plain wish that their messages be deleted
_OF_DELETING = ("suicide_self_harm", "immediate_danger")


def of_deleting(guesses: Iterable[Finding], topics: Collection[str]) -> tuple[Finding, ...]:
    """Return the risks that the heads guess at; "delete everything" is no wish to die and no danger."""
    return tuple(one for one in guesses if _DELETES not in topics or one.id not in _OF_DELETING)
