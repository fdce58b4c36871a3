"""Law 1 under kill -9: nothing lost, no turn doubled, every reply once at the phone. benchmarks/kill.py does 100."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from benchmarks.kill import holds
from tests.integration.marks import MARK, found_in
from tests.integration.place import KEY, ROOT


@pytest.mark.rasa
@pytest.mark.parametrize(("kills", "messages"), [(4, 40), pytest.param(100, 500, marks=pytest.mark.long)])
def test_killed_at_any_moment_the_line_loses_nothing_and_doubles_nothing(model, tmp_path, kills, messages):
    command = [sys.executable, "-m", "benchmarks.kill", "--kills", str(kills), "--messages", str(messages)]
    command += ["--seed", "3", "--folder", str(tmp_path / "place"), "--model", str(model), "--mark", f" {MARK}"]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200 + 10 * kills, check=False)

    assert done.stdout, done.stderr[-3000:]
    found = json.loads(done.stdout)
    assert holds(found), found
    assert (found["stored"], found["kills"]) == (messages, kills)
    assert found["turns"] == {"done": messages}, "nobody was told of a fault"
    assert found["silent_turns"] == 0
    assert found_in(tmp_path) == []
    assert KEY not in done.stderr
