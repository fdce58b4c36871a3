"""A table that was lost is named, with what to do, wherever an operator looks; and nothing is made in its place."""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import datetime, timezone

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from lantern import start
from lantern.config import Settings
from lantern.doctor import run
from lantern.doctor.calls import CallsCheck
from lantern.doctor.line import LineCheck
from lantern.doctor.people import PeopleCheck
from lantern.doctor.upkeep import UpkeepCheck
from lantern.management.commands.audit import NOT_WHOLE
from lantern.readiness import NEEDED, troubles
from lantern.upgrade import steps
from records import audit, audit_chain, tables
from records.figures.beats import beat
from records.messages.intake import store_inbound
from records.models import KeptSecret

WHAT_TO_DO = "Copy the data folder, then put a backup back: `./run restore --replace` (docs/how-to/incidents.md)"
AT = datetime(2026, 11, 20, 12, tzinfo=timezone.utc)


@contextlib.contextmanager
def without(table):
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME TO taken_away")
        try:
            yield
        finally:
            cursor.execute(f"ALTER TABLE taken_away RENAME TO {table}")


def all_beat():
    for name in NEEDED:
        beat(name, "here", datetime.now(timezone.utc))


def asked(path):
    answer = Client().get(path)
    return answer.status_code, answer.json()["problems"]


def takes_a_message(number=0):
    try:
        with transaction.atomic():
            store_inbound(
                channel="sms",
                provider_id=f"SM{number}",
                address=f"+1202555{number:04}",
                kind="text",
                text="hi",
                received_at=AT,
            )
    except DatabaseError:
        return False
    return True


def test_a_whole_database_misses_nothing(db):
    assert tables.lost() == ()
    assert steps.plan().lost == ()


@pytest.mark.parametrize("table", ["records_conversation", "records_outboxmessage", "records_staff", "django_session"])
def test_a_lost_table_is_named_by_the_health_page_and_the_doctor(db, table):
    all_beat()

    with without(table):
        status, [said] = asked("/healthz")
        doctor = []
        wrong = run((LineCheck(),), fix=False, say=doctor.append)

    assert status == 503
    assert said.startswith(f"missing from the database: {table}; ")
    assert said.endswith(WHAT_TO_DO)
    assert (wrong, doctor) == (1, [f"Line: wrong: {said}"])
    assert asked("/healthz") == (200, [])


def test_what_is_said_of_storing_is_true_of_every_table(db):
    believed, true = {}, {}
    for number, table in enumerate(sorted(tables._of_the_program())):
        with without(table):
            believed[table] = not any(one.storing for one in troubles(AT))
            true[table] = takes_a_message(number)

    assert believed == true
    assert set(true.values()) == {True, False}


@pytest.mark.parametrize("table", ["records_auditlink", "records_keptsecret"])
def test_without_the_chain_of_the_audit_people_are_answered_and_it_is_told(db, table):
    all_beat()

    with without(table):
        status, problems = asked("/healthz")
        linked = audit_chain.link_new()

    assert (status, linked) == (200, 0)
    assert [one.partition(";")[0] for one in problems] == [f"missing from the database: {table}"]


def test_checks_that_cannot_read_say_so_and_do_not_call_it_in_order(db):
    line, said = Settings(telegram_token="1:x"), []
    for check, table in (
        (UpkeepCheck(), "records_providertrace"), (CallsCheck(line), "records_beat"), (PeopleCheck(line), "records_staff"),
    ):  # fmt: skip
        with without(table), transaction.atomic():
            run((check,), fix=False, say=said.append)
            transaction.set_rollback(True)

    assert len(said) == 3
    assert all("note: not judged, for the database cannot be read or is not whole" in one for one in said)


@pytest.fixture
def audited(db, monkeypatch):
    """A line with a key of a day, a contact and two audit rows in a chain."""
    monkeypatch.setattr("lantern.management.commands.audit.open_line", lambda _: None)
    assert takes_a_message()
    audit.record("reply", datetime.now(timezone.utc))
    assert audit_chain.link_new()


