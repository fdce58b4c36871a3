"""What is locked is known, licensed and judged; a judge that looked away is no acquittal."""

from __future__ import annotations

import json
import sys
from datetime import date
from types import SimpleNamespace

import pytest

from lantern.supply import __main__ as supply
from lantern.supply import known
from lantern.supply.licences import UNKNOWN, licence
from lantern.supply.locked import LOCKS, ROOT, LockError, Package, locked

TODAY = date(2026, 11, 22)
PACKAGES = [
    Package(name=name, version="1.0", marker="", hashes=("0" * 64,), locks=("requirements.lock",))
    for name in ("a", "b")
]


def answering(**of):
    """A vulnerability service in memory; says of each package what it was given, and clean otherwise."""

    def ask(names, _extra):
        asked = [line.partition("==")[0] for line in names.read_text().splitlines()]
        plain = {"version": "1.0", "vulns": []}
        return json.dumps({"dependencies": [{"name": name, **plain, **of.get(name, {})} for name in asked]})

    return ask


def test_all_clean_is_no_problem():
    assert known.problems(PACKAGES, [], TODAY, answering()) == []


def test_a_skipped_package_is_a_failure():
    ask = answering(b={"skip_reason": "not found on the index", "vulns": []})

    assert known.problems(PACKAGES, [], TODAY, ask) == ["b: skipped (not found on the index); nobody looked at it"]


def test_a_package_that_was_passed_over_in_silence_is_a_failure():
    def ask(_names, _extra):
        return json.dumps({"dependencies": [{"name": "a", "version": "1.0", "vulns": []}]})

    assert known.problems(PACKAGES, [], TODAY, ask) == ["b 1.0: not answered for; nobody looked at it"]


@pytest.mark.parametrize("answer", ["", "{}", "[]", "No known vulnerabilities found"])
def test_an_answer_that_cannot_be_read_is_a_failure(answer):
    found = known.problems(PACKAGES, [], TODAY, lambda _names, _extra: answer)

    assert found[0].startswith("the vulnerability service gave no answer")
    assert len(found) == 3


def test_a_known_weakness_is_told_until_it_is_accepted_and_again_when_that_runs_out(tmp_path, monkeypatch):
    ask = answering(a={"vulns": [{"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["1.1"]}]})
    accepted = {"package": "a", "id": "CVE-1", "reason": "the part is not used here", "until": "2026-12-01"}
    (tmp_path / "accepted.json").write_text(json.dumps([accepted]))

    assert known.problems(PACKAGES, [], TODAY, ask) == ["a 1.0: PYSEC-1 CVE-1, mended in 1.1"]
    monkeypatch.setattr(known, "ACCEPTED", tmp_path / "accepted.json")
    assert known.problems(PACKAGES, [], TODAY, ask) == []
    assert "accepted until" in known.problems(PACKAGES, [], date(2027, 1, 1), ask)[0]


def test_packages_for_other_systems_and_two_versions_of_one_are_asked_about():
    asked = []

    def ask(names, _extra):
        asked.append(names.read_text().splitlines())
        return '{"dependencies": []}'

    other = Package(name="a", version="2.0", marker="sys_platform == 'win32'", hashes=("1" * 64,), locks=("x",))
    known.problems([*PACKAGES, other], [], TODAY, ask)

    assert [[line.split()[0] for line in batch] for batch in asked] == [["a==1.0", "b==1.0"], ["a==2.0"]]


@pytest.mark.parametrize("name", LOCKS)
def test_every_lock_names_its_packages_with_hashes_and_no_address(name):
    packages = locked([ROOT / name])

    assert len(packages) > 20
    assert "://" not in (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("line", ["a @ git+ssh://x", "-e .", "a>=1", "--index-url x"])
def test_a_line_that_pins_nothing_is_refused(tmp_path, line):
    (tmp_path / "x.lock").write_text(f"{line}\n")

    with pytest.raises(LockError, match=r"x\.lock:1"):
        locked([tmp_path / "x.lock"])


def test_a_package_without_a_hash_is_refused(tmp_path):
    (tmp_path / "x.lock").write_text("a==1 \\\n    --hash=sha256:" + "0" * 64 + "\nb==2\n")

    with pytest.raises(LockError, match=r"b 2 has no hash"):
        locked([tmp_path / "x.lock"])


def test_the_list_of_licences_names_every_locked_package_in_its_version():
    written = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")

    missing = [one.name for one in locked([ROOT / LOCKS[0]]) if f"| {one.name} | {one.version} | " not in written]

    assert missing == [], "run ./run supply licences --write"
    assert f"| {UNKNOWN} |" not in written


def test_what_says_nothing_of_itself_is_unknown_and_not_guessed():
    assert licence("nobody-knows-it", {}) == UNKNOWN


def test_a_list_that_cannot_be_written_is_a_sentence(monkeypatch, capsys, tmp_path):
    monkeypatch.setitem(sys.modules, "lantern.supply.sbom", SimpleNamespace(sbom=lambda *_: "{}"))
    monkeypatch.setattr(supply, "_installed", dict)

    code = supply.main(["sbom", "--out", str(tmp_path / "nowhere" / "x")])

    assert (code, capsys.readouterr().err) == (
        2,
        f"--out: cannot write {tmp_path / 'nowhere' / 'x'}: No such file or directory\n",
    )
