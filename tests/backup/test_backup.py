"""A backup is made while the line runs, is tried, and is unreadable once its key is destroyed."""

from __future__ import annotations

import shutil
import threading
from datetime import timedelta

import pytest
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

    with pytest.raises(BackupError, match="is gone, so nobody can read"):
        restore.restore(place, copy, LINE, line.now, replace=True, discard=False)
    assert Conversation.objects.count() == 1  # what is there was not touched
    assert [one.readable for one in every(place)] == [False]
    with pytest.raises(BackupError, match="no backup"):
        find(place, "")


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
