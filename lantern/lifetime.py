"""Lifetime: a process that dies with the one that started it, however that one died.

On Linux the kernel sees to it; elsewhere a process looks now and then whether its parent is still there.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time

PR_SET_PDEATHSIG = 1  # linux/prctl.h
PARENT = "LANTERN_PARENT"  # the pid of the supervisor, for processes that look for themselves
_LOOK_S = 2.0
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


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

    def in_child() -> None:
        if os.getppid() == pid:  # a grandchild belongs to its own parent
            die_with(pid)

    os.register_at_fork(after_in_child=in_child)


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
