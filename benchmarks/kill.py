"""Kills the runner and delivery with SIGKILL at random moments, and counts what was lost or doubled.

Real processes, the real model, the real database; the provider is a small Twilio of ours that remembers what
it took. Prints one JSON object; the exit code is 1 when law 1 did not hold.

    python -m benchmarks.kill --kills 100 --messages 500 --seed 1
"""

# ruff: noqa: PLC0415 (Django's models can be imported only after the place of the run is made)
from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import django

from tests.acceptance.twilio_standin import ACCOUNT, TwilioStandin
from tests.integration.place import Place, until

TOKEN, NUMBER = "twilio-token", "+15005550006"
SAID = (
    "my boss keeps my passport", "they do not pay me since june", "bos saya tahan gaji saya", "saya takut pulang",
    "no me dejan salir de la casa", "me quitaron los papeles", "what are my rights", "who are you", "yes", "1", "ok",
    "i work 16 hours every day", "ကျွန်တော့် ပတ်စပို့ သိမ်းထားတယ်", "i want to talk to a person",
)  # fmt: skip


class SlowTwilio(TwilioStandin):
    """Takes a moment before and after it takes a message, so that a kill hits the moment between."""

    def __init__(self, seed: int) -> None:
        self._random, self._one = random.Random(seed), threading.Lock()
        self._seen = 0
        self.busy = 0
        super().__init__()
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]  # who asked was killed

    def _take(self, form: dict[str, str]) -> dict[str, Any]:
        self.busy += 1
        try:
            time.sleep(self._random.uniform(0, 0.06))
            with self._one:
                made = super()._take(form)
            time.sleep(self._random.uniform(0, 0.06))
            return made
        finally:
            self.busy -= 1


class Trial:
    """One run: feeds messages, kills, waits until all is quiet, and judges."""

    def __init__(self, folder: Path, *, kills: int, messages: int, conversations: int, seed: int) -> None:
        self.kills, self.messages, self.conversations = kills, messages, conversations
        self.random = random.Random(seed)
        self.twilio = SlowTwilio(seed)
        self.place = Place(
            folder,
            LANTERN_TWILIO_ACCOUNT_SID=ACCOUNT,
            LANTERN_TWILIO_AUTH_TOKEN=TOKEN,
            LANTERN_TWILIO_FROM=NUMBER,
            LANTERN_TWILIO_PARTS_A_SECOND="1000",
            LANTERN_TWILIO_API_BASE=self.twilio.url,
            LANTERN_PUBLIC_URL="https://line.example.org",
        )
        self._targets = _targets(kills, self.random)
        self.killed: Counter[str] = Counter()
        self.at_work: Counter[str] = Counter()
        self.repeated = 0

    def run(self, model: Path, mark: str = "") -> dict[str, Any]:
        began = time.monotonic()
        self.place.migrate()
        self.place.use_model(model)
        self.place.start_redis()
        os.environ.update(self.place.environ)
        django.setup()
        for name in ("bot", "delivery"):
            self.place.start(name)
        until(lambda: self.place.children_of("bot"), 120, "the runner")
        ready = time.monotonic()
        self._feed(mark)
        problem = ""
        try:
            until(lambda: not self._waiting(), 150, "all turns and all deliveries", every_s=0.2)
        except TimeoutError as late:
            problem = str(late)
        done = time.monotonic()
        return {
            "kills": sum(self.killed.values()), "killed": dict(self.killed), "while_at_work": dict(self.at_work),
            "messages": self.messages, "repeated_webhooks": self.repeated, **judge(self.twilio.messages),
            "unfinished": problem, "seconds": {"start": round(ready - began, 1), "run": round(done - ready, 1)},
        }  # fmt: skip

    def _feed(self, mark: str) -> None:
        after = Counter(self.random.randrange(self.messages) for _ in range(self.kills))
        for index in range(self.messages):
            until(lambda: self._waiting() < 8, 120, "a free place in the line", every_s=0.02)
            self._receive(index, mark)
            for _ in range(after[index]):
                self._kill()
                self._revive()

    def _receive(self, index: int, mark: str) -> None:
        from bot import intake
        from channels.base import Address, Inbound, Kind

        now = datetime.now(timezone.utc)
        message = Inbound(
            channel="sms",
            provider_id=f"SM{index:032x}",
            sender=Address("sms", f"+1500555{1000 + index % self.conversations}"),
            text=f"{self.random.choice(SAID)}{mark}",
            kind=Kind.TEXT,
            received_at=now,
        )
        intake.receive(message, now)
        if self.random.random() < 0.1:  # the provider did not hear our 200
            self.repeated += 1
            assert not intake.receive(message, now).created

    def _kill(self) -> None:
        target = self._targets.pop()
        lanes = self.place.children_of("bot")
        if target == "lane" and not lanes:  # the parent is loading
            target = "delivery"
        busy = self._delivering if target == "delivery" else self._taking
        with contextlib.suppress(TimeoutError):
            until(busy, 2.0, "work", every_s=0.001)
        time.sleep(self.random.uniform(0, 0.04))
        self.at_work[target] += bool(busy())
        self.killed[target] += 1
        if target == "lane":
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.random.choice(lanes), 9)
        if target in ("runner", "all"):
            self.place.kill("bot")
        if target in ("delivery", "all"):
            self.place.kill("delivery")
        if target == "all":  # as when the power goes
            for pid in lanes:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, 9)

    def _revive(self) -> None:
        for name in ("bot", "delivery"):
            if name not in self.place.running:
                self.place.start(name)

    def _taking(self) -> bool:
        from records.models import InboxMessage

        return InboxMessage.objects.filter(status="new").exclude(claimed_by="").exists()

    def _delivering(self) -> bool:
        return self.twilio.busy > 0

    def _waiting(self) -> int:
        from records.models import InboxMessage, OutboxMessage

        return InboxMessage.objects.filter(status="new").count() + OutboxMessage.objects.filter(unfinished=True).count()

    def close(self) -> None:
        self.place.close()
        self.twilio.stop()


