"""Lifetime: a process that dies with the one that started it, however that one died.

On Linux the kernel sees to it; elsewhere a process looks now and then whether its parent is still there.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import sys
import threading
import time
from pathlib import Path

PR_SET_PDEATHSIG = 1  # linux/prctl.h
PARENT = "LANTERN_PARENT"  # the pid of the supervisor, for processes that look for themselves
_LOOK_S = 2.0
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def leave_no_core() -> None:
    """Write no core dump, whatever happens: the memory of a process holds keys and words."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # The limit does not hold where the kernel pipes a dump into a handler; then no memory goes in (core(5)).
    with contextlib.suppress(OSError):
        Path("/proc/self/coredump_filter").write_text("0", encoding="ascii")


def die_with(parent: int) -> None:
    """Have this process killed when its parent dies; called right after the fork, before anything else.

    SIGKILL and not SIGTERM: a process that hangs must go too, and none of ours loses anything by it.
    """
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before we could ask
        os._exit(1)


def forks_die_with_us() -> None:
    """Have every process that this one forks from now on die with it."""
    pid = os.getpid()
    forking = pid

    def before() -> None:
        nonlocal forking
        forking = os.getpid()

    def in_child() -> None:
        # A grandchild belongs to its own parent. Who forked is known from before: by now it may be dead.
        if forking == pid:
            die_with(pid)

    os.register_at_fork(before=before, after_in_child=in_child)


def watch_supervisor() -> None:
    """Where the kernel does not do it: end this process when the supervisor that started it is gone."""
    parent = os.environ.get(PARENT, "")
    if _libc is not None or not parent.isdigit():
        return

    def look() -> None:
        while os.getppid() == int(parent):
            time.sleep(_LOOK_S)
        os._exit(1)

    threading.Thread(target=look, name="supervisor-watch", daemon=True).start()
