"""Locked: the packages that our lock files name, with their hashes. Reads what `uv pip compile` writes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.lock", "requirements-tune.lock", "requirements-audit.lock")

_PACKAGE = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;]+)(?:\s*;\s*([^\\]+?))?\s*\\?")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})\s*\\?")


class LockError(Exception):
    """A lock file cannot be read, or names something that is not held by hashes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """One version of one package, and the hashes of the files that may be installed for it."""

    name: str
    version: str
    marker: str  # on which machines; "" for all
    hashes: tuple[str, ...]
    locks: tuple[str, ...]


def locked(paths: Iterable[Path]) -> list[Package]:
    """Return what the locks name, sorted, each version once.

    Raises:
        LockError: a line that is no package, hash or comment; or a package without hashes.
    """
    found: dict[tuple[str, str], Package] = {}
    for path in paths:
        for one in _read(path):
            known = found.get((one.name, one.version))
            found[one.name, one.version] = one if known is None else _both(known, one)
    return [found[key] for key in sorted(found)]


def _both(known: Package, one: Package) -> Package:
    return Package(
        name=one.name,
        version=one.version,
        marker="" if "" in (known.marker, one.marker) else f"({known.marker}) or ({one.marker})",
        hashes=tuple(sorted({*known.hashes, *one.hashes})),
        locks=tuple(dict.fromkeys((*known.locks, *one.locks))),
    )


def _read(path: Path) -> list[Package]:
    packages: list[Package] = []
    hashes: list[str] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        if (held := _HASH.fullmatch(text)) and packages:
            hashes.append(held[1])
            continue
        named = _PACKAGE.fullmatch(text)
        if named is None:
            raise LockError(f"{path.name}:{number} found {text[:60]!r}; right is NAME==VERSION or --hash=sha256:...")
        _keep(packages, hashes, path)
        name = re.sub(r"[-_.]+", "-", named[1]).lower()
        packages.append(
            Package(name=name, version=named[2], marker=(named[3] or "").strip(), hashes=(), locks=(path.name,))
        )
    _keep(packages, hashes, path)
    return packages


def _keep(packages: list[Package], hashes: list[str], path: Path) -> None:
    """Give the last package the hashes that stood below it."""
    if not packages:
        return
    last = packages.pop()
    if not hashes:
        raise LockError(f"{path.name}: {last.name} {last.version} has no hash; make the lock with --generate-hashes")
    packages.append(
        Package(name=last.name, version=last.version, marker=last.marker, hashes=tuple(hashes), locks=last.locks)
    )
    hashes.clear()
