"""Holders: under which name a process claims rows and leads, and whose it was that died here before it.

A name is of one process and comes never again: two machines may have one host name, and a cloned machine has a copy
of everything, the data folder too. Who takes the lock of a folder learns the name of the process that held it before,
which is dead then, and may give back what that one held instead of waiting until it lapses.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import socket
from dataclasses import dataclass
from pathlib import Path

from records.messages.providers import give_up_leads
from records.messages.queries import release_claims

_BOOT = Path("/proc/sys/kernel/random/boot_id")  # another one on each machine, also on a clone, and after each start


@dataclass(frozen=True, slots=True)
class Holder:
    """The name of this process; `handle` is the lock, if it is the first with this data folder."""

    name: str
    before: str = ""  # who held the lock last, on this machine and since it was started
    handle: int | None = None

    def inherit(self, lanes: int | None = None) -> None:
        """Give back what the one before held; of a runner, each of its lanes is a holder."""
        if not self.before:
            return
        for name in [self.before] if lanes is None else [f"{self.before}-{lane}" for lane in range(lanes)]:
            release_claims(name)
            give_up_leads(name)

    def let_go(self) -> None:
        """Let another process have the lock."""
        if self.handle is not None:
            os.close(self.handle)


def take_name(folder: Path, work: str) -> Holder:
    """A name for this process. The lock is let go of by the kernel when the process and what it forked is gone."""
    name = f"{work}:{socket.gethostname()[:40]}:{secrets.token_hex(4)}"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(folder / f"{work}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return Holder(name)
    boot = _boot()
    said = os.pread(handle, 4096, 0).decode("utf-8", "replace").split("\n")
    before = said[1] if boot and said[0] == boot and len(said) > 1 else ""
    os.ftruncate(handle, 0)
    os.pwrite(handle, f"{boot}\n{name}\n".encode(), 0)
    return Holder(name, before, handle)


def _boot() -> str:
    try:
        return _BOOT.read_text(encoding="ascii").strip()
    except OSError:  # not Linux: then what a dead process held lapses
        return ""
