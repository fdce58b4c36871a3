"""Commands as a person types them: each in a process of its own, with an environment of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def environ(tmp_path):
    """An environment without any setting of ours."""
    ours = ("LANTERN_", "DATABASE_URL", "REDIS_URL", "DJANGO_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "LANTERN_DATA": str(tmp_path / "data"), "XDG_STATE_HOME": str(tmp_path / "state")}


@pytest.fixture
def command(environ):
    """Run one command to its end: `command("keys", "new", LANTERN_PORT="x")`."""

    def run(*words, stdin="", **settings):
        return subprocess.run(
            [sys.executable, "-m", "lantern", *words],
            cwd=ROOT,
            env={**environ, **settings},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


@pytest.fixture
def python(environ):
    """Run a piece of Python in a process of its own."""

    def run(code, **settings):
        return subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**environ, **settings},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


@pytest.fixture
def kept(python):
    """A line that has run: its tables are there, and the key of a day under the master key."""
    code = (
        "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'lantern.settings'; import django; django.setup();"
        "from django.core.management import call_command; call_command('migrate', verbosity=0);"
        "from django.utils import timezone; from records.messages.intake import day_key_of; day_key_of(timezone.now())"
    )
    done = python(code)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def taken_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]
