"""A database of any age becomes one of today, with all that is in it, and never without a backup."""

from __future__ import annotations

import uuid
import zlib

import pytest
from django.db import connection, migrations, models
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ModelState, ProjectState
from django.utils import timezone

from lantern.backup import make, restore
from lantern.upgrade import steps
from lantern.upgrade.kinds import objections
from records.index_beside import AddIndexBeside
from records.models import Contact, Conversation, InboxMessage, Staff
from records.sealing import keys
from records.sealing.seal import place as place_of
from records.sealing.seal import seal_json

FIRST = ("records", "0001_tables")
SENTENCE = "the blue heron waits"


def a_line_of_the_first_version():
    """Tables of the first migration, and a person who wrote."""
    executor = MigrationExecutor(connection)
    executor.migrate([FIRST])
    old, now = executor.loader.project_state([FIRST]).apps, timezone.now()
    day, data_key, contact, talk, message = keys.new_key(), keys.new_key(), uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    day_row = old.get_model("records", "DayKey").objects.create(
        date=now.date(), wrapped=keys.wrap_day_key(day, now.date()), created_at=now
    )
    contact_row = old.get_model("records", "Contact").objects.create(
        uid=contact, channel="sms", address_hash=keys.lookup_hash("sms", "+1"),
        address=keys.seal_address("+1", contact), created_at=now,
    )  # fmt: skip
    conversation = old.get_model("records", "Conversation").objects.create(
        uid=talk, contact=contact_row, wrapped_key=keys.wrap_data_key(day, data_key, talk), day_key=day_row,
        lane_hash=zlib.crc32(talk.bytes), started_at=now, last_in_at=now, owner="queue", level="urgent",
    )  # fmt: skip
    said = {"text": SENTENCE, "button": None, "media": [], "hint_language": None}
    old.get_model("records", "InboxMessage").objects.create(
        uid=message, conversation=conversation, channel="sms", provider_id="SM1", kind="text", received_at=now,
        payload=seal_json(data_key, said, place_of("inbox", "payload", message)),
    )  # fmt: skip
    old.get_model("records", "Staff").objects.create(username="mara", password="x", role="worker")


def what_was_written():
    return [row.open_payload(row.conversation.open_key())["text"] for row in InboxMessage.objects.all()]


def test_a_line_of_the_first_version_becomes_one_of_today_and_so_does_its_backup(empty_database, place):
    a_line_of_the_first_version()
    found = steps.plan()
    assert any("0008_providers" in one and "flood" in one for one in found.objections)  # honest about the past
    said = []

    backup_id = steps.bring_up(place, "line", timezone.now(), said.append)

    assert steps.plan().pending == ()
    assert what_was_written() == [SENTENCE]
    assert Contact.objects.get().open_address() == "+1"
    assert Staff.objects.get().session_mark == ""
    assert said == [f"Backup made and tried: {backup_id}."]
    Conversation.objects.update(level=None)
    restore.restore(place, make.find(place, backup_id), "line", timezone.now(), replace=True, discard=True)
    assert steps.plan().pending == ()
    assert what_was_written() == [SENTENCE]
    assert Conversation.objects.get().level == "urgent"


def test_beside_a_running_line_what_it_cannot_live_with_is_refused(transactional_db, place, monkeypatch):
    done = []
    monkeypatch.setattr(steps, "plan", lambda: steps.Plan(fresh=False, pending=("records.x",), objections=("x goes",)))
    monkeypatch.setattr(steps, "_migrate", lambda: done.append("migrated"))
    monkeypatch.setattr(steps, "make", lambda *_: make.Backup)
    monkeypatch.setattr("lantern.backup.sqlite.SQLite.in_use", lambda _: True)
    monkeypatch.setattr("lantern.backup.postgresql.PostgreSQL.in_use", lambda _: True)

    with pytest.raises(steps.CannotUpgradeError, match=r"(?s)x goes.*Stop the line"):
        steps.bring_up(place, "line", timezone.now(), lambda _: None)

    assert done == []


STATE = ProjectState()
STATE.add_model(
    ModelState("records", "thing", [
        ("id", models.BigAutoField(primary_key=True)),
        ("name", models.CharField(max_length=8)),
        ("note", models.CharField(max_length=8, null=True)),
    ])
)  # fmt: skip


