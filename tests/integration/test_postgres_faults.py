"""What happens to PostgreSQL happens to no message: it ends at once and comes back, and its disk is full.

On a server of the test's own, which it may break; benchmarks/faults does the same under load, and cuts the network.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from benchmarks.faults.cluster import cluster
from tests.integration.place import Place, until
from tests.integration.providers import ACCOUNT
from tests.integration.test_faults import posts

pytestmark = pytest.mark.skipif(
    not os.environ.get("CI") and (os.geteuid() != 0 or not any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))),
    reason="needs PostgreSQL, and root to run it as its own user",
)
STORED = "SELECT count(*), count(DISTINCT provider_id) FROM records_inboxmessage"
DONE = "SELECT count(*) FROM records_inboxmessage WHERE status = 'done'"
MOST_TURNS = (
    "SELECT max(turns) FROM (SELECT count(*) AS turns FROM records_outboxmessage GROUP BY inbox_id, key) AS counted"
)


@pytest.fixture
def folder():
    with tempfile.TemporaryDirectory(prefix="lantern-pg-") as name:
        yield Path(name)


@contextlib.contextmanager
def place_on(server, folder, monkeypatch, *processes):
    """The processes of a line on this server, with a dialogue that cannot be used: rules and a person are enough."""
    from lantern.model_store import model_path

    monkeypatch.setenv("DATABASE_URL", server.url)
    place = Place(
        folder / "place",
        LANTERN_TWILIO_ACCOUNT_SID=ACCOUNT,
        LANTERN_TWILIO_AUTH_TOKEN="t",
        LANTERN_TWILIO_FROM="+15005550006",
    )
    place.environ["LANTERN_PUBLIC_URL"] = place.url
    archive = model_path(place.data)
    archive.parent.mkdir(exist_ok=True)
    archive.touch()
    try:
        place.migrate()
        for name in processes:
            place.start(name)
        until(lambda: place.status_of("/livez") == 200, 120, "the web process")
        yield place
    finally:
        place.close()


def taken(place, number):
    """Post it as Twilio does, again until it is taken."""
    until(lambda: posts(place, number) == 200, 60, f"message {number}", every_s=0.2)


def test_postgresql_ends_at_once_and_comes_back(folder, monkeypatch):
    with cluster(folder / "pg", network=False) as server, place_on(server, folder, monkeypatch, "web", "bot") as place:
        for number in range(5):
            taken(place, number)
        until(lambda: place.rows(DONE) == [(5,)], 120, "five turns")

        server.stop("immediate")
        away = [posts(place, number) for number in range(5, 9)]
        ready = place.status_of("/readyz")
        server.start()
        for number in range(3, 12):  # those that were put off, and two that were taken before
            taken(place, number)

        until(lambda: place.rows(DONE) == [(12,)], 60, "twelve turns")
        assert (set(away), ready) == ({503}, 503)
        assert place.rows(STORED) == [(12, 12)]
        assert place.rows(MOST_TURNS) == [(1,)]
        assert all(process.poll() is None for process in place.running.values()), "nothing was started again"


@pytest.mark.long
def test_on_a_full_disk_of_postgresql_nothing_is_taken_that_is_not_kept(folder, monkeypatch):
    disk = folder / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400m", "full", str(disk)], check=True)
    try:
        with cluster(disk / "pg", network=False) as server, place_on(server, folder, monkeypatch, "web") as place:
            before = [posts(place, number) for number in range(5)]

            (disk / "filler").write_bytes(bytes(shutil.disk_usage(disk).free - 4096))
            full = [posts(place, number) for number in range(5, 605)]
            (disk / "filler").unlink()
            with contextlib.suppress(subprocess.CalledProcessError):
                server.start()  # it may have ended itself
            for number in range(605):
                taken(place, number)

            assert set(before) == {200}
            assert 503 in full
            assert place.rows(STORED) == [(605, 605)]
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=False)
