"""A storm at the door: 50 guessed passwords a second for a minute, over HTTP, while staff sign in from elsewhere.

Prints one JSON object: how many guesses, how many were refused before any hashing (429), how long a refusal
took, and whether the storm got in or kept real staff out. A real line behind a proxy on this machine, which
tells the addresses.

    python -m benchmarks.sign_in_storm --seconds 60 --rate 50
"""

from __future__ import annotations

import argparse
import http.client
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

from tests.integration.place import Place, until

PASSWORD, HOST = "a lamp in the harbour", "line.example.org"
TOO_MANY, FOUND = 429, 302


def guess(port: int, name: str, password: str, address: str) -> tuple[int, float]:
    """One try, as a browser makes it: the form, then the answer. The milliseconds are those of the answer."""
    told = {"Host": HOST, "X-Forwarded-For": address, "X-Forwarded-Proto": "https"}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", "/desk/sign-in/", headers=told)
        page = connection.getresponse()
        cookie = (page.getheader("Set-Cookie") or "").partition(";")[0]
        found = re.search(rb'csrfmiddlewaretoken" value="(\w+)"', page.read())
        form = {"username": name, "password": password, "csrfmiddlewaretoken": found.group(1).decode() if found else ""}
        more = {"Cookie": cookie, "Origin": f"https://{HOST}", "Content-Type": "application/x-www-form-urlencoded"}
        began = time.perf_counter()
        connection.request("POST", "/desk/sign-in/", urlencode(form), {**told, **more})
        answer = connection.getresponse()
        answer.read()
        return answer.status, (time.perf_counter() - began) * 1000
    finally:
        connection.close()


def storm(port: int, seconds: int, rate: int) -> tuple[list[tuple[int, float]], list[int]]:
    """Guesses at one name from 20 addresses at the rate, and every ten seconds somebody of the staff from their own."""
    staff: list[int] = []
    with ThreadPoolExecutor(64) as pool, ThreadPoolExecutor(2) as office:
        began = time.monotonic()
        guesses, signs = [], []
        for number in range(seconds * rate):
            time.sleep(max(0.0, began + number / rate - time.monotonic()))
            guesses.append(pool.submit(guess, port, "sara", f"guess {number}", f"203.0.113.{number % 20}"))
            if number % (10 * rate) == 5 * rate:
                signs.append(office.submit(guess, port, "ben", PASSWORD, f"198.51.100.{number // rate % 250}"))
        staff = [one.result()[0] for one in signs]
        return [one.result() for one in guesses], staff


def main() -> None:
    """Bring up a web process, let the storm pass, tell what it did."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--rate", type=int, default=50)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Place(Path(folder), LANTERN_PUBLIC_URL=f"https://{HOST}", LANTERN_TELEGRAM_TOKEN="1:x")  # noqa: S106
        try:
            for name in ("sara", "ben"):
                command = [sys.executable, "-m", "lantern", "staff", "add", name, "--password-stdin"]
                environ = {**place.environ}
                subprocess.run(command, input=f"{PASSWORD}\n", text=True, env=environ, check=True, capture_output=True)
            place.start("web")
            until(lambda: place.status_of("/healthz") is not None, 120, "the web process", every_s=0.2)
            tries, staff = storm(place.port, asked.seconds, asked.rate)
        finally:
            place.close()
    refused = [took for status, took in tries if status == TOO_MANY]
    print(
        json.dumps(
            {
                "guesses": len(tries),
                "refused_before_hashing": len(refused),
                "got_in": sum(status == FOUND for status, _ in tries),
                "refusal_ms_p50": round(statistics.median(refused), 1) if refused else None,
                "refusal_ms_p99": round(sorted(refused)[int(len(refused) * 0.99)], 1) if refused else None,
                "staff_tries": len(staff),
                "staff_got_in": sum(status == FOUND for status in staff),
            }
        )
    )


if __name__ == "__main__":
    main()
