"""Supervisor: starts processes, passes on what they say, starts again what died, and ends all with itself.

Each child leads a session of its own, so that its whole group can be ended. One thread, no locks: a fork
here copies nothing half-done. Knows nothing of what the children do.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO

from lantern.lifetime import PARENT, die_with

FIRST_PAUSE_S = 0.5  # before a child that died is started again; doubled while it keeps dying at once
LONGEST_PAUSE_S = 30.0
STEADY_AFTER_S = 30.0  # a child that lived this long begins with the first pause again
GRACE_S = 8.0  # to end by itself, after that the group is killed
_CHUNK = 65536
_LONGEST_LINE = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What to run, and under which name its lines are shown."""

    name: str
    command: tuple[str, ...]
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    folder: Path | None = None
    again: bool = True  # start it again when it ends
    hear: Callable[[str], None] | None = None  # takes its lines instead of showing them


@dataclass(slots=True, eq=False)
class _Child:
    program: Program
    process: subprocess.Popen[bytes] | None = None
    born: float = 0.0
    pause_s: float = FIRST_PAUSE_S
    due: float | None = None  # when it is started again
    last_code: int | None = None  # with which it last ended
    rest: bytes = b""  # the beginning of a line


class Supervisor:
    """Keeps programs running until told to end."""

    def __init__(self, say: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._say, self._clock = say, clock
        self._children: dict[str, _Child] = {}
        self._selector = selectors.DefaultSelector()
        self._told_by: int | None = None
        self.exit_codes: dict[str, int] = {}  # of programs that are not started again

    @property
    def ending(self) -> bool:
        return self._told_by is not None

    @property
    def told_by(self) -> int | None:
        """The signal that told us to end."""
        return None if self._told_by is None else abs(self._told_by)

    def obey_signals(self) -> None:
        """End on Ctrl-C, SIGTERM, and when the terminal goes (unless under nohup); a second one ends at once."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._told)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            signal.signal(signal.SIGHUP, self._told)

    def start(self, program: Program) -> None:
        """Start a program and keep an eye on it."""
        child = self._children[program.name] = _Child(program)
        self._start(child)

    def pid(self, name: str) -> int | None:
        """The process id of a program that runs."""
        child = self._children.get(name)
        return child.process.pid if child and child.process else None

    def ended_with(self, code: int) -> list[str]:
        """The programs that are to be started again and last ended with this code."""
        return [name for name, child in self._children.items() if child.last_code == code]

    def step(self, wait_s: float = 0.2) -> None:
        """Pass on what was said, and start again what is due; returns after `wait_s` at the latest."""
        for key, _ in self._selector.select(wait_s):
            self._read(key.data)
        for child in list(self._children.values()):
            if child.process is not None and child.process.poll() is not None:
                self._ended(child)
            elif child.due is not None and child.due <= self._clock() and not self.ending:
                self._start(child)

    def end(self, grace_s: float = GRACE_S) -> None:
        """End every program: asked first, killed after `grace_s` or at a second signal."""
        self._told_by = self._told_by or signal.SIGTERM
        first = self._told_by
        for child in reversed(list(self._children.values())):
            if child.process is not None:
                with contextlib.suppress(ProcessLookupError):
                    child.process.terminate()
        until = self._clock() + grace_s
        while any(child.process for child in self._children.values()):
            if self._clock() >= until or self._told_by != first:
                break
            self.step(0.05)
        for child in self._children.values():
            if child.process is not None:
                _kill_group(child.process)
                child.process.wait()
                self._ended(child)

    def _told(self, number: int, _frame: FrameType | None) -> None:
        # A second signal is told from the first by its sign, so that `end` stops waiting.
        self._told_by = number if self._told_by is None else -abs(self._told_by)

    def _start(self, child: _Child) -> None:
        parent = os.getpid()
        child.due, child.born = None, self._clock()
        child.process = subprocess.Popen(  # noqa: S603 (our own programs)
            child.program.command,
            cwd=child.program.folder,
            env={**os.environ, **child.program.environ, PARENT: str(parent)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=lambda: die_with(parent),  # noqa: PLW1509 (this process has one thread)
        )
        if child.process.stdout is not None:
            os.set_blocking(child.process.stdout.fileno(), False)
            self._selector.register(child.process.stdout, selectors.EVENT_READ, child)

    def _ended(self, child: _Child) -> None:
        process, child.process = child.process, None
        if process is None:
            return
        _kill_group(process)  # what it started itself and left behind
        self._drain(child, process.stdout)
        code = child.last_code = process.returncode
        if self.ending:
            return
        if not child.program.again:
            self.exit_codes[child.program.name] = code
            del self._children[child.program.name]
            return
        if self._clock() - child.born >= STEADY_AFTER_S:
            child.pause_s = FIRST_PAUSE_S
        child.due = self._clock() + child.pause_s
        how = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
        self._say(f"{child.program.name} {how}; it is started again in {child.pause_s:g} s")
        child.pause_s = min(child.pause_s * 2, LONGEST_PAUSE_S)

    def _drain(self, child: _Child, pipe: IO[bytes] | None) -> None:
        if pipe is None:
            return
        while self._read_once(child, pipe):  # until the end, or nothing more is there
            pass
        if child.rest:
            self._show(child, child.rest)
            child.rest = b""
        with contextlib.suppress(KeyError):
            self._selector.unregister(pipe)
        pipe.close()

    def _read(self, child: _Child) -> None:
        pipe = child.process.stdout if child.process else None
        if pipe is not None and self._read_once(child, pipe) == b"":
            with contextlib.suppress(KeyError):  # it closed its output; its end is seen by `poll`
                self._selector.unregister(pipe)

    def _read_once(self, child: _Child, pipe: IO[bytes]) -> bytes | None:
        try:
            data = os.read(pipe.fileno(), _CHUNK)
        except BlockingIOError:
            return None
        *lines, child.rest = (child.rest + data).split(b"\n")
        for line in lines:
            self._show(child, line)
        if len(child.rest) > _LONGEST_LINE:
            self._show(child, child.rest)
            child.rest = b""
        return data

    def _show(self, child: _Child, line: bytes) -> None:
        text = line.decode("utf-8", "replace").rstrip()
        if child.program.hear is not None:
            child.program.hear(text)
        else:
            self._say(f"{child.program.name:<9}| {text}")


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
