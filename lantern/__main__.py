"""`./run COMMAND`: sets what must be set before anything is imported, then runs one of our commands."""

from __future__ import annotations

import os
import sys

# One thread a process: with more, one embedding takes up to two seconds on a busy machine and a fork can hang.
for _name in (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS",
):  # fmt: skip
    os.environ[_name] = "1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["RASA_TELEMETRY_ENABLED"] = "false"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lantern.settings")

if __name__ == "__main__":
    from lantern.commands import main
    from lantern.lifetime import leave_no_core
    from lantern.quiet import quiet_libraries

    leave_no_core()
    quiet_libraries()

    try:
        code = main(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:  # whoever reads has read enough: `./run --help | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left is flushed into nothing
        code = 141  # as a shell tells of SIGPIPE
    sys.exit(code)
