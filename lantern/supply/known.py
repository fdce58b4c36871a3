"""Known: what is publicly known against the locked packages, asked of a vulnerability service through pip-audit.

A package that was skipped, was not answered for, or an answer that cannot be read is a failure like a finding: a
check that looked at nothing must not be green. A finding may be accepted for a time, with a reason, in accepted.json.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from lantern.supply.locked import Package

ACCEPTED = Path(__file__).with_name("accepted.json")
Ask = Callable[[Path, Sequence[str]], str]


def problems(packages: Sequence[Package], extra: Sequence[str], today: date, ask: Ask | None = None) -> list[str]:
    """Return one sentence for everything that speaks against a release; none means all were looked at and are clean."""
    found: list[str] = []
    answered: set[tuple[str, str]] = set()
    accepted = _accepted(ACCEPTED)
    for batch in _batches(packages):
        answers = _answers(batch, extra, ask or _pip_audit, found)
        if answers is None:
            break  # asking on would take hours to say the same; what was not asked about is named below
        for one in answers:
            name, version = str(one.get("name")), str(one.get("version"))
            if one.get("skip_reason"):
                found.append(f"{name}: skipped ({one['skip_reason']}); nobody looked at it")
                continue
            answered.add((name, version))
            found += [line for item in one.get("vulns", []) if (line := _finding(name, version, item, accepted, today))]
    missing = {(one.name, one.version) for one in packages} - answered
    skipped = {line.partition(":")[0] for line in found}
    found += [
        f"{name} {version}: not answered for; nobody looked at it"
        for name, version in sorted(missing)
        if name not in skipped
    ]
    return found


def _finding(name: str, version: str, item: dict[str, Any], accepted: dict[Any, Any], today: date) -> str | None:
    names = [str(item.get("id")), *map(str, item.get("aliases", []))]
    for known in names:
        entry = accepted.get((name, known))
        if entry is None:
            continue
        if date.fromisoformat(entry["until"]) >= today:
            return None
        return f"{name} {version}: {known} was accepted until {entry['until']}; look again: {entry['reason']}"
    fixed = ", ".join(item.get("fix_versions", [])) or "no version yet"
    return f"{name} {version}: {' '.join(names)}, mended in {fixed}"


def _accepted(path: Path) -> dict[tuple[str, str], dict[str, str]]:
    entries = json.loads(path.read_text(encoding="utf-8"))
    for entry in entries:
        if not {"package", "id", "reason", "until"} <= set(entry):
            raise SystemExit(f"{path.name}: found {entry}; right is package, id, reason and until (a date)")
    return {(entry["package"], entry["id"]): entry for entry in entries}


def _batches(packages: Sequence[Package]) -> list[list[Package]]:
    """Lists in which each name stands once: the locks may hold two versions of one package."""
    batches: list[list[Package]] = []
    for one in packages:
        for batch in batches:
            if all(other.name != one.name for other in batch):
                batch.append(one)
                break
        else:
            batches.append([one])
    return batches


def _answers(batch: Sequence[Package], extra: Sequence[str], ask: Ask, found: list[str]) -> list[dict[str, Any]] | None:
    with tempfile.TemporaryDirectory() as folder:
        # Without markers: packages for other systems are looked at too.
        names = Path(folder) / "locked.txt"
        lines = (f"{one.name}=={one.version} --hash=sha256:{one.hashes[0]}\n" for one in batch)
        names.write_text("".join(lines), encoding="utf-8")
        said = ask(names, extra)
    try:
        answers = json.loads(said)["dependencies"]
        return [dict(one) for one in answers]
    except (ValueError, KeyError, TypeError):
        found.append("the vulnerability service gave no answer that can be read; nothing is known")
        return None


def _pip_audit(names: Path, extra: Sequence[str]) -> str:
    command = [sys.executable, "-m", "pip_audit", "-r", str(names), "--disable-pip", "--require-hashes"]
    command += ["--format", "json", "--progress-spinner", "off", "--timeout", "30", *extra]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own words, no shell
    if not done.stdout:
        sys.stderr.write(f"pip-audit: {(done.stderr.strip().splitlines() or ['said nothing'])[-1][:300]}\n")
    return done.stdout
