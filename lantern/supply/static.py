"""Static: bandit and semgrep over our own code, with rules of ours that say what no line here may do.

Every rule must find its own example first: a rule that finds nothing anywhere proves nothing.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from lantern.supply.locked import ROOT

ROOMS = ("content", "screening", "channels", "records", "bot", "actions", "desk", "lantern")
RULES = Path(__file__).with_name("semgrep.yml")
EXAMPLES = Path(__file__).with_name("examples")
_RULE = "- id: "


def problems() -> list[str]:
    """Return one sentence for each finding, and for each rule that did not find its example."""
    rules = {
        line.strip().removeprefix(_RULE)
        for line in RULES.read_text("utf-8").splitlines()
        if line.strip().startswith(_RULE)
    }
    awake = {rule for rule, _ in _semgrep([str(EXAMPLES)])}
    found = [f"rule {name} does not find its example in {EXAMPLES.name}/" for name in sorted(rules - awake)]
    found += [
        f"{where} {rule}" for rule, where in _semgrep([*ROOMS]) if not where.startswith(str(EXAMPLES.relative_to(ROOT)))
    ]
    return found + _bandit()


def _semgrep(paths: list[str]) -> list[tuple[str, str]]:
    command = [
        str(Path(sys.executable).with_name("semgrep")),
        "scan",
        "--config",
        str(RULES),
        "--metrics=off",
        "--json",
    ]
    command += ["--disable-version-check", "--no-git-ignore", "--quiet", "--jobs", "2", *paths]
    answer = _json(command)
    if answer.get("errors"):
        raise SystemExit(f"semgrep: {answer['errors'][0].get('message', 'a file or rule could not be read')}")
    return [
        (str(one["check_id"]).rpartition(".")[2], f"{_short(one['path'])}:{one['start']['line']}")
        for one in answer["results"]
    ]


def _bandit() -> list[str]:
    command = [sys.executable, "-m", "bandit", "-q", "-f", "json", "-c", "pyproject.toml", "-r", *ROOMS]
    answer = _json(command)
    if answer.get("errors"):
        raise SystemExit(f"bandit could not read {answer['errors'][0].get('filename')}")
    return [
        f"{_short(one['filename'])}:{one['line_number']} {one['test_id']} {one['issue_text']}"
        for one in answer["results"]
    ]


def _json(command: list[str]) -> dict[str, Any]:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}"}
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, env=environment, text=True, check=False)  # noqa: S603 - our own words, no shell
    try:
        found: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise SystemExit(f"{Path(command[0]).name} gave no answer (code {done.returncode})") from None
    return found


def _short(path: str) -> str:
    return path.removeprefix(f"{ROOT}/").removeprefix("./")
