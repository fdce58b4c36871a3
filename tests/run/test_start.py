"""Before anything begins: each thing that is wrong is one sentence and exit code 2."""

from __future__ import annotations

import base64
import fcntl
import re
import shutil
import stat
import sys
from datetime import timedelta

import pytest

from content.safety import FOLDER
from lantern import start
from lantern.config import Settings
from lantern.management.commands.up import Command
from lantern.supervisor import Program, Supervisor
from records.messages.intake import day_key_of
from tests.records.conftest import START


def settings(data, **fields):
    return Settings(data=data, **fields)


def test_a_port_in_use_is_a_sentence_that_names_the_way_out(command, taken_port):
    done = command("up", f"--port={taken_port}")

    assert done.returncode == 2
    assert done.stderr == (
        f"Port {taken_port} is in use by another program; choose another, for example --port {taken_port + 1}.\n"
    )


def test_the_web_process_says_the_same(command, taken_port):
    done = command("web", f"--port={taken_port}")

    assert done.returncode == 2
    assert f"Port {taken_port} is in use" in done.stderr


def test_a_second_start_with_the_same_data_folder_is_refused(command, free_port, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    with (folder / "up.lock").open("w") as file:
        file.write("4711")
        file.flush()
        fcntl.flock(file, fcntl.LOCK_EX)

        done = command("up", f"--port={free_port}")

    assert done.returncode == 2
    assert done.stderr.startswith("Lantern is already running (process 4711) with the data folder")


def test_a_demo_with_a_public_address_is_refused(command):
    done = command("up", LANTERN_PUBLIC_URL="https://line.example.org")

    assert done.returncode == 2
    assert done.stderr.startswith("LANTERN_PUBLIC_URL: set, but no channel is.")


def test_the_data_folder_is_for_its_owner_only(tmp_path):
    data = start.make_data_folder(settings(tmp_path / "data"))

    assert stat.S_IMODE(data.stat().st_mode) == 0o700


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(start.CannotStartError, match="cannot use the folder"):
        start.make_data_folder(settings(tmp_path / "file" / "data"))


@pytest.mark.parametrize(("first", "second"), [({}, {"telegram_token": "1:A"}), ({"telegram_token": "1:A"}, {})])
def test_a_demo_and_a_real_line_never_share_a_folder(tmp_path, first, second):
    start.make_data_folder(settings(tmp_path, **first))

    with pytest.raises(start.CannotStartError, match="choose another with --data"):
        start.make_data_folder(settings(tmp_path, **second))


def test_a_real_line_refuses_passwords_that_everybody_knows(db, tmp_path):
    from desk.demo import ACCOUNTS, ensure_demo_accounts

    ensure_demo_accounts()

    with pytest.raises(start.CannotStartError, match=ACCOUNTS[0].username):
        start.refuse_known_passwords(settings(tmp_path, telegram_token="1:A"))


def test_the_lock_is_free_again_when_its_holder_is_gone(tmp_path):
    with start.hold(tmp_path):
        pass

    with start.hold(tmp_path), pytest.raises(start.CannotStartError), start.hold(tmp_path):
        pass


def test_without_tables_no_process_serves_and_each_says_what_to_do(command, free_port):
    for name in ("web", "bot", "delivery", "clock"):
        done = command(name, f"--port={free_port}")

        assert (done.returncode, done.stderr) == (
            2,
            "The tables are missing from the database: `./run upgrade` makes them.\n",
        ), name


def test_a_talk_at_the_terminal_is_not_kept_in_the_folder_of_a_real_line(command, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "kind").write_text("line", encoding="ascii")

    done = command("talk", "--keep", "--jsonl")

    assert done.returncode == 2
    assert "belongs to a real line, which no demo may touch" in done.stderr
    assert not list(folder.glob("*.sqlite3*"))


def test_with_another_master_key_nothing_starts_and_the_way_out_is_named(command, kept, free_port):
    other = base64.b64encode(b"\x07" * 32).decode()
    for name in ("up", "web", "bot", "delivery", "clock"):
        done = command(name, f"--port={free_port}", LANTERN_MASTER_KEY=other)

        assert done.returncode == 2, (name, done.stderr)
        assert done.stderr.endswith(f"{start.WRONG_KEY}.\n"), name


def test_a_line_that_worked_a_day_under_a_wrong_key_is_not_taken_for_whole(db, settings):
    day_key_of(START)
    right, settings.LANTERN_MASTER_KEY = settings.LANTERN_MASTER_KEY, b"\x07" * 32
    day_key_of(START + timedelta(days=1))

    for one in (settings.LANTERN_MASTER_KEY, right):
        settings.LANTERN_MASTER_KEY = one
        with pytest.raises(start.CannotStartError, match="LANTERN_MASTER_KEY_OTHER"):
            start.judge_key()

    settings.LANTERN_MASTER_KEY, settings.LANTERN_OTHER_MASTER_KEYS = right, [b"\x07" * 32]
    start.judge_key()


def test_a_slip_in_a_rule_is_told_by_file_and_line_and_the_runner_does_not_start(python, kept, tmp_path):
    name = "medical_emergency.en.yml"
    shutil.copytree(FOLDER, tmp_path / "safety")
    with (tmp_path / "safety" / name).open("a", encoding="utf-8") as file:
        line = len((FOLDER / name).read_text(encoding="utf-8").splitlines()) + 1
        file.write("\t- id: a tab\n")

    done = python(
        "import sys; from pathlib import Path; import content.safety;"
        f"content.safety.FOLDER = Path({str(tmp_path / 'safety')!r});"
        "import runpy; sys.argv = ['./run', 'bot']; runpy.run_module('lantern', run_name='__main__')"
    )

    first, last = done.stderr.splitlines()
    assert done.returncode == start.REFUSED
    assert re.match(rf"{name}:{line} not YAML: .+; check quotes and indents", first)
    assert last.endswith("`./run check` says in order.")


def test_the_start_ends_when_a_process_refuses_and_its_sentence_is_shown(free_port):
    said = []
    up = Command()
    up._line = Settings(port=free_port)
    up._say, up._supervisor = said.append, Supervisor(said.append)
    refuses = "print('x.yml:3 found a tab'); raise SystemExit(2)"
    up._supervisor.start(Program(name="runner", command=(sys.executable, "-c", refuses)))

    with pytest.raises(start.CannotStartError, match="runner cannot start; the lines above say why"):
        up._wait_until_healthy()

    assert "runner   | x.yml:3 found a tab" in said
    up._supervisor.end()


def test_a_damaged_key_file_does_not_lead_to_a_new_key_over_it(command, tmp_path):
    damaged = base64.b64encode(b"\x07" * 32).decode()[:-5]
    (tmp_path / "master-key").write_text(damaged)

    done = command("web", LANTERN_MASTER_KEY_FILE=str(tmp_path / "master-key"))

    assert done.returncode == 2
    assert "if this line has ever run, type its key again from the paper" in done.stderr
    assert "only for a new line make one" in done.stderr
    assert damaged not in done.stderr
