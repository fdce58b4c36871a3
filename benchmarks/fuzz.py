"""Fuzz: throws what strangers may send at everything that reads it, for as long as it is told to.

Prints one JSON object: inputs tried and promises broken, by reader. The readers and their promises are those of
tests/attack, which throw a little in every run. Where atheris is installed, it looks which branches an input
reached and builds the next ones on those; else inputs are made by chance. Hypothesis turns both into food.

    python -m benchmarks.fuzz --seconds 300
"""

from __future__ import annotations

import argparse
import json
import mmap
import os
import random
import signal
import struct
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import django
from hypothesis import HealthCheck, given, settings

import tests.environment  # noqa: F401 - a data folder and a key of our own, before settings are read

try:
    import atheris
except ImportError:  # no wheel for this system: chance alone
    atheris = None

if TYPE_CHECKING:
    from tests.attack.targets import Target

LONGEST = 8192  # bytes that Hypothesis may make one input of
HANGS_S = 30  # for one input
READ_BY = ["channels", "bot.understanding.clean", "bot.understanding.details", "content.source", "lantern.logs"]
_COUNT = struct.Struct("q")


def readers() -> dict[str, Target]:
    """What reads words of strangers, with each of its branches counted."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lantern.settings")
    with atheris.instrument_imports(include=READ_BY) if atheris else nullcontext():
        for name in READ_BY:
            __import__(name)
    django.setup()
    from tests.attack.targets import TARGETS  # noqa: PLC0415 - its readers need Django

    return TARGETS


def eater(target: Target, count: Callable[[], None]) -> Callable[[bytes], object]:
    """One reader as a function of bytes; it raises if the promise is broken."""

    @settings(deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(target.food)
    def eat(food: object) -> None:
        count()
        target.promise(food)

    eaten: Callable[[bytes], object] = eat.hypothesis.fuzz_one_input
    return eaten


def by_chance(eat: Callable[[bytes], object], seed: int) -> None:
    """Bytes at random, until `eat` ends this process."""
    chance = random.Random(seed)
    while True:
        eat(chance.randbytes(LONGEST))


def guided(eat: Callable[[bytes], object], seed: int, folder: str) -> None:
    """Bytes that reach further, until `eat` ends this process; a broken promise ends it with libFuzzer's code, 77."""
    words = [f"-seed={seed}", f"-max_len={LONGEST}", "-len_control=0", "-verbosity=0", f"-artifact_prefix={folder}/"]
    atheris.Setup(["fuzz", *words], eat)
    atheris.Fuzz()


def tried(target: Target, seconds: float, seed: int) -> tuple[int, str | None]:
    """Return how many inputs one reader was given, and what it did wrong, if it did; in a process of its own."""
    shared, until = mmap.mmap(-1, _COUNT.size), time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as folder:
        said = Path(folder) / "said"
        child = os.fork()
        if child == 0:
            with said.open("wb") as out:
                os.dup2(out.fileno(), 1)
                os.dup2(out.fileno(), 2)
            _child(target, until, seed, folder, shared)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        wrong = f"code {code}: {said.read_text('utf-8', 'replace')[-2000:]}" if code else None
    return _COUNT.unpack_from(shared)[0], wrong


def _child(target: Target, until: float, seed: int, folder: str, shared: mmap.mmap) -> NoReturn:
    signal.alarm(int(until - time.monotonic()) + HANGS_S)  # a reader that does not come back is broken too

    def count() -> None:
        _COUNT.pack_into(shared, 0, _COUNT.unpack_from(shared)[0] + 1)

    eaten = eater(target, count)

    def eat(data: bytes) -> None:
        if time.monotonic() >= until:
            os._exit(0)
        eaten(data)

    try:
        guided(eat, seed, folder) if atheris else by_chance(eat, seed)
    except BaseException as broken:  # told by the code of this process
        os.write(2, f"{type(broken).__name__}: {broken}\n".encode("utf-8", "replace"))
    os._exit(77)


def main() -> int:
    """Throw at every reader in turn; 1 if one broke a promise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300, help="for all readers together, without the start")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    targets, found = readers(), {}
    for target in targets.values():
        eater(target, lambda: None)(bytes(LONGEST))  # what Hypothesis makes once is no part of the time
    began = time.monotonic()
    for name, target in targets.items():
        count, broken = tried(target, arguments.seconds / len(targets), arguments.seed)
        found[name] = {"inputs": count, "broken": broken}
    wrong = [name for name, one in found.items() if one["broken"]]
    about = {
        "guided": atheris is not None,
        "seconds": round(time.monotonic() - began, 1),
        "inputs": sum(int(str(one["inputs"])) for one in found.values()),
        "broken": wrong,
        "readers": found,
    }
    print(json.dumps(about))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
