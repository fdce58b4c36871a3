"""The supervisor: what dies is started again, and nothing outlives it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from lantern.supervisor import Program, Supervisor
from tests.run.conftest import ROOT

LIVES = "import time; time.sleep(600)"
# Prints its own pid and that of a child of its own, then lives on.
FORKS = (
    "import os, time\n"
    "from lantern.lifetime import forks_die_with_us\n"
    "forks_die_with_us()\n"
    "pid = os.fork()\n"
    "if pid: print('alive', os.getpid(), pid, flush=True)\n"
    "time.sleep(600)\n"
)


def program(code, name="one", **fields):
    return Program(name=name, command=(sys.executable, "-c", code), folder=ROOT, **fields)


def alive(pid):
    try:
        os.kill(pid, 0)
        state = subprocess.run(
            ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
        ).stdout
    except ProcessLookupError:
        return False
    return not state.strip().startswith("Z") and bool(state.strip())


def until(done, step=lambda: time.sleep(0.05), within_s=20):
    deadline = time.monotonic() + within_s
    while not done():
        assert time.monotonic() < deadline, "it took too long"
        step()


@pytest.fixture
def said():
    return []


@pytest.fixture
def supervisor(said):
    made = Supervisor(said.append)
    yield made
    made.end(grace_s=2)


def test_a_child_that_dies_is_started_again(supervisor, said):
    supervisor.start(program(LIVES))
    first = supervisor.pid("one")

    os.kill(first, signal.SIGKILL)
    until(lambda: supervisor.pid("one") not in (None, first), supervisor.step)

    assert said == ["one was ended by signal 9; it is started again in 0.5 s"]


def test_a_child_that_keeps_dying_is_given_more_time_each_time(said):
    now = [0.0]
    supervisor = Supervisor(said.append, clock=lambda: now[0])
    supervisor.start(program("raise SystemExit(3)"))

    def step():
        supervisor.step(0.05)
        if supervisor.pid("one") is None:
            now[0] += 1

    until(lambda: len(said) == 4, step)

    assert [line.split(" in ")[1] for line in said] == ["0.5 s", "1 s", "2 s", "4 s"]
    supervisor.end()


def test_what_a_child_says_is_shown_with_its_name_to_the_last_line(supervisor, said):
    supervisor.start(program("print('first'); print('no newline at the end', end='')", again=False))

    until(lambda: "one" in supervisor.exit_codes, supervisor.step)

    assert said == ["one      | first", "one      | no newline at the end"]
    assert supervisor.exit_codes == {"one": 0}


def test_the_end_takes_children_of_children_with_it(supervisor, said):
    supervisor.start(program(FORKS))
    until(lambda: said, supervisor.step)
    pids = [int(word) for word in said[0].split()[-2:]]

    supervisor.end()

    until(lambda: not any(map(alive, pids)))


def test_a_child_that_will_not_end_is_killed(supervisor, said):
    stubborn = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
    supervisor.start(program(stubborn))
    until(lambda: said, supervisor.step)
    pid = supervisor.pid("one")

    supervisor.end(grace_s=0.2)

    assert not alive(pid)


SUPERVISOR = f"""
import signal
import sys
from lantern.supervisor import Program, Supervisor
supervisor = Supervisor(lambda line: print(line, flush=True))
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # the tests themselves may run under nohup
supervisor.obey_signals()
supervisor.start(Program(name="one", command=(sys.executable, "-c", {FORKS!r})))
while not supervisor.ending:
    supervisor.step()
supervisor.end()
"""


@pytest.fixture
def started():
    """A supervisor in a process of its own, and the pids of what it started."""
    process = subprocess.Popen([sys.executable, "-c", SUPERVISOR], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    pids = [int(word) for word in process.stdout.readline().split()[-2:]]
    yield process, pids
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a process looks for its parent every two seconds")
def test_nothing_is_left_when_the_supervisor_is_killed(started):
    process, pids = started
    assert all(map(alive, pids))

    process.kill()

    until(lambda: not any(map(alive, pids)))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_ctrl_c_and_its_kin_end_everything(started, number):
    process, pids = started

    process.send_signal(number)

    assert process.wait(timeout=20) == 0
    until(lambda: not any(map(alive, pids)))
