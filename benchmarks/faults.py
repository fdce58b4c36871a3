"""Breaks what the line stands on while people write, and counts what was lost or doubled.

Real processes, the real model, a Twilio of ours that remembers what it took. People write all the time by signed
webhooks; what was not answered 200 is posted again under the same id, as a provider does. After each fault all must
come to rest, and law 1 is judged. Prints one JSON object; the exit code is 1 when the law did not hold.

    python -m benchmarks.faults --model var/models/lantern-....tar.gz                     # each fault once, SQLite
    python -m benchmarks.faults --model ... --postgres                                    # and those of PostgreSQL
    python -m benchmarks.faults --model ... --minutes 60 --seed 1                         # one at random a minute

Disk and network need root: a small disk of its own is mounted, a network of its own is made, both are taken away.
"""

# ruff: noqa: PLC0415 (Django's models can be imported only after the place of the run is made)
from __future__ import annotations

import argparse
import contextlib
import http.client
import itertools
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import django
from twilio.request_validator import RequestValidator

from benchmarks.kill import SAID, SlowTwilio, holds, judge
from benchmarks.load import memory_mb
from tests.acceptance.twilio_standin import ACCOUNT
from tests.integration.place import Place, free_port, until

TOKEN, NUMBER = "twilio-token", "+15005550006"
PATH = "/channels/sms"
REST_S = 420  # so long a slow machine may take until all is quiet again
IP = shutil.which("ip") or ""
ALWAYS = ("web", "bot", "delivery", "clock")


