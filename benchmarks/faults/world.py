"""World: the line in its real processes, what it stands on, and the people who write to it."""

# ruff: noqa: PLC0415 (Django's models can be imported only after the place of the run is made)
from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import django
from twilio.request_validator import RequestValidator

from benchmarks.faults.cluster import cluster
from benchmarks.kill import SAID, SlowTwilio, judge
from benchmarks.load import memory_mb
from tests.acceptance.twilio_standin import ACCOUNT
from tests.integration.place import Place, until

TOKEN, NUMBER = "twilio-token", "+15005550006"
PATH = "/channels/sms"
REST_S = 420  # so long a slow machine may take until all is quiet again
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
            cwd=Path(__file__).parents[2], env=self.place.environ, check=True, timeout=900,
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
