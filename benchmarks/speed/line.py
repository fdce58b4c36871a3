# ruff: noqa: PLC0415 (Django and its parts are imported once there is a database)
"""Line: our own, in its real processes: start, turns a second, latency at half of that, memory, a turn late in a talk.

Messages come in by the intake that a webhook calls, into the database of service with its durable commit; the lanes of
`./run bot` take them. What a turn took is what the lane itself logs, from its claim to the end of its commit.
"""

from __future__ import annotations

import os
import random
import re
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from benchmarks.speed.mix import Mix, Written
from tests.integration.place import Place, until

_DONE = re.compile(rb"^(\S+) \w+ turn_done conversation=\d+ inbox=(\d+) ms=(\d+)", re.MULTILINE)
_GIVEN_UP = re.compile(rb" turn_failed inbox=(\d+) .*gave_up=true")
_KB = 1024
EARLY, LAST = range(5, 15), 10  # around message 10, and the last ten: each the mean of ten messages
LONG_TALKS, SHORTEST_TALK = 12, EARLY.stop + LAST
Say = Callable[[str], None]


def memory_of(pid: int) -> dict[str, float]:
    """What a process has of memory, in MB: its share of what is shared, and what is its own alone."""
    fields = {}
    for row in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]:
        name, value = row.split(":")
        fields[name] = int(value.split()[0]) / _KB
    return {"pss": fields["Pss"], "private": fields["Private_Clean"] + fields["Private_Dirty"], "rss": fields["Rss"]}


def start_of_all(folder: Path, model: Path) -> dict[str, float]:
    """Seconds until `./run` is healthy with a trained model, and the memory of its web process."""
    place = Place(folder)
    try:
        place.use_model(model)
        began = time.monotonic()
        up = place.start("up")
        until(lambda: place.status_of("/healthz") == 200, 900, "the line", every_s=0.2)
        start_s = time.monotonic() - began
        for _ in range(20):
            place.answers("/desk/sign-in/")
        web = next(pid for pid in _descendants(up.pid) if b"web" in _words(pid))
        return {"start_s": round(start_s, 1), "web_mb": round(memory_of(web)["pss"], 1)}
    finally:
        place.close()