@pytest.mark.parametrize(
    ("operation", "harmless"),
    [
        (migrations.CreateModel("other", [("id", models.BigAutoField(primary_key=True))]), True),
        (migrations.AddField("thing", "more", models.IntegerField(null=True)), True),
        (migrations.AddField("thing", "more", models.IntegerField(db_default=0, default=0)), True),
        (migrations.AddField("thing", "more", models.IntegerField(default=0)), False),  # Django takes it away again
        (migrations.AlterField("thing", "name", models.CharField(max_length=9, choices=[("a", "A")])), True),
        (migrations.AlterField("thing", "name", models.CharField(max_length=8, null=True)), True),
        (migrations.AlterField("thing", "name", models.CharField(max_length=7)), False),
        (migrations.AlterField("thing", "name", models.CharField(max_length=8, unique=True)), False),
        (migrations.AlterField("thing", "note", models.CharField(max_length=8)), False),
        (migrations.AlterField("thing", "name", models.TextField()), False),
        (migrations.RemoveField("thing", "name"), False),
        (migrations.RenameField("thing", "name", "title"), False),
        (migrations.DeleteModel("thing"), False),
        (migrations.RunPython(migrations.RunPython.noop), False),
        (migrations.RunSQL("SELECT 1"), False),
        (migrations.AddIndex("thing", models.Index(fields=["name"], name="by_name")), False),
        (AddIndexBeside("thing", models.Index(fields=["name"], name="by_name")), True),
    ],
)
def test_what_a_running_program_can_live_with(operation, harmless):
    migration = migrations.Migration("9999_x", "records")
    migration.operations = [operation]

    assert (objections(migration, STATE) == []) is harmless


def test_code_of_its_own_may_say_that_it_is_harmless():
    migration = migrations.Migration("9999_x", "records")
    migration.operations, migration.beside_old_code = [migrations.RunSQL("SELECT 1")], True

    assert objections(migration, STATE) == []


def test_an_index_on_a_table_of_its_own_migration_keeps_nobody_waiting():
    migration = migrations.Migration("9999_x", "records")
    migration.operations = [
        migrations.CreateModel("other", [("id", models.BigAutoField(primary_key=True)), ("at", models.DateField())]),
        migrations.AddIndex("other", models.Index(fields=["at"], name="other_by_time")),
    ]

    assert objections(migration, STATE) == []


# Before 0012 an upgrade asks for a short stop anyway.
BUILT_PLAINLY = {"0002_indexes_for_runners", "0004_notes_once_and_last_closed", "0007_keys_of_readers_and_audit_chain"}


def test_no_migration_builds_an_index_that_keeps_a_running_line_waiting():
    graph, state, plain = MigrationLoader(None).graph, ProjectState(), set()
    for app, name in graph.forwards_plan(graph.leaf_nodes("records")[0]):
        migration = graph.nodes[app, name]
        added = [one for one in migration.operations if isinstance(one, migrations.AddIndex)]
        in_use = [one for one in added if (app, one.model_name_lower) in state.models]
        if any(not isinstance(one, AddIndexBeside) for one in in_use):
            plain.add(name)
        if any(isinstance(one, AddIndexBeside) for one in added):
            assert not migration.atomic, name
        state = migration.mutate_state(state)

    assert plain == BUILT_PLAINLY


def index_of(columns):
    return AddIndexBeside("contact", models.Index(fields=columns, name="contact_of_a_test"))


def build(operation, **editing):
    state = MigrationLoader(connection).project_state()
    with connection.schema_editor(atomic=False, **editing) as editor:
        operation.database_forwards("records", editor, state, state)
    return editor


def indexed():
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, Contact._meta.db_table)
    return found.get("contact_of_a_test", {}).get("columns")


def test_on_postgresql_an_index_is_built_while_others_write(transactional_db):
    editor = build(index_of(["created_at"]), collect_sql=True)

    concurrently = connection.vendor == "postgresql"
    assert all(("CONCURRENTLY" in line) is concurrently for line in editor.collected_sql if "INDEX" in line)
    assert sum("CREATE INDEX" in line for line in editor.collected_sql) == 1


def test_an_index_whose_building_broke_off_is_built_again(transactional_db):
    build(index_of(["channel"]))
    try:
        build(index_of(["created_at"]))

        assert indexed() == ["created_at"]
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP INDEX contact_of_a_test")
