"""Webhooks at a steady rate, whatever the answers take: are all stored, how long does Twilio wait, does memory grow?

Each call is due at its own time and measured from that time on, so a slow answer is not hidden by calls that were
never made. Prints one JSON object; the exit code is 1 when a message is missing.

    python -m benchmarks.load --rate 100 --seconds 60 --model var/models/lantern-....tar.gz     # with the lanes running
    python -m benchmarks.load --rate 200 --seconds 60                                           # lanes paused
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
from twilio.request_validator import RequestValidator

from tests.integration.place import Place, until
from tests.integration.providers import ACCOUNT

TOKEN, NUMBER = "twilio-token", "+15005550006"
PATH = "/channels/sms"
EACH_WRITES = 3  # messages a number: more in a minute from one would be a flood, which is heard last
TEXT = "bos saya tahan paspor dan gaji saya sejak bulan juni, saya takut pulang"
CONNECTIONS = 20  # Twilio keeps some open and calls on all of them


def calls(place: Place, count: int) -> list[tuple[str, dict[str, str]]]:
    """Body and headers of each call, signed beforehand: the signing is Twilio's work."""
    validator = RequestValidator(TOKEN)
    made = []
    for index in range(count):
        fields = {"MessageSid": f"SM{index:032x}", "AccountSid": ACCOUNT, "From": f"+1500{index // EACH_WRITES:07}"}
        fields |= {"To": NUMBER, "Body": TEXT, "NumMedia": "0"}
        signature = validator.compute_signature(f"{place.url}{PATH}", fields)
        headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
        made.append((urlencode(fields), headers))
    return made


async def drive(place: Place, made: list[tuple[str, dict[str, str]]], rate: float) -> tuple[list[float], list[int]]:
    """Make the calls at their times; return milliseconds and statuses."""
    took, statuses = [0.0] * len(made), [0] * len(made)
    connector = aiohttp.TCPConnector(limit=CONNECTIONS)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=15)) as session:

        async def one(index: int, due: float) -> None:
            body, headers = made[index]
            try:
                async with session.post(f"{place.url}{PATH}", data=body, headers=headers) as answer:
                    await answer.read()
                    statuses[index] = answer.status
            except (aiohttp.ClientError, asyncio.TimeoutError):
                statuses[index] = 0
            took[index] = 1000 * (time.perf_counter() - due)

        began, tasks = time.perf_counter(), []
        for index in range(len(made)):
            due = began + index / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            tasks.append(asyncio.create_task(one(index, due)))
        await asyncio.gather(*tasks)
    return took, statuses


def memory_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return round(int(line.split()[1]) / 1024, 1)
    return 0.0


def stored(place: Place) -> int:
    if os.environ.get("DATABASE_URL"):
        import psycopg  # noqa: PLC0415 (only where it is used)

        with psycopg.connect(place.environ["DATABASE_URL"]) as connection:
            found = connection.execute("SELECT count(*) FROM records_inboxmessage").fetchone()
            return int(found[0]) if found else 0
    with sqlite3.connect(f"file:{place.database_name}?mode=ro", uri=True) as connection:
        return int(connection.execute("SELECT count(*) FROM records_inboxmessage").fetchone()[0])


def run(folder: Path, *, rate: float, seconds: float, model: Path | None) -> dict[str, object]:
    place = Place(
        folder,
        LANTERN_TWILIO_ACCOUNT_SID=ACCOUNT,
        LANTERN_TWILIO_AUTH_TOKEN=TOKEN,
        LANTERN_TWILIO_FROM=NUMBER,
    )
    place.environ["LANTERN_PUBLIC_URL"] = place.url
    count = int(rate * seconds)
    made = calls(place, count)
    try:
        place.migrate()
        if model is not None:
            place.use_model(model)
            place.start_redis()
            place.start("bot")
            until(lambda: place.children_of("bot"), 180, "the runner")
        web = place.start("web")
        until(lambda: place.status_of("/healthz") is not None, 90, "the web process", every_s=0.2)
        warm = max(1, count // 10)
        first, first_statuses = asyncio.run(drive(place, made[:warm], rate))
        early = memory_mb(web.pid)
        took, statuses = asyncio.run(drive(place, made[warm:], rate))
        late, kept = memory_mb(web.pid), stored(place)
    finally:
        place.close()
    ranked, statuses = sorted(took), first_statuses + statuses
    return {
        "rate": rate, "seconds": seconds, "lanes": "running" if model else "paused",
        "database": "postgresql" if os.environ.get("DATABASE_URL") else "sqlite, synchronous=FULL",
        "calls": count, "answered_200": statuses.count(200), "stored": kept, "lost": statuses.count(200) - kept,
        "median_ms": round(statistics.median(ranked), 1), "p99_ms": round(ranked[int(len(ranked) * 0.99)], 1),
        "max_ms": round(ranked[-1], 1), "web_mb": [early, late], "load_average": round(os.getloadavg()[0], 1),
        "warm_up_median_ms": round(statistics.median(first), 1),
    }  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=100.0)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--model", type=Path, help="a trained model: the lanes then take turns meanwhile")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lantern-load-") as folder:
        found = run(Path(folder) / "place", rate=asked.rate, seconds=asked.seconds, model=asked.model)
    print(json.dumps(found))
    return 0 if found["stored"] == found["calls"] else 1


if __name__ == "__main__":
    sys.exit(main())