class World:
    """The line, what it stands on, and the people who write to it."""

    def __init__(self, folder: Path, model: Path, *, postgres: bool, seed: int, rate: float) -> None:
        self.folder, self.model, self.random, self.rate = folder, model, random.Random(seed), rate
        folder.mkdir(parents=True, exist_ok=True)
        self.undo = contextlib.ExitStack()
        self.twilio = SlowTwilio(seed)
        self.undo.callback(self.twilio.stop)
        self.cluster = self.undo.enter_context(cluster(folder / "pg")) if postgres else None
        if self.cluster:
            os.environ["DATABASE_URL"] = self.cluster.url
        self.place = Place(
            folder / "place",
            LANTERN_TWILIO_ACCOUNT_SID=ACCOUNT,
            LANTERN_TWILIO_AUTH_TOKEN=TOKEN,
            LANTERN_TWILIO_FROM=NUMBER,
            LANTERN_TWILIO_PARTS_A_SECOND="1000",
            LANTERN_TWILIO_API_BASE=self.twilio.url,
        )
        self.undo.callback(self.place.close)
        self.place.environ["LANTERN_PUBLIC_URL"] = self.place.url
        self.small_disk = not postgres and os.geteuid() == 0 and self._mount()
        self.taken: set[str] = set()  # ids that were answered 200
        self.statuses: Counter[int] = Counter()
        self.again: list[tuple[str, str, str]] = []
        self._going, self._numbers = threading.Event(), itertools.count(1)
        self._writers: list[threading.Thread] = []

    def _mount(self) -> bool:
        mounted = subprocess.run(
            ["/bin/mount", "-t", "tmpfs", "-o", "size=900m", "faults", str(self.place.data)], check=False
        )
        if mounted.returncode:
            return False
        self.undo.callback(subprocess.run, ["/bin/umount", "-l", str(self.place.data)], check=False)
        return True

    def up(self) -> None:
        subprocess.run(
            [sys.executable, "-m", "django", "migrate", "-v0"],
            cwd=Path(__file__).parents[1], env=self.place.environ, check=True, timeout=900,
        )  # fmt: skip
        self.place.use_model(self.model)
        self.place.start_redis()
        os.environ.update(self.place.environ)
        django.setup()
        for name in ALWAYS:
            self.place.start(name)
        self.well("the line")

    def well(self, what: str) -> None:
        until(lambda: self.place.status_of("/healthz") == 200, REST_S, f"{what}: healthy", every_s=0.5)

    def health(self) -> list[str]:
        """What the health page says is wrong."""
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.place.port, timeout=10)
            connection.request("GET", "/healthz")
            return list(json.loads(connection.getresponse().read())["problems"])
        except (OSError, ValueError, http.client.HTTPException) as problem:
            return [f"web: {type(problem).__name__}"]

    def told(self, words: str, timeout_s: float = 90) -> str:
        """Wait until the health page says this; return the sentence."""
        found: list[str] = []

        def says() -> bool:
            found[:] = [sentence for sentence in self.health() if words in sentence]
            return bool(found)

        until(says, timeout_s, f"health says {words!r}; it says {self.health()}", every_s=0.5)
        return found[0]

    # ---- people ----

    def people_write(self) -> None:
        self._going.set()
        self._writers = [threading.Thread(target=self._write, daemon=True) for _ in range(2)]
        for one in self._writers:
            one.start()

    def people_rest(self) -> None:
        """Nobody writes any more; what was not taken is posted until it is."""
        self._going.clear()
        for one in self._writers:
            one.join()
        until(lambda: self._post_again() == 0, REST_S, "every webhook is taken", every_s=0.5)
        until(lambda: self.waiting() == 0, REST_S, "all turns and all deliveries", every_s=0.5)

    def _write(self) -> None:
        while self._going.is_set():
            number = next(self._numbers)
            self._post(f"SM{number:032x}", f"+1500{number % 40:07}", SAID[number % len(SAID)])
            self._post_again()
            time.sleep(self.random.uniform(0.5, 1.5) / self.rate)

    def _post_again(self) -> int:
        for one in [self.again.pop() for _ in range(len(self.again))]:
            self._post(*one)
        return len(self.again)

    def _post(self, sid: str, who: str, text: str) -> None:
        fields = {"MessageSid": sid, "AccountSid": ACCOUNT, "From": who, "To": NUMBER, "Body": text, "NumMedia": "0"}
        signature = RequestValidator(TOKEN).compute_signature(f"{self.place.url}{PATH}", fields)
        headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
        connection = http.client.HTTPConnection("127.0.0.1", self.place.port, timeout=15)  # as long as Twilio waits
        try:
            connection.request("POST", PATH, body=urlencode(fields), headers=headers)
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException):
            status = 0
        finally:
            connection.close()
        self.statuses[status] += 1
        if status == 200:
            self.taken.add(sid)
        else:
            self.again.append((sid, who, text))

    def waiting(self) -> int:
        from django.db import Error, connections

        from records.models import InboxMessage, OutboxMessage

        try:
            heard = InboxMessage.objects.filter(status="new").exclude(channel="canary").count()
            return heard + OutboxMessage.objects.filter(unfinished=True).exclude(channel="canary").count()
        except Error:
            connections.close_all()
            return -1

    # ---- judging ----

    def verdict(self) -> dict[str, Any]:
        from records.messages.canary import erase
        from records.models import InboxMessage, OutboxMessage, SelfTest

        self.place.kill("clock")  # no canary between the counts; the clock begins anew with one
        erase()
        SelfTest.objects.all().delete()
        stored = set(InboxMessage.objects.values_list("provider_id", flat=True))
        found = {"messages": len(self.taken), "unfinished": "", **judge(list(self.twilio.messages))}
        found["answered_200_and_not_stored"] = len(self.taken - stored)
        # Turns made while the dialogue could not be used: a person was brought in, and there is nothing to track.
        spoken = OutboxMessage.objects.filter(key__contains="technical", inbox__status="done")
        found["without_dialogue"] = spoken.values("inbox").distinct().count()
        found["turns_not_in_tracker"] = max(0, found["turns_not_in_tracker"] - found["without_dialogue"])
        self.place.start("clock")
        return found

    def memory(self) -> dict[str, float]:
        return {name: memory_mb(process.pid) for name, process in self.place.running.items() if name in ALWAYS}


# ---- what the line stands on, to be broken ----


