"""`./run sbom` and `./run supply WORD`: what this project is made of, and what speaks against it."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime, timezone
from pathlib import Path

from lantern.supply import known, static
from lantern.supply.licences import UNKNOWN, licences, page
from lantern.supply.locked import LOCKS, ROOT, locked

LICENCES = ROOT / "docs" / "licences.md"


def main(words: list[str]) -> int:
    """Do what was asked; 0 only if nothing speaks against it."""
    arguments = _parser().parse_args(words)
    if arguments.word == "sbom":
        from lantern.supply.sbom import sbom

        document = sbom(locked(ROOT / name for name in LOCKS), _installed(), arguments.release)
        if arguments.out:
            try:
                Path(arguments.out).write_text(document + "\n", encoding="utf-8")
            except OSError as problem:
                sys.stderr.write(f"--out: cannot write {arguments.out}: {problem.strerror}\n")
                return 2
        else:
            sys.stdout.write(document + "\n")
        return 0
    if arguments.word == "licences":
        return _licences(write=arguments.write)
    found: list[str] = []
    if arguments.word in ("all", "known"):
        extra = ["--vulnerability-service", "osv", "--osv-url", arguments.osv_url] if arguments.osv_url else []
        today = datetime.now(timezone.utc).date()
        found += known.problems(locked(ROOT / name for name in LOCKS), extra, today)
    if arguments.word in ("all", "static"):
        found += static.problems()
    for line in found:
        sys.stderr.write(f"{line}\n")
    sys.stderr.write(f"findings: {len(found)}\n" if found else "nothing found, nothing skipped\n")
    return 1 if found else 0


def _licences(*, write: bool) -> int:
    packages = locked([ROOT / LOCKS[0]])
    text = page(packages, _installed())
    if write:
        LICENCES.write_text(text, encoding="utf-8")
    unknown = [line for line in text.splitlines() if line.endswith(f"| {UNKNOWN} |")]
    for line in unknown:
        sys.stderr.write(f"no licence known: {line}\n")
    if not write and LICENCES.read_text(encoding="utf-8") != text:
        sys.stderr.write("docs/licences.md is not of today: run ./run supply licences --write\n")
        return 1
    return 1 if unknown else 0


def _installed() -> dict[str, str]:
    folders = sorted((ROOT / ".venv" / "lib").glob("python3*/site-packages"))
    if not folders:
        raise SystemExit(".venv: not there; `./run --help` makes it, and licences are read from it")
    found = licences(folders[0])
    return {**licences(Path(sys.prefix) / "lib" / folders[0].parent.name / "site-packages"), **found}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./run supply", description=__doc__)
    words = parser.add_subparsers(dest="word", required=True)
    words.add_parser("all", help="known and static")
    for name in ("known", "all"):
        one = words.choices[name] if name in words.choices else words.add_parser(name, help="known vulnerabilities")
        one.add_argument("--osv-url", help="ask this OSV service (a mirror) instead of the package index")
    words.add_parser("static", help="bandit and semgrep over our own code")
    words.add_parser("licences", help="the list in docs/licences.md").add_argument("--write", action="store_true")
    bill = words.add_parser("sbom", help="a CycloneDX document of what is locked")
    bill.add_argument("--out", help="a file; without it the document goes to stdout")
    bill.add_argument("--release", default="0.1.0", help="the version of Lantern to name in it")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
