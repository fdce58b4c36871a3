"""A backup is made while the line runs, is tried, and is unreadable once its key is destroyed."""

from __future__ import annotations

import dataclasses
import shutil
import threading
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection

from lantern.backup import BackupError, make, restore
from lantern.backup.keyring import Keyring
from lantern.backup.make import every, find
from records.models import Conversation
from records.sealing.rotation import rotate
from tests.records.test_sealing import NUMBER, SENTENCE

LINE = "line"


def test_a_backup_made_while_people_write_is_whole_and_tells_nothing(line, place):
    line.receives(SENTENCE, address=NUMBER)
    writing, told = threading.Event(), threading.Event()

    def others_write():
        try:
            number = 0
            while not told.is_set():
                line.receives("more", address=f"+1{number}")
                number += 1
                writing.set()
        finally:
            connection.close()

    writer = threading.Thread(target=others_write)
    writer.start()
    writing.wait(20)
    try:
        made = make.make(place, LINE, line.now)  # it restores it and compares every table
    finally:
        told.set()
        writer.join()

    raw = made.path.read_bytes()
    assert made.verified_at == line.now
    assert not any(mark in raw for mark in (SENTENCE.encode(), NUMBER.encode(), b"SQLite format", b"PGDMP"))
    assert not place.scratch.exists()
    assert made.path.stat().st_mode & 0o777 == 0o600


def test_without_its_key_nobody_can_read_it(line, place, tmp_path):
    line.receives(SENTENCE)
    made = make.make(place, LINE, line.now)
    copy = shutil.copy(made.path, tmp_path / "a-copy.backup")

    assert Keyring(place.keys).destroy(made.backup_id)

    with pytest.raises(BackupError, match="was destroyed: nobody can read this backup any more, in any copy, for good"):
        restore.restore(place, copy, LINE, line.now, replace=True, discard=False)
    assert Conversation.objects.count() == 1  # what is there was not touched
    assert [one.readable for one in every(place)] == [False]


def why_none(place, name=""):
    with pytest.raises(BackupError) as problem:
        find(place, name)
    return str(problem.value)


def test_where_no_backup_can_be_read_it_is_said_whether_there_is_none_or_its_key_is_gone(line, place):
    never = why_none(place)
    one, two = make.make(place, LINE, line.now), make.make(place, LINE, line.now + timedelta(hours=1))
    for path in place.keys.glob("*.key"):
        path.rename(path.with_suffix(".elsewhere"))
    elsewhere = why_none(place)
    for path in place.keys.glob("*.elsewhere"):
        path.rename(path.with_suffix(".key"))
    for made in (one, two):
        Keyring(place.keys).destroy(made.backup_id)
    destroyed = why_none(place)

    assert never == f"There is no backup in {place.backups}; `./run backup` makes one."
    assert f"2 backups lie in {place.backups}, the newest of them {two.backup_id}, but no key of theirs" in elsewhere
    assert "if they are gone, nobody can read these backups any more, for good" in elsewhere
    assert f"The keys of 2 backups were destroyed, the newest of them {two.backup_id}: nobody can read" in destroyed
    assert "There is no" not in destroyed
    assert "LANTERN_BACKUP_KEYS" not in destroyed


@pytest.mark.parametrize("how", ["no name", "its id", "its file"])
def test_a_backup_that_was_destroyed_is_told_as_that_although_its_file_is_gone_too(line, place, how):
    made = make.make(place, LINE, line.now)
    Keyring(place.keys).destroy(made.backup_id)
    made.path.unlink()

    told = why_none(place, {"no name": "", "its id": made.backup_id, "its file": str(made.path)}[how])

    assert f"The key of backup {made.backup_id} was destroyed: nobody can read this backup any more" in told
    ring = Keyring(place.keys)
    ring.forget_destroyed(line.now + timedelta(days=80))
    assert ring.destroyed() == [made.backup_id]
    ring.forget_destroyed(line.now + timedelta(days=100))
    assert ring.destroyed() == []


def test_the_commands_say_that_the_keys_are_destroyed_and_the_backups_gone_for_good(line, place, settings, capsys):
    settings.LANTERN = dataclasses.replace(
        settings.LANTERN, data=place.data, backups=place.backups, backup_keys=place.keys
    )
    made = make.make(place, LINE, line.now)
    call_command("backup", "destroy", made.backup_id)
    capsys.readouterr()

    said = {}
    for words in (["backup", "verify"], ["restore"], ["restore", made.backup_id]):
        with pytest.raises(SystemExit) as ended:
            call_command(*words)
        said[tuple(words)] = ended.value.code, capsys.readouterr().err
    call_command("backup", "list")

    assert all(code == 1 for code, _ in said.values())
    for told in (*(told for _, told in said.values()), capsys.readouterr().err):
        assert f"The key of backup {made.backup_id} was destroyed: nobody can read this backup any more" in told
        assert "for good" in told


def test_keys_are_destroyed_when_their_days_are_over_and_files_go_with_them(line, place):
    old = make.make(place, LINE, line.now)
    line.waits(days=13)
    young = make.make(place, LINE, line.now)
    line.waits(days=1)

    assert Keyring(place.keys).destroy_due(line.now, place.kept_for) == [old.backup_id]
    made = make.make(place, LINE, line.now)

    assert [one.backup_id for one in every(place)] == [young.backup_id, made.backup_id]


def test_a_folder_of_keys_that_is_away_costs_no_backup_that_is_young(line, place):
    made = make.make(place, LINE, line.now)
    (place.keys / f"{made.backup_id}.key").rename(place.data / "elsewhere")

    make.make(place, LINE, line.now + timedelta(hours=1))

    assert made.path.exists()


def test_the_master_key_may_change_and_the_key_of_a_backup_moves_with_it(line, place, settings):
    line.receives(SENTENCE)
    made = make.make(place, LINE, line.now)
    ring, old = Keyring(place.keys), settings.LANTERN_MASTER_KEY
    settings.LANTERN_MASTER_KEY, settings.LANTERN_OTHER_MASTER_KEYS = b"\x07" * 32, [old]
    rotate(lambda *_: None)
    assert ring.rewrap() == 0
    settings.LANTERN_OTHER_MASTER_KEYS = []

    with pytest.raises(BackupError, match="does not open with the master key in use"):
        restore.restore(place, made.path, LINE, line.now, replace=True, discard=True)

    settings.LANTERN_OTHER_MASTER_KEYS = [old]
    restore.restore(place, made.path, LINE, line.now, replace=True, discard=True)
    assert line.inbox()[0].open_payload(line.conversation().open_key())["text"] == SENTENCE


def test_a_backup_that_cannot_be_written_leaves_no_key_and_no_part(line, place, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(make.envelope, "write", full)

    with pytest.raises(BackupError, match="No space left"):
        make.make(place, LINE, line.now)
    assert (list(place.backups.iterdir()), Keyring(place.keys).all()) == ([], [])
