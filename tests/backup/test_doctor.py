"""What an operator would miss on the day a disk breaks is told before."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lantern.backup import make
from lantern.backup.places import told_size
from lantern.config import Secret, Settings, SettingsError
from lantern.doctor import storage
from lantern.doctor.storage import StorageCheck


@pytest.fixture
def line_settings(place):
    for folder in (place.data, place.keys, place.backups):
        folder.chmod(0o700)
    return Settings(data=place.data, backups=place.backups, backup_keys=place.keys, telegram_token=Secret("1:x"))


def wrong(settings):
    return " ".join(one.sentence for one in StorageCheck(settings).judge() if one.wrong)


def test_a_line_without_a_young_backup_in_another_place_is_told(line, place, line_settings, monkeypatch):
    monkeypatch.setattr(storage, "wall_clock", lambda: line.now)
    assert "lie in the data folder" in wrong(replace(line_settings, backups=None, backup_keys=None))
    assert "there is no backup" in wrong(line_settings)
    assert "is on the disk of the data folder" in wrong(line_settings)  # as all folders of a test are

    made = make.make(place, "line", line.now)
    assert "newest backup" not in wrong(line_settings)
    line.waits(hours=51)
    assert "newest backup" in wrong(line_settings)
    (place.keys / f"{made.backup_id}.key").rename(place.data / "elsewhere")
    assert "for 1 backup in" in wrong(line_settings)


def test_a_demo_needs_no_backup_and_a_folder_open_to_others_is_shut(place, line_settings):
    demo = replace(line_settings, telegram_token=None)
    assert wrong(demo) == ""
    place.data.chmod(0o755)

    [finding] = [one for one in StorageCheck(demo).judge() if one.wrong]
    finding.mend()

    assert place.data.stat().st_mode & 0o777 == 0o700
    assert wrong(demo) == ""


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"LANTERN_BACKUPS": "/b"}, "LANTERN_BACKUP_KEYS: missing"),
        ({"LANTERN_BACKUP_KEYS": "/b"}, "LANTERN_BACKUPS: missing"),
        ({"LANTERN_BACKUPS": "/b", "LANTERN_BACKUP_KEYS": "/b/keys"}, "lie in each other"),
        ({"LANTERN_BACKUP_DAYS": "15"}, "from 1 to 14"),
    ],
)
def test_keys_beside_their_backups_and_backups_kept_too_long_are_refused(environ, told):
    with pytest.raises(SettingsError, match=told):
        Settings.from_env(environ)


def test_sizes_are_told_in_the_unit_that_fits():
    sizes = (0, 999, 1000, 1_500_000, 2_000_000_000)

    assert [told_size(count) for count in sizes] == ["0 bytes", "999 bytes", "1 KB", "1.5 MB", "2.0 GB"]
