"""How long Twilio waits for our 200: the signed SMS webhook of a real web process, each message stored on disk first.

Prints one JSON object. The database is the one that service uses: SQLite with synchronous=FULL, or PostgreSQL when
DATABASE_URL names one.

    python -m benchmarks.webhook --messages 300
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from tests.integration.place import Place, until
from tests.integration.providers import ACCOUNT

TOKEN, NUMBER = "twilio-token", "+15005550006"
PATH = "/channels/sms"
WARM_UP = 20
TEXT = "bos saya tahan paspor dan gaji saya sejak bulan juni, saya takut pulang"


def measure(place: Place, messages: int, *, at_once: int) -> list[float]:
    """Milliseconds of each call, over connections that are kept open as Twilio's are."""
    validator = RequestValidator(TOKEN)

    def one_sender(sender: int) -> list[float]:
        connection = http.client.HTTPConnection("127.0.0.1", place.port, timeout=30)
        took = []
        for index in range(messages // at_once):
            number = f"SM{messages:08x}{at_once:04x}{sender:04x}{index:016x}"
            fields = {"MessageSid": number, "AccountSid": ACCOUNT, "From": f"+1500555{1000 + index % 200}"}
            fields |= {"To": NUMBER, "Body": TEXT, "NumMedia": "0"}
            signature = validator.compute_signature(f"{place.url}{PATH}", fields)
            headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
            body = urlencode(fields)
            began = time.perf_counter()
            connection.request("POST", PATH, body, headers)
            answer = connection.getresponse()
            answer.read()
            took.append(1000 * (time.perf_counter() - began))
            if answer.status != 200:
                raise SystemExit(f"the webhook answered {answer.status}")
        connection.close()
        return took

    with ThreadPoolExecutor(at_once) as senders:
        return [took for found in senders.map(one_sender, range(at_once)) for took in found]


def figures(took: list[float]) -> dict[str, float]:
    ranked = sorted(took)
    return {
        "messages": len(ranked),
        "median_ms": round(statistics.median(ranked), 1),
        "p95_ms": round(ranked[int(len(ranked) * 0.95)], 1),
        "max_ms": round(ranked[-1], 1),
    }


def run(folder: Path, messages: int) -> dict[str, object]:
    place = Place(folder)
    place.environ |= {
        "LANTERN_PUBLIC_URL": place.url,
        "LANTERN_TWILIO_ACCOUNT_SID": ACCOUNT,
        "LANTERN_TWILIO_AUTH_TOKEN": TOKEN,
        "LANTERN_TWILIO_FROM": NUMBER,
        "LANTERN_TWILIO_PARTS_A_SECOND": "1000",
    }
    try:
        place.migrate()
        place.start("web")
        until(lambda: place.status_of("/healthz") is not None, 60, "the web process", every_s=0.2)
        measure(place, WARM_UP, at_once=1)
        alone = figures(measure(place, messages, at_once=1))
        together = figures(measure(place, messages, at_once=8))
    finally:
        place.close()
    database = "postgresql" if os.environ.get("DATABASE_URL") else "sqlite, synchronous=FULL"
    load = round(os.getloadavg()[0], 1)
    return {"database": database, "one_sender": alone, "eight_senders": together, "load_average": load}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=300)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lantern-webhook-") as folder:
        print(json.dumps(run(Path(folder) / "place", asked.messages)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