def _words(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return []


def _descendants(pid: int) -> list[int]:
    found = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
    return [one for child in found for one in (child, *_descendants(child))]


class _Log:
    """What the lanes have logged, each line read once: looking must not take the processor from them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[Path, int] = {}  # bytes
        self.done: dict[int, tuple[str, int]] = {}  # inbox row: when, and how many milliseconds it took
        self.given_up: set[int] = set()  # inbox rows that went to a person, as the bot could not

    def look(self) -> None:
        """Read what is new; a line that is not whole yet is left for the next look."""
        for path in self._folder.iterdir():
            with path.open("rb") as log:
                log.seek(self._read.get(path, 0))
                new = log.read()
            lines = new[: new.rfind(b"\n") + 1]
            self._read[path] = self._read.get(path, 0) + len(lines)
            self.done.update((int(row), (at.decode("ascii"), int(ms))) for at, row, ms in _DONE.findall(lines))
            self.given_up.update(map(int, _GIVEN_UP.findall(lines)))


_TAKES_SQLITE = """
CREATE TRIGGER taken AFTER INSERT ON records_outboxmessage BEGIN
  UPDATE records_outboxmessage SET status = 'sent', sent_at = NEW.created_at WHERE id = NEW.id;
END
"""
_TAKES_POSTGRESQL = """
CREATE FUNCTION taken() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN NEW.status := 'sent'; NEW.sent_at := NEW.created_at; RETURN NEW; END $$;
CREATE TRIGGER taken BEFORE INSERT ON records_outboxmessage FOR EACH ROW EXECUTE FUNCTION taken()
"""


def _takes_at_once() -> None:
    """Let every answer count as sent when it is written: no delivery runs here, and what nobody saw takes no answer."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(_TAKES_SQLITE if connection.vendor == "sqlite" else _TAKES_POSTGRESQL)


class Service:
    """A place with its database, the runner in it, and what its lanes have logged."""

    def __init__(self, folder: Path, model: Path, *, lanes: int, seed: int) -> None:
        self.place, self._lanes = Place(folder), lanes
        self._number, self._chance = 0, random.Random(seed)
        self._stored: dict[int, float] = {}  # inbox row: when it was on disk
        self._written: dict[int, tuple[Written, int]] = {}  # inbox row: what, and its place in its talk
        self._log = _Log(self.place.logs)
        self.given_up = self._log.given_up
        self.place.migrate()
        self.place.use_model(model)
        self.place.start_redis()
        os.environ.update(self.place.environ)
        import django

        django.setup()
        _takes_at_once()

    def close(self) -> None:
        """End everything."""
        self.place.close()

    def start(self) -> None:
        """Start the runner."""
        self.place.start("bot", "--lanes", str(self._lanes))
        until(lambda: len(self.place.children_of("bot")) >= self._lanes, 900, "the lanes", every_s=0.2)

    def receives(self, written: Written, talk: str, position: int, *, minutes: int = 0) -> int:
        """Let one message arrive, as if that many minutes from now; return its row."""
        from bot import intake
        from channels.base import Address, Inbound, Kind

        now = datetime.now(timezone.utc)
        self._number += 1
        receipt = intake.receive(
            Inbound(
                channel="sms", provider_id=f"SM{self._number:032x}", sender=Address("sms", talk), text=written.text,
                kind=Kind.TEXT, received_at=now + timedelta(minutes=minutes),
            ),
            now,
        )  # fmt: skip
        self._stored[receipt.inbox_id] = time.time()
        self._written[receipt.inbox_id] = (written, position)
        return receipt.inbox_id

    def waits_for(self, rows: Iterable[int], say: Say) -> list[dict[str, Any]]:
        """Wait until each row has its turn; return the turns in their order, those given up left out."""
        wanted, told = set(rows), 0.0
        deadline = time.monotonic() + 300 + len(wanted)
        while True:
            self._log.look()
            wanted -= self.given_up
            missing = len(wanted - self._log.done.keys())
            if not missing:
                break
            if time.monotonic() > deadline:
                raise TimeoutError(f"{missing} of {len(wanted)} turns were not taken")
            if time.monotonic() - told > 5:
                told = time.monotonic()
                say(f"  {len(wanted) - missing} of {len(wanted)} turns")
            time.sleep(0.3)
        return sorted((self._turn(row, *self._log.done[row]) for row in wanted), key=lambda turn: turn["done"])

    def _turn(self, row: int, at: str, ms: int) -> dict[str, Any]:
        done = datetime.fromisoformat(at.replace("Z", "+00:00")).timestamp()
        written, position = self._written[row]
        return {
            "ms": ms,
            "done": done,
            "answer_ms": 1000 * (done - self._stored[row]),
            "written": written,
            "at": position,
        }

    def flat_out(self, talks: Sequence[Sequence[Written]], say: Say) -> tuple[float, list[dict[str, Any]]]:
        """Fill the inbox, then start the lanes; return turns a second from the first begun to the last done."""
        rows = []
        for position in range(max(map(len, talks))):
            for number, talk in enumerate(talks):
                if position < len(talk):
                    # What was written before the question came is no answer to it: each comes a minute after the last.
                    rows.append(self.receives(talk[position], f"+1202555{number:04}", position, minutes=position))
        say(f"{len(rows)} messages wait; starting {self._lanes} lanes")
        self.start()
        turns = self.waits_for(rows, say)
        began = min(turn["done"] - turn["ms"] / 1000 for turn in turns)
        return len(turns) / (turns[-1]["done"] - began), turns

    def at_rate(self, talks: Sequence[Sequence[Written]], per_s: float, say: Say) -> list[dict[str, Any]]:
        """Let messages arrive at random moments, so many a second; each talk's in order."""
        due = time.monotonic()
        rows = []
        for position in range(max(map(len, talks))):
            for number, talk in enumerate(talks):
                if position >= len(talk):
                    continue
                due += self._chance.expovariate(per_s)
                time.sleep(max(0.0, due - time.monotonic()))
                rows.append(self.receives(talk[position], f"+1303555{number:04}", position))
        return self.waits_for(rows, say)

    def long_talks(self, mix: Mix, languages: Sequence[str], length: int, say: Say) -> dict[str, float]:
        """Let a few talks grow long; return what a turn takes at their message 10 and at their end."""
        talks = []
        for language in languages:
            talk = [one for one in mix.talk(language, 2 * length) if one.short and not one.bare][:length]
            self._chance.shuffle(talk)  # so that no place in the talk has other lengths than another
            talks.append(talk)
        shortest = min(map(len, talks))
        rows = [
            self.receives(talk[position], f"+1404555{number:04}", position)
            for position in range(shortest)
            for number, talk in enumerate(talks)
        ]
        turns = self.waits_for(rows, say)
        early = _typical(turn["ms"] for turn in turns if turn["at"] in EARLY)
        late = _typical(turn["ms"] for turn in turns if turn["at"] >= shortest - LAST)
        return {
            "last": shortest,
            "early_ms": round(early, 1),
            "late_ms": round(late, 1),
            "ratio": round(late / early, 2),
        }

    def memory(self) -> dict[str, float]:
        """Memory of the runner with its lanes, in MB."""
        parent = self.place.running["bot"].pid
        lanes = [memory_of(pid) for pid in self.place.children_of("bot")]
        whole = memory_of(parent)["pss"] + sum(lane["pss"] for lane in lanes)
        return {
            "runner_and_lanes_mb": round(whole, 1),
            "a_lane_mb": round(whole / len(lanes), 1),
            "a_lane_alone_mb": round(statistics.mean(lane["private"] for lane in lanes), 1),
        }


def _typical(values: Iterable[float]) -> float:
    """The mean of the middle eight tenths: the log has whole milliseconds, so a median would be one of a few."""
    ranked = sorted(values)
    cut = len(ranked) // 10
    return statistics.mean(ranked[cut : len(ranked) - cut])


def percentiles(values: Iterable[float]) -> dict[str, float]:
    """The usual ones, in milliseconds."""
    ranked = sorted(values)
    if not ranked:
        return {}
    at = {name: ranked[min(len(ranked) - 1, int(len(ranked) * share))] for name, share in _SHARES.items()}
    return {"count": len(ranked), **{name: round(value, 1) for name, value in at.items()}, "max": round(ranked[-1], 1)}


_SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