class Cluster:
    """PostgreSQL of its own, behind a network of its own where that can be made."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.bin = max(Path("/usr/lib/postgresql").glob("*/bin"))
        self.net = f"lantern-{os.getpid()}" if os.geteuid() == 0 and IP else None
        self.link = f"lan{os.getpid() % 100000}"
        self.host = "10.213.7.2" if self.net else "127.0.0.1"
        self.url = f"postgresql://postgres@{self.host}:{self.port}/postgres"

    def make(self) -> None:
        self.folder.mkdir()
        for above in (self.folder, *self.folder.parents[:3]):
            above.chmod(0o755)
        shutil.chown(self.folder, "postgres")
        if self.net:
            self._ip("netns", "add", self.net)
            self._ip("link", "add", self.link, "type", "veth", "peer", "name", "eth0", "netns", self.net)
            self._ip("addr", "add", "10.213.7.1/24", "dev", self.link)
            self._ip("link", "set", self.link, "up")
            for words in (
                ("addr", "add", "10.213.7.2/24", "dev", "eth0"),
                ("link", "set", "eth0", "up"),
                ("link", "set", "lo", "up"),
            ):
                self._ip("-n", self.net, *words)
        self._as_postgres(f"{self.bin}/initdb -D {self.folder}/data -A trust -U postgres -E UTF8 --locale=C.UTF-8")
        with (self.folder / "data" / "pg_hba.conf").open("a") as file:
            file.write("host all all 10.213.7.0/24 trust\n")
        self.start()

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses={self.host} -c unix_socket_directories={self.folder}"
        self._as_postgres(f"{self.bin}/pg_ctl -D {self.folder}/data -l {self.folder}/log -w -o '{options}' start")

    def stop(self, mode: str) -> None:
        self._as_postgres(f"{self.bin}/pg_ctl -D {self.folder}/data -m {mode} -w stop")

    def cut(self, *, off: bool) -> None:
        """A cable that is pulled at the other end: packets vanish, nobody is told."""
        self._ip("-n", str(self.net), "link", "set", "eth0", "down" if off else "up")

    def remove(self) -> None:
        with contextlib.suppress(subprocess.CalledProcessError):
            self._as_postgres(f"tail -n 20 {self.folder}/log >&2")
            self.stop("immediate")
        if self.net:
            self._ip("netns", "del", self.net)

    def _as_postgres(self, command: str) -> None:
        inside = [IP, "netns", "exec", self.net] if self.net else []
        clean = {"PATH": os.environ["PATH"]}  # a place ends all that carry its data folder in their environment
        command_line = [*inside, "su", "postgres", "-s", "/bin/sh", "-c", command]
        subprocess.run(command_line, check=True, stdout=subprocess.DEVNULL, env=clean)

    def _ip(self, *words: str) -> None:
        subprocess.run([IP, *words], check=True)


@contextlib.contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    found = Cluster(folder)
    try:
        found.make()
        yield found
    finally:
        found.remove()


# ---- faults: each breaks one thing, looks, and mends it ----


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
    with filler.open("wb") as file, contextlib.suppress(OSError):
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


def run(world: World, chosen: list[str], minutes: float) -> dict[str, Any]:
    world.up()
    known = {fault.__name__: fault for fault in kinds(world)}
    if unknown := set(chosen) - set(known):
        raise SystemExit(f"not here: {', '.join(sorted(unknown))}; here: {', '.join(known)}")
    seen = []
    began, early = time.monotonic(), world.memory()
    for fault in _plan([known[name] for name in chosen or known], minutes, world.random, began):
        print(f"{time.strftime('%H:%M:%S')} {fault.__name__}", file=sys.stderr, flush=True)
        at = time.monotonic()
        world.people_write()
        time.sleep(3)
        saw = fault(world)
        broken_s = time.monotonic() - at
        world.people_rest()
        world.well(fault.__name__)
        seen.append(
            {
                "fault": fault.__name__,
                "saw": saw,
                "seconds": round(broken_s),
                "to_rest": round(time.monotonic() - at - broken_s),
            }
        )
        if not minutes:
            seen[-1]["holds"] = _holds(world.verdict())
            print(json.dumps(seen[-1]), file=sys.stderr, flush=True)
        else:
            time.sleep(max(0.0, 60 - (time.monotonic() - at)))
    found = world.verdict()
    return {
        "law_1_holds": _holds(found), "faults": seen, "statuses": dict(world.statuses), **found,
        "database": "postgresql" if world.cluster else "sqlite", "minutes": round((time.monotonic() - began) / 60, 1),
        "memory_mb": {"early": early, "late": world.memory()},
    }  # fmt: skip


def _plan(faults: list[Fault], minutes: float, chance: random.Random, began: float) -> Iterator[Fault]:
    if not minutes:
        yield from faults
    while minutes and time.monotonic() - began < 60 * minutes:
        yield chance.choice(faults)


def _holds(found: dict[str, Any]) -> bool:
    return holds(found) and not found["answered_200_and_not_stored"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--faults", default="", help="by name, with commas; without it all that can be made here")
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL of its own")
    parser.add_argument("--minutes", type=float, default=0, help="one fault a minute at random, for so long")
    parser.add_argument("--rate", type=float, default=2.0, help="messages a second, of each of the two who write")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # told to end: disk, network and processes are taken away
    with tempfile.TemporaryDirectory(prefix="lantern-faults-") as folder:
        world = World(Path(folder) / "world", asked.model, postgres=asked.postgres, seed=asked.seed, rate=asked.rate)
        try:
            found = run(world, [name for name in asked.faults.split(",") if name], asked.minutes)
        except TimeoutError as late:
            print(world.place.logged()[-4000:], file=sys.stderr)
            raise SystemExit(f"{late}; health: {world.health()}") from late
        except Exception:
            print(traceback.format_exc(), world.health(), file=sys.stderr)
            raise
        finally:
            world.undo.close()
    print(json.dumps(found, indent=1))
    return 0 if found["law_1_holds"] else 1


if __name__ == "__main__":
    sys.exit(main())