def _targets(kills: int, chance: random.Random) -> list[str]:
    """What is killed, in random order: lanes and delivery mostly, as a dead parent is seconds without any work."""
    parents = -(-kills // 12)
    rest = kills - parents
    found = [chance.choice(("runner", "all")) for _ in range(parents)]
    found += ["lane"] * -(-rest // 2) + ["delivery"] * (rest // 2)
    chance.shuffle(found)
    return found


def judge(taken: list[dict[str, Any]]) -> dict[str, Any]:
    """Hold what is in the database against what was sent in, and against what the provider took."""
    from records.models import Conversation, InboxMessage, OutboxMessage, TrackerChunk

    inbox, outbox = list(InboxMessage.objects.all()), list(OutboxMessage.objects.order_by("pk"))
    answered = {row.inbox_id for row in outbox}
    # What the clock says by itself answers no message, and has no place among the answers to one.
    places = Counter((row.inbox_id, row.n) for row in outbox if row.inbox_id)
    keys = {row.pk: row.open_key() for row in Conversation.objects.select_related("day_key")}
    heard: Counter[int] = Counter()
    torn = 0
    position: dict[int, int] = defaultdict(int)
    for chunk in TrackerChunk.objects.order_by("conversation_id", "seq"):
        events = chunk.open_events(keys[chunk.conversation_id])
        heard[chunk.conversation_id] += sum(event.get("event") == "user" for event in events)
        torn += chunk.seq != position[chunk.conversation_id] or chunk.n != len(events)
        position[chunk.conversation_id] = chunk.seq + chunk.n
    done = Counter(row.conversation_id for row in inbox if row.status == "done")
    sent = [row for row in outbox if row.status == "sent"]
    ids = Counter(row.provider_id for row in sent)
    wanted = Counter(row.open_payload(keys[row.conversation_id])[0].strip() for row in sent)
    given = Counter(message["body"].strip() for message in taken)
    return {
        "stored": len(inbox),
        "turns": dict(Counter(row.status for row in inbox)),
        "silent_turns": sum(row.pk not in answered for row in inbox),
        "doubled_turns": sum(max(0, heard[pk] - done[pk]) for pk in keys),
        "turns_not_in_tracker": sum(max(0, done[pk] - heard[pk]) for pk in keys),
        "torn_trackers": torn,
        "replies": len(outbox),
        "doubled_replies": sum(number - 1 for number in places.values()),
        "outbox": dict(Counter(row.status for row in outbox)),
        "provider_took": len(taken),
        "sent_twice": sum((given - wanted).values()),
        "never_taken": sum((wanted - given).values()) + sum(number - 1 for number in ids.values()),
        "out_of_order": _out_of_order(sent, taken),
        "most_tries_of_a_turn": max((row.attempts for row in inbox), default=0),
    }


def _out_of_order(sent: list[Any], taken: list[dict[str, Any]]) -> int:
    place = {message["sid"]: index for index, message in enumerate(taken)}
    seen: dict[int, int] = defaultdict(int)
    wrong = 0
    for row in sent:
        now = place.get(row.provider_id, 0)
        wrong += now < seen[row.conversation_id]
        seen[row.conversation_id] = now
    return wrong


def holds(found: dict[str, Any]) -> bool:
    """Law 1, of one run."""
    nothing = ("doubled_turns", "turns_not_in_tracker", "torn_trackers", "doubled_replies", "sent_twice", "never_taken")
    ended = sum(found["turns"].get(state, 0) for state in ("done", "failed"))  # failed: a person has it
    kept = found["stored"] == ended == found["messages"]
    settled = set(found["outbox"]) <= {"sent", "dropped"}  # dropped: law 8, for somebody who has ended it
    return bool(kept and settled and not found["unfinished"] and not any(map(found.get, nothing)))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--messages", type=int, default=500)
    parser.add_argument("--conversations", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="keep data and output here")
    parser.add_argument("--model", type=Path, help="a trained model; trained in ./var if it is not named")
    parser.add_argument("--mark", default="", help="put behind every text")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lantern-kill-") as folder:
        chosen = asked.folder or Path(folder) / "place"
        trial = Trial(
            chosen, kills=asked.kills, messages=asked.messages, conversations=asked.conversations, seed=asked.seed
        )
        try:
            found = trial.run(asked.model or _model(), asked.mark)
        except TimeoutError as late:
            print(trial.place.logged()[-4000:], file=sys.stderr)
            raise SystemExit(f"{late}; killed so far: {dict(trial.killed)}") from late
        finally:
            trial.close()
    print(json.dumps({"law_1_holds": holds(found), **found}))
    return 0 if holds(found) else 1


def _model() -> Path:
    from lantern.model_store import ensure_model

    return ensure_model(Path("var"), lambda line: print(line, file=sys.stderr))


if __name__ == "__main__":
    sys.exit(main())
