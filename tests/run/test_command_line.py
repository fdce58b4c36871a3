"""The command line: what is listed exists, what is wrong is a sentence."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import urllib.error

import pytest
from django.core.management import call_command

from lantern.commands import COMMANDS, OUTSIDE, usage
from lantern.config import Settings, SettingsError
from records.models import AuditEvent
from tests.run.conftest import ROOT


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - OUTSIDE))
def test_every_listed_command_has_its_module(name):
    assert (ROOT / "lantern" / "management" / "commands" / f"{name}.py").is_file()


def test_the_help_names_every_command_and_every_setting():
    text = usage()

    told = dict(line.split(maxsplit=1) for line in text.splitlines() if line.startswith("  "))
    assert {name: told.get(name) for name in COMMANDS} == COMMANDS
    assert all(told[item.metadata["env"]] == item.metadata["help"] for item in Settings.__dataclass_fields__.values())


@pytest.mark.parametrize("words", [("erase",), ("keys",), ("keys", "rotate")], ids=" ".join)
def test_the_help_of_a_command_is_called_as_it_is_run_and_says_nothing_of_django(command, words):
    done = command(*words, "--help")

    assert done.stdout.startswith(f"usage: ./run {' '.join(words)} "), done.stderr
    assert "--pythonpath" not in done.stdout


@pytest.mark.parametrize("word", ["tune", "sbom", "supply"])
def test_the_help_of_what_has_an_environment_of_its_own_makes_none(word, tmp_path):
    line = tmp_path / "line"
    for folder in ("lantern", "bot", "content"):
        shutil.copytree(ROOT / folder, line / folder)
    for name in ("run", "requirements.lock"):
        shutil.copy(ROOT / name, line)
    (line / ".venv").symlink_to(ROOT / ".venv")

    done = subprocess.run(["./run", word, "--help"], cwd=line, capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, "./run" in done.stdout + done.stderr) == (0, True), done.stderr
    assert {one.name for one in line.glob(".venv*")} == {".venv"}


def test_an_audit_is_not_whole_where_there_is_no_line(command, tmp_path):
    mistyped = tmp_path / "mistyped"

    done = command("audit", "verify", LANTERN_DATA=str(mistyped))

    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert "there is no line in" in done.stderr
    assert not any((mistyped / name).exists() for name in ("lantern.sqlite3", "kind"))


def test_an_unknown_command_is_a_sentence(command):
    done = command("dance")

    assert done.returncode == 2
    assert done.stderr == "./run dance: no such command; ./run --help lists them\n"


def test_flags_without_a_command_are_those_of_up(command):
    done = command("--lanes", "many")

    assert done.returncode == 2
    assert done.stderr.startswith("usage: ./run up ")
    assert "argument --lanes: invalid int value" in done.stderr


def test_all_problems_of_the_settings_are_told_at_once(command):
    done = command("up", LANTERN_PORT="eighty", LANTERN_MASTER_KEY="abc", DATABASE_URL="mysql://x")

    assert done.returncode == 2
    assert [line.split(":")[0] for line in done.stderr.splitlines()] == [
        "setting LANTERN_PORT", "setting LANTERN_MASTER_KEY", "setting DATABASE_URL",
    ]  # fmt: skip


def test_a_secret_does_not_come_back_in_a_complaint(command):
    done = command("up", LANTERN_TELEGRAM_TOKEN="666:KUMQUAT", DATABASE_URL="mysql://u:KUMQUAT@h/d")

    assert done.returncode == 2
    assert "KUMQUAT" not in done.stderr + done.stdout


@pytest.mark.parametrize("words", [("--port=99999", "web"), ("web", "--port", "99999")])
def test_a_flag_wins_over_its_variable_wherever_it_stands(command, words):
    done = command(*words, LANTERN_PORT="8080")

    assert done.returncode == 2
    assert "99999" in done.stderr


def test_a_fresh_key_needs_no_settings_and_can_be_used(command):
    done = command("keys", "new", LANTERN_TELEGRAM_TOKEN="666:APP")

    assert done.returncode == 0
    made = Settings.from_env({"LANTERN_MASTER_KEY": done.stdout.strip()})
    assert len(made.master_key) == 32


def staff(monkeypatch, capsys, *words, stdin=""):
    monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
    try:
        call_command("staff", *words)
    except SystemExit as end:
        return end.code, "".join(capsys.readouterr())
    return 0, "".join(capsys.readouterr())


def test_an_account_is_added_listed_and_switched_off(db, monkeypatch, capsys):
    words = ("add", "mara", "--role", "supervisor", "--password-stdin")
    staff(monkeypatch, capsys, *words, stdin="a long enough one\n")
    staff(monkeypatch, capsys, "off", "mara")

    code, listed = staff(monkeypatch, capsys, "list")

    assert (code, listed.split()[:3]) == (0, ["mara", "supervisor", "off"])
    assert set(AuditEvent.objects.values_list("action", flat=True)) >= {"staff_added", "staff_key_made", "staff_off"}


def test_a_short_password_is_refused_and_not_shown(db, monkeypatch, capsys):
    code, said = staff(monkeypatch, capsys, "add", "mara", "--password-stdin", stdin="kumquat\n")

    assert code == 2
    assert said.startswith("This password is too short. It must contain at least 12 characters.")
    assert "kumquat" not in said


def test_without_a_terminal_a_password_is_asked_for_on_standard_input_and_in_a_sentence(environ):
    done = subprocess.run(
        [sys.executable, "-m", "lantern", "staff", "add", "nour"],
        cwd=ROOT, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
        start_new_session=True,
    )  # fmt: skip

    assert done.returncode == 2
    assert done.stderr == "there is no terminal to ask at; --password-stdin takes the password from standard input\n"


class TestRun:
    """The script itself, from anywhere."""

    def run(self, *words, cwd, environ):
        stamped = (ROOT / ".venv" / ".made-from").exists()
        if not stamped:
            pytest.skip("this environment was not made by ./run")
        return subprocess.run(
            [str(ROOT / "run"), *words],
            cwd=cwd, env=environ, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    def test_it_works_from_another_folder(self, tmp_path, environ):
        done = self.run("--help", cwd=tmp_path, environ=environ)

        assert done.returncode == 0
        assert done.stdout.startswith("./run [COMMAND]")

    def test_a_folder_means_what_it_means_where_the_caller_stands(self, tmp_path, environ):
        folder = tmp_path / "a folder"
        folder.mkdir()

        done = self.run("staff", "list", "--data", "mine", cwd=folder, environ=environ)

        assert done.returncode == 0, done.stderr
        assert (folder / "mine" / "lantern.sqlite3").exists()

    def test_a_flag_without_its_value_is_a_sentence(self, tmp_path, environ):
        done = self.run("--port", cwd=tmp_path, environ=environ)

        assert (done.returncode, done.stderr) == (2, "--port wants a value: a number from 1 to 65535\n")


def test_the_script_is_one_that_bash_can_run():
    done = subprocess.run(["bash", "-n", ROOT / "run"], capture_output=True, timeout=10, check=False)

    assert done.returncode == 0
    assert os.access(ROOT / "run", os.X_OK)


def test_rasa_shell_opens_no_door_and_takes_our_model(tmp_path):
    from lantern.management.commands.rasa import with_defaults

    assert with_defaults(["shell"], tmp_path / "m") == ["shell", "-m", str(tmp_path / "m"), "--interface", "127.0.0.1"]
    assert with_defaults(["shell", "-i", "::1"], None) == ["shell", "-i", "::1"]
    assert with_defaults(["data", "validate"], None) == ["data", "validate"]


@pytest.mark.parametrize(
    "address", ["https://line.example.org/hook", "https://line.example.org?x=1", "https://a:b@line.example.org",
                "https://line.example.org:99999"],
)  # fmt: skip
def test_a_public_address_is_a_name_without_a_path(address):
    with pytest.raises(SettingsError, match="without a path"):
        Settings.from_env({"LANTERN_PUBLIC_URL": address})


def test_a_public_address_may_end_with_a_slash_and_have_a_port():
    assert Settings.from_env({"LANTERN_PUBLIC_URL": "https://line.example.org:8443/"}).public_url.endswith(":8443")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LANTERN_TWILIO_FROM", "15005550006"),
        ("LANTERN_TWILIO_FROM", "5550006"),  # a number without its + and calling code, and no short code
        ("LANTERN_TWILIO_FROM", "21"),
        ("LANTERN_PUBLIC_URL", "line"),
    ],
)
def test_a_setting_that_is_wrong_is_not_called_missing_as_well(name, value):
    given = {
        "LANTERN_TWILIO_ACCOUNT_SID": "AC1", "LANTERN_TWILIO_AUTH_TOKEN": "x", "LANTERN_TWILIO_FROM": "+15005550006",
        "LANTERN_PUBLIC_URL": "https://line.example.org", "LANTERN_MASTER_KEY": "A" * 43 + "=",
    }  # fmt: skip

    with pytest.raises(SettingsError) as refused:
        Settings.from_env({**given, name: value})

    [problem] = refused.value.problems
    assert problem.startswith(f"{name}: found {value!r}")


@pytest.mark.parametrize("sender", ["411", "12345", "123456"])
def test_a_short_code_has_three_to_six_digits(sender):
    given = {
        "LANTERN_TWILIO_ACCOUNT_SID": "AC1", "LANTERN_TWILIO_AUTH_TOKEN": "x", "LANTERN_TWILIO_FROM": sender,
        "LANTERN_PUBLIC_URL": "https://line.example.org", "LANTERN_MASTER_KEY": "A" * 43 + "=",
    }  # fmt: skip

    assert Settings.from_env(given).twilio_senders == (sender,)


def test_an_invitation_takes_the_names_that_an_account_can_have_and_says_its_role(db, monkeypatch, capsys):
    code, said = staff(monkeypatch, capsys, "invite", "an n")
    assert (code, "no spaces" in said) == (2, True)

    code, said = staff(monkeypatch, capsys, "invite", "ann", "--role", "supervisor")
    assert (code, "ann makes their own account as supervisor" in said) == (0, True)


def test_a_normal_start_says_what_it_waits_for(monkeypatch):
    from lantern import readiness
    from lantern.management.commands import up

    monkeypatch.setattr(readiness, "last_seen", dict)
    monkeypatch.setattr(readiness, "silent", lambda *_: ("runner", "runner_speechless"))
    [trouble] = readiness._processes(None)

    def refuse(*_args, **_kw):
        body = io.BytesIO(json.dumps({"problems": [trouble.sentence]}).encode())
        raise urllib.error.HTTPError("", 503, "", {}, body)

    monkeypatch.setattr(up.urllib.request, "urlopen", refuse)
    command = up.Command()
    command._line = Settings()

    assert command._problem() == "loading the model"


def test_whoever_reads_only_the_first_lines_is_left_in_peace():
    """`./run --help | head`: nobody reads on, and that is no error to tell of."""
    reads, writes = os.pipe()
    os.close(reads)

    with os.fdopen(writes, "wb") as shut:
        done = subprocess.run(
            [sys.executable, "-m", "lantern", "--help"], cwd=ROOT, stdout=shut, stderr=subprocess.PIPE, check=False
        )

    assert (done.stderr, done.returncode) == (b"", 141)


@pytest.mark.parametrize("value", ["with space", "semi;colon", "ü", "x" * 257])
def test_a_secret_that_telegram_refuses_is_refused_here_and_not_shown(value):
    with pytest.raises(SettingsError) as refused:
        Settings.from_env({"LANTERN_TELEGRAM_SECRET": value})

    [problem] = [one for one in refused.value.problems if one.startswith("LANTERN_TELEGRAM_SECRET: ")]
    assert "digits, _ and -" in problem
    assert value not in problem
