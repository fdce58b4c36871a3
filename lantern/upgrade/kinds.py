"""Which changes of tables a program of the version before can live with, while it still runs.

It names its columns when it reads and writes, so what is added does no harm if it may stay empty. What is
taken away, renamed, narrowed or demanded does, and so does a plain index on a table in use: nobody can write
there until it is built (`records.index_beside` builds one that lets them). A migration that runs code of its own
says itself that it is harmless: `beside_old_code = True`.
"""

from __future__ import annotations

from typing import Any

from django.db.migrations import Migration, operations
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import Field, GeneratedField
from django.db.models.fields import NOT_PROVIDED

from records.index_beside import AddIndexBeside

_HARMLESS = (
    operations.CreateModel,
    AddIndexBeside,
    operations.RemoveIndex,
    operations.RenameIndex,
    operations.RemoveConstraint,
    operations.AlterModelOptions,
    operations.AlterModelManagers,
    operations.AlterModelTableComment,
)


def objections(migration: Migration, state: ProjectState) -> list[str]:
    """What of a migration the running program cannot live with; `state` is what was before it."""
    if getattr(migration, "beside_old_code", False):
        return []
    found, in_use = [], set(state.models)
    state = state.clone()
    for operation in migration.operations:
        if (
            not isinstance(operation, operations.AddIndex)
            or (migration.app_label, operation.model_name_lower) in in_use
        ):
            found += [f"{migration}: {said}" for said in _judge(operation, migration.app_label, state)]
        operation.state_forwards(migration.app_label, state)
    return found


def _judge(operation: Operation, app: str, state: ProjectState) -> list[str]:
    if isinstance(operation, _HARMLESS):
        return []
    if isinstance(operation, operations.SeparateDatabaseAndState):
        return [said for one in operation.database_operations for said in _judge(one, app, state)]
    if isinstance(operation, operations.AddField) and _may_stay_out(operation.field):
        return []
    if isinstance(operation, operations.AlterField):
        before = state.models[app, operation.model_name_lower].fields[operation.name]
        if _only_wider(before, operation.field):
            return []
    return [operation.describe()]


def _may_stay_out(field: Field[Any, Any]) -> bool:
    """True for a column that an INSERT need not name."""
    has_default = getattr(field, "db_default", NOT_PROVIDED) is not NOT_PROVIDED
    return bool(field.null or field.many_to_many or has_default or isinstance(field, GeneratedField))


def _only_wider(before: Field[Any, Any], after: Field[Any, Any]) -> bool:
    """True when every value that could be kept before can be kept after, in the same kind of column."""
    was, becomes = _in_database(before), _in_database(after)
    null, longest = was[1].pop("null", False), was[1].pop("max_length", None)
    null_after, longest_after = becomes[1].pop("null", False), becomes[1].pop("max_length", None)
    longer = longest == longest_after or (longest is not None and (longest_after is None or longest_after >= longest))
    return was == becomes and longer and bool(null_after or not null)


def _in_database(field: Field[Any, Any]) -> tuple[str, dict[str, Any]]:
    _, path, _, words = field.deconstruct()
    return path, {name: value for name, value in words.items() if name not in (*field.non_db_attrs, "default")}
