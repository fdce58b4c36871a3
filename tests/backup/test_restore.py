"""A backup that is put back brings nobody back who asked to be gone."""

from __future__ import annotations

import contextlib
import sqlite3

import psycopg
import pytest
from django.contrib.sessions.models import Session
from django.db import connection, connections
from django.utils import timezone

from lantern.backup import BackupError, make, restore
from lantern.backup.ledger import Ledger
from lantern.config import Settings
from lantern.keeping import Keeping
from lantern.management.commands.restore import told
from records.audit_chain import verify
from records.erasure import retention
from records.messages.outcome import Changes
from records.models import AuditEvent, Contact, Conversation, InboxMessage, Staff
from records.staff import desk
from records.states import Actor, Consent, Level, Owner
from tests.records.test_sealing import SENTENCE

LINE = "line"


def talks(line, address, **changes):
    stored = line.receives(f"{SENTENCE} {address}", address=address)
    line.answers("a line", events=({"text": "x"},), changes=Changes(consent=Consent.YES, **changes))
    line.sends()
    return stored.conversation_id


def test_who_was_erased_after_the_backup_is_gone_before_the_line_answers(line, place, mara):
    line.now = timezone.now()
    gone, kept = talks(line, "+1"), talks(line, "+2")
    open_one = talks(line, "+3", owner=Owner.QUEUE, level=Level.URGENT)
    desk.claim(open_one, mara, line.now)
    Session.objects.create(session_key="of mara", session_data="", expire_date=line.now)
    made = make.make(place, LINE, line.now)
    line.waits(minutes=1)
    retention.erase_conversation(gone, "asked", Actor.CONTACT, line.now)
    Conversation.objects.filter(pk=open_one).update(erase_at=line.now)  # asks to delete while staff still help
    Ledger(place.keys).keep(line.now)  # the clock does it every few seconds
    line.waits(minutes=1)
    talks(line, "+4")

    with pytest.raises(BackupError, match="a line here already, with 3 conversations"):
        restore.restore(place, made.path, LINE, line.now, replace=False, discard=False)
    found = restore.restore(place, made.path, LINE, line.now, replace=True, discard=False)

    assert sorted(Conversation.objects.values_list("pk", flat=True)) == [kept, open_one]
    assert Contact.objects.count() == 2
    assert [row.open_payload(row.conversation.open_key())["text"] for row in InboxMessage.objects.all()] == [
        f"{SENTENCE} +2"
    ]
    assert (found.carried_out.again, found.carried_out.asked) == (1, 1)
    assert (found.conversations, found.held, found.accounts) == (2, 1, ("mara",))
    assert found.saved is not None
    assert found.saved.readable
    assert not Session.objects.exists()
    assert AuditEvent.objects.filter(action="restored").exists()
    assert verify(line.now).problems == ()
    report = told(found, line.now)
    assert "  1 conversation or case erased after the backup was made" in report
    assert SENTENCE not in report
    retention.erase_due(line.now)
    talks(line, "+5")  # the line goes on from there


def test_one_conversation_is_told_of_as_one(line, place):
    talks(line, "+1")
    made = make.make(place, LINE, line.now)

    with pytest.raises(BackupError, match="a line here already, with 1 conversation and"):
        restore.restore(place, made.path, LINE, line.now, replace=False, discard=False)


def test_into_an_empty_place_and_a_lost_database(line, place, monkeypatch):
    talks(line, "+1")
    uid = line.conversation().uid
    made = make.make(place, LINE, line.now)
    retention.erase_conversation(line.conversation().pk, "asked", Actor.CONTACT, line.now)
    Ledger(place.keys).keep(line.now)
    talks(line, "+2")
    for model in (InboxMessage, Conversation, Contact):  # as if the place were new: not even the erasure is known here
        monkeypatch.setattr(restore, "_is_line", lambda: False)
        assert model.objects.exists()

    restore.restore(place, made.path, LINE, line.now, replace=False, discard=False)

    assert not Conversation.objects.filter(uid=uid).exists()
    assert not Contact.objects.exists()


def test_while_the_line_runs_nothing_is_put_in_its_place(line, place):
    made = make.make(place, LINE, line.now)
    with contextlib.ExitStack() as open_for_others:
        if connection.vendor == "sqlite":
            other = sqlite3.connect(connections.settings["default"]["NAME"])
            open_for_others.enter_context(contextlib.closing(other)).execute("SELECT 1 FROM records_contact").fetchall()
        else:
            used = connections.settings["default"]
            where = {"dbname": used["NAME"], "host": used["HOST"], "port": used["PORT"], "user": used["USER"]}
            open_for_others.enter_context(psycopg.connect(**where, password=used["PASSWORD"]))

        with pytest.raises(BackupError, match="The line is running"):
            restore.restore(place, made.path, LINE, line.now, replace=True, discard=True)


def test_a_demo_and_a_line_are_not_mixed_nor_is_a_later_version_taken(line, place):
    made = make.make(place, "demo", line.now)

    with pytest.raises(BackupError, match="backup of a demo"):
        restore.restore(place, made.path, LINE, line.now, replace=True, discard=True)
    with pytest.raises(BackupError, match=r"later version \(records.9999_x\)"):
        restore._fits({"kind": LINE, "migrations": ["records.0001_tables", "records.9999_x"]}, LINE)


def test_the_ledger_holds_ids_and_times_and_survives_a_fall(line, place):
    talks(line, "+1")
    uid = line.conversation().uid
    retention.erase_conversation(line.conversation().pk, "asked", Actor.CONTACT, line.now)
    ledger = Ledger(place.keys)

    assert (ledger.keep(line.now), ledger.keep(line.now)) == (1, 0)
    file = next(place.keys.glob("erasures-*.jsonl"))
    file.write_text(file.read_text()[:-20])  # the machine fell while it was written
    assert Ledger(place.keys).keep(line.now) == 1

    assert [one.uid for one in Ledger(place.keys).entries()] == [uid]
    assert "+1" not in file.read_text()
    ledger.forget_old(line.now.replace(year=line.now.year + 1))
    assert list(Ledger(place.keys).entries()) == []


def test_a_folder_that_is_away_does_not_stop_the_clock(line, tmp_path):
    (tmp_path / "file").write_text("")
    keeping = Keeping(Settings(data=tmp_path, backups=tmp_path / "b", backup_keys=tmp_path / "file" / "keys"))

    keeping.tick(line.now)
    (tmp_path / "file").unlink()
    line.waits(minutes=2)
    Staff.objects.create_user("ana")
    talks(line, "+1")
    retention.erase_conversation(line.conversation().pk, "asked", Actor.CONTACT, line.now)
    keeping.tick(line.now)

    assert len(list(Ledger(tmp_path / "file" / "keys").entries())) == 1
