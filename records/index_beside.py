"""An index that is built while the line goes on: on PostgreSQL without the lock that would keep webhooks waiting.

For migrations, which then say `atomic = False`: PostgreSQL builds it in no transaction. SQLite has one writer,
whatever it is told; there the index is made at once, in about a second for a million rows.
"""

from __future__ import annotations

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import AddIndex
from django.db.migrations.state import ProjectState


class AddIndexBeside(AddIndex):
    """Add an index beside a running line; begun and broken off before, it is begun again."""

    atomic = False

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Build it. What an attempt before has left under its name, perhaps half built, goes first."""
        model = to_state.apps.get_model(app_label, self.model_name)
        if not self.allow_migrate_model(schema_editor.connection.alias, model):
            return
        beside: dict[str, Any] = {}
        if schema_editor.connection.vendor == "postgresql":
            if schema_editor.connection.in_atomic_block:
                raise RuntimeError(f"{self.index.name}: its migration must say `atomic = False`")
            beside = {"concurrently": True}
        words = "DROP INDEX CONCURRENTLY IF EXISTS" if beside else "DROP INDEX IF EXISTS"
        # The name is ours, from the migration.
        schema_editor.execute(f"{words} {schema_editor.quote_name(self.index.name)}")  # nosemgrep: no-text-into-sql
        schema_editor.add_index(model, self.index, **beside)

    def describe(self) -> str:
        """What it does, for the list of what an upgrade brings."""
        return f"{super().describe()}, beside the running line"
