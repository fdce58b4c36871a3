"""Breaks: each breaks one thing, looks what the line says, and mends it."""

# ruff: noqa: PLC0415 (what needs a database is imported where it is used)
from __future__ import annotations

import contextlib
import os
import resource
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.faults.world import World
from tests.integration.place import until


def lane_killed(world: World) -> str:
    os.kill(world.random.choice(world.place.children_of("bot")), signal.SIGKILL)
    return "the parent forks it anew and gives its claim back"


def runner_killed(world: World) -> str:
    world.place.kill("bot")
    sentence = world.told("runner is silent")
    world.place.start("bot")
    return sentence


def web_killed(world: World) -> str:
    world.place.kill("web")
    time.sleep(2)
    world.place.start("web")
    return "webhooks are refused, and taken when they come again"


def delivery_killed(world: World) -> str:
    with contextlib.suppress(TimeoutError):
        until(lambda: world.twilio.busy > 0, 5, "a send", every_s=0.001)
    world.place.kill("delivery")
    sentence = world.told("delivery is silent")
    world.place.start("delivery")
    return sentence


def lane_stopped(world: World) -> str:
    lane = world.random.choice(world.place.children_of("bot"))
    os.kill(lane, signal.SIGSTOP)
    until(lambda: lane not in world.place.children_of("bot"), 20, "the parent kills it")
    return "the parent sees it, kills it and forks it anew"


def delivery_stopped(world: World) -> str:
    """Longer than a claim lasts, with a second process that takes over meanwhile."""
    stopped = world.place.running["delivery"]
    stopped.send_signal(signal.SIGSTOP)
    second = world.place.start("delivery")
    time.sleep(75)
    stopped.send_signal(signal.SIGCONT)
    time.sleep(5)
    second.terminate()
    second.wait(90)
    world.place.running["delivery"] = stopped
    return "a second one takes over when the claims lapse, and asks what became of each"


def clock_stopped(world: World) -> str:
    stopped = world.place.running["clock"]
    stopped.send_signal(signal.SIGSTOP)
    try:
        return world.told("clock is silent")
    finally:
        stopped.send_signal(signal.SIGCONT)


def web_stopped(world: World) -> str:
    stopped = world.place.running["web"]
    stopped.send_signal(signal.SIGSTOP)
    time.sleep(20)
    stopped.send_signal(signal.SIGCONT)
    return "webhooks time out at 15 s, come again and are the same message"


def disk_full(world: World) -> str:
    filler = world.place.data / "filler"
    # Unbuffered: what is left in a buffer would fail again as the file is closed.
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(2**20))
    try:
        sentence = world.told("disk is full")
        before = world.statuses[503]
        until(lambda: world.statuses[503] > before, 60, "a webhook is put off")
        time.sleep(10)
    finally:
        filler.unlink()
    return f"{sentence}; webhooks are answered 503"


def redis_killed(world: World) -> str:
    world.place.kill("redis")
    time.sleep(15)
    port = world.place.environ["REDIS_URL"].rpartition(":")[2].partition("/")[0]
    command = ["redis-server", "--bind", "127.0.0.1", "--port", port, "--save", "", "--appendonly", "no"]
    world.place.running["redis"] = subprocess.Popen(
        command, cwd=world.folder, stdout=subprocess.DEVNULL, start_new_session=True
    )
    return f"health says {world.health() or 'well'}: all look by themselves"


def redis_stopped(world: World) -> str:
    world.place.running["redis"].send_signal(signal.SIGSTOP)
    time.sleep(15)
    said = world.health()
    world.place.running["redis"].send_signal(signal.SIGCONT)
    return f"health says {said or 'well'}: nobody waits for it longer than half a second"


def handles_exhausted(world: World) -> str:
    """Web and delivery may open nothing more for a while."""
    before = []
    for name in ("web", "delivery"):
        pid = world.place.running[name].pid
        before.append((pid, resource.prlimit(pid, resource.RLIMIT_NOFILE)))
        held = len(list(Path(f"/proc/{pid}/fd").iterdir()))
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (held + 1, before[-1][1][1]))
    time.sleep(20)
    said = world.health()
    for pid, limits in before:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, limits)
    return f"health says {said or 'well'}; what was not taken comes again"


def model_corrupt(world: World) -> str:
    """The archive is cut in the middle, and the runner starts with it."""
    from lantern.model_store import model_path

    archive = model_path(world.place.data)
    whole = archive.read_bytes()
    archive.write_bytes(whole[: len(whole) // 2])
    world.place.ends("bot", 40)
    world.place.start("bot")
    sentence = world.told("the dialogue cannot be used", 300)
    said = len(world.twilio.messages)
    until(lambda: len(world.twilio.messages) > said, 60, "somebody is answered all the same")
    archive.write_bytes(whole)
    world.place.ends("bot", 40)
    world.place.start("bot")
    return sentence


def postgres_restarted(world: World) -> str:
    assert world.cluster is not None
    world.cluster.stop("immediate")
    sentence = world.told("database cannot be read")
    world.cluster.start()
    return sentence


def network_cut(world: World) -> str:
    assert world.cluster is not None
    world.cluster.cut(off=True)
    time.sleep(25)
    said = world.health()
    world.cluster.cut(off=False)
    return f"health says {said}"


Fault = Callable[[World], str]
EVERYWHERE: tuple[Fault, ...] = (
    lane_killed, lane_stopped, web_killed, delivery_killed, redis_killed, redis_stopped, web_stopped, clock_stopped,
    delivery_stopped, handles_exhausted, runner_killed, model_corrupt,
)  # fmt: skip
WITH_POSTGRES: tuple[Fault, ...] = (postgres_restarted, network_cut)


def kinds(world: World) -> list[Fault]:
    found = list(EVERYWHERE)
    if world.cluster is not None:
        found += WITH_POSTGRES if world.cluster.net else WITH_POSTGRES[:1]
    return [*found, disk_full] if world.small_disk else found