def verified(capsys):
    """How `./run audit verify` ends, and what it says."""
    with pytest.raises((SystemExit, start.CannotStartError)) as ended:
        call_command("audit", "verify")
    said = capsys.readouterr().err
    return getattr(ended.value, "code", start.REFUSED), f"{said}{ended.value}"


def test_only_a_missing_table_of_the_audit_says_that_it_does_not_hold(audited, capsys):
    accuses, named = {}, {}
    for table in sorted(tables._of_the_program()):
        with without(table):
            code, said = verified(capsys)
        accuses[table] = (code, "The audit does not hold" in said)
        named[table] = f"missing from the database: {table}; " in said

    assert all(named.values())
    assert {table for table, how in accuses.items() if how == (1, True)} == audit_chain.NEEDED
    assert {how for table, how in accuses.items() if table not in audit_chain.NEEDED} == {(NOT_WHOLE, False)}


def test_a_wrong_master_key_is_said_and_nobody_accused_whatever_table_is_missing(audited, capsys, settings):
    settings.LANTERN_MASTER_KEY = b"\x07" * 32
    found = {}

    for table in sorted(tables._of_the_program()):
        with without(table):
            code, said = verified(capsys)
        found[table] = code, start.WRONG_KEY in said, "does not hold" in said or "damaged" in said

    assert set(found.values()) == {(start.REFUSED, True, False)}, found


def test_a_changed_row_is_told_beside_a_missing_table_of_something_else(audited, capsys):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE records_auditevent SET action = 'x'")

    with without("records_note"):
        code, said = verified(capsys)

    assert code == 1
    assert "missing from the database: records_note; " in said
    assert "The audit does not hold" in said


def test_a_damaged_key_of_the_chain_is_no_wrong_master_key_where_the_keys_of_days_are_missing(audited, capsys):
    KeptSecret.objects.update(sealed=b"\x01" * 60)

    with without("records_daykey"):
        code, said = verified(capsys)

    assert code == 1
    assert "the key of the chain is damaged" in said


def test_many_lost_tables_are_counted():
    assert tables.told([f"t{number}" for number in range(9)]).endswith("t0, t1, t2, t3, t4, t5, and 3 more")


def test_an_upgrade_touches_nothing_where_a_table_is_lost(db):
    MigrationRecorder.Migration.objects.filter(app="records").last().delete()

    with without("records_note"), pytest.raises(steps.CannotUpgradeError, match="missing from the database: records_n"):
        steps.bring_up(None, "line", AT, lambda _: None)


def test_a_lost_list_of_migrations_is_not_taken_for_an_empty_database(db):
    with without("django_migrations"):
        found = steps.plan()
        status, [said] = asked("/healthz")

    assert (found.fresh, found.lost) == (False, ("django_migrations",))
    assert status == 503
    assert said.startswith("missing from the database: django_migrations; ")


def drop(folder, table):
    with contextlib.closing(sqlite3.connect(folder / "lantern.sqlite3")) as base:
        base.execute(f"DROP TABLE {table}")
        base.commit()


@pytest.mark.parametrize("words", [("staff", "list"), ("audit", "verify"), ("doctor",)], ids=" ".join)
def test_every_command_ends_with_the_sentence(command, kept, tmp_path, words):
    drop(tmp_path / "data", "records_conversation")

    done = command(*words)

    said = done.stdout + done.stderr
    assert done.returncode in (1, 2, NOT_WHOLE)
    assert "missing from the database: records_conversation; " in said
    assert WHAT_TO_DO in said
    assert "Traceback" not in said
    assert "broke off" not in said


def test_a_start_is_refused_with_the_sentence(command, kept, tmp_path, free_port):
    drop(tmp_path / "data", "records_outboxmessage")

    done = command("up", LANTERN_PORT=str(free_port))

    assert done.returncode == start.REFUSED
    assert "The database is not whole: missing from the database: records_outboxmessage; " in done.stdout + done.stderr


def test_a_wrong_master_key_is_all_that_verify_says(command, kept):
    done = command("audit", "verify", LANTERN_MASTER_KEY="A" * 43 + "=")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.strip() == f"{start.WRONG_KEY}."
