"""Tables: those that this program needs, against those that are there.

One can be lost while the line runs: to a damaged file, or to somebody who writes into the database past the program.
Asked at each look at the health page, so it costs one statement.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from django.apps.registry import Apps
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Model

from records.models import AuditLink, Contact, Conversation, DayKey, InboxMessage, KeptSecret, ProviderTrace

_STORING: tuple[type[Model], ...] = (Contact, Conversation, DayKey, InboxMessage, ProviderTrace)
_PROVING: tuple[type[Model], ...] = (AuditLink, KeptSecret)
_LIST = MigrationRecorder.Migration._meta.db_table
_MOST_TOLD = 6


def lost(of: Apps | None = None) -> tuple[str, ...]:
    """The tables that are missing from the database; none where there is no line yet.

    `of` are the models as migrations know them, for a database that is not of this version; else those of the program.
    """
    needed = _of_the_program() if of is None else frozenset((*_names(of.get_models(include_auto_created=True)), _LIST))
    there = needed.intersection(connection.introspection.table_names())
    if there <= {_LIST} and not MigrationRecorder(connection).applied_migrations():
        return ()
    return tuple(sorted(needed - there))


def told(tables: Sequence[str]) -> str:
    """What is missing, as the beginning of a sentence."""
    more = len(tables) - _MOST_TOLD
    listed = ", ".join(tables if more <= 0 else [*tables[:_MOST_TOLD], f"and {more} more"])
    return f"missing from the database: {listed}"


def what_to_do(tables: Sequence[str]) -> str:
    """The whole sentence for an operator."""
    return (
        f"{told(tables)}; they were taken away past the program, or the disk is failing. Copy the data folder, then put"
        " a backup back: `./run restore --replace` (docs/how-to/incidents.md)"
    )


def needed_to_store(tables: Sequence[str]) -> bool:
    """True when without one of these no message can be stored."""
    return not _names(_STORING).isdisjoint(tables)


def needed_to_answer(tables: Sequence[str]) -> bool:
    """True when without one of these somebody may wait in vain for the bot or a person; the rest proves the audit."""
    return not _names(_PROVING).issuperset(tables)


@cache
def _of_the_program() -> frozenset[str]:
    return frozenset((*connection.introspection.django_table_names(include_views=False), _LIST))


def _names(models: Iterable[type[Model]]) -> frozenset[str]:
    return frozenset(model._meta.db_table for model in models)
