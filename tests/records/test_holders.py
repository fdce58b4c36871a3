"""Holders: no two processes have one name, and what a dead one held is given back by the next of its folder only."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot import holders
from bot.holders import take_name
from records.messages.providers import lead
from tests.records.conftest import START


@pytest.fixture
def take(tmp_path):
    """Take a name as a process of this data folder does."""
    taken = []

    def of(folder="data", work="clock"):
        taken.append(take_name(tmp_path / folder, work))
        return taken[-1]

    yield of
    for held in taken:
        held.let_go()


def test_of_two_clocks_of_one_host_name_one_leads_and_the_other_after_the_lease(db, take):
    first, second = take("data"), take("another-data")

    assert lead("clock", first.name, START, 30)
    assert not lead("clock", second.name, START + timedelta(seconds=5), 30)
    assert lead("clock", second.name, START + timedelta(seconds=31), 30)
    assert not lead("clock", first.name, START + timedelta(seconds=36), 30)


def test_a_second_process_of_the_same_folder_has_a_name_of_its_own_and_inherits_nothing(db, take):
    first, second = take(), take()

    assert (second.before, second.handle) == ("", None)
    assert first.name != second.name


def test_what_a_dead_process_held_is_free_when_the_next_of_its_folder_starts(line, take, tmp_path):
    dead = take_name(tmp_path / "data", "runner")
    line.receives("hello")
    assert line.claims(holder=f"{dead.name}-0")
    assert lead("runner", f"{dead.name}-0", line.now, 30)
    dead.let_go()

    again = take("data", "runner")
    again.inherit(lanes=1)

    assert again.name != dead.name
    assert line.claims(holder=f"{again.name}-0")
    assert lead("runner", f"{again.name}-0", line.now, 30)


def test_a_cloned_machine_takes_nothing_from_the_one_it_is_a_copy_of(line, take, tmp_path, monkeypatch):
    alive = take("data", "delivery")
    line.receives("hello")
    assert line.claims(holder=alive.name)
    (tmp_path / "clone").mkdir()
    (tmp_path / "clone" / "delivery.lock").write_bytes((tmp_path / "data" / "delivery.lock").read_bytes())
    (tmp_path / "boot").write_text("of another machine\n")
    monkeypatch.setattr(holders, "_BOOT", tmp_path / "boot")

    take("clone", "delivery").inherit()

    assert line.claims(holder="clone") is None
