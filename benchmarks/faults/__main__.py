"""Breaks what the line stands on while people write, and counts what was lost or doubled.

Real processes, the real model, a Twilio of ours that remembers what it took. People write all the time by signed
webhooks; what was not answered 200 is posted again under the same id, as a provider does. After each fault all must
come to rest, and law 1 is judged. Prints one JSON object; the exit code is 1 when the law did not hold.

    python -m benchmarks.faults --model var/models/lantern-....tar.gz                     # each fault once, SQLite
    python -m benchmarks.faults --model ... --postgres                                    # and those of PostgreSQL
    python -m benchmarks.faults --model ... --minutes 60 --seed 1                         # one at random a minute

Disk and network need root: a small disk of its own is mounted, a network of its own is made, both are taken away.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.faults.breaks import Fault, kinds
from benchmarks.faults.world import World
from benchmarks.kill import holds


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
        except Exception:  # whatever it is: what the line says of itself would be gone with the folder
            print(traceback.format_exc(), world.health(), file=sys.stderr)
            raise
        finally:
            world.undo.close()
    print(json.dumps(found, indent=1))
    return 0 if found["law_1_holds"] else 1


if __name__ == "__main__":
    sys.exit(main())
