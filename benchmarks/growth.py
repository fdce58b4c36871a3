# ruff: noqa: PLC0415 (Django and its parts are imported once there is a database)
"""Growth: what a webhook, a turn, the desk and the clock cost when 1,000, 100,000 and 1,000,000 conversations are kept.

Conversations are made in bulk, each with contact, data key, message, answer, tracker and assessment, sealed as in
service; then each act is done as in service, on the same database grown from stage to stage. The model is not asked:
it knows nothing of how much is stored. SQLite, or PostgreSQL when DATABASE_URL names one. Last line: JSON.

    python -m benchmarks.growth --sizes 1000 100000 1000000
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import statistics
import sys
import tempfile
import time
import uuid
import zlib
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from tests.integration.place import Place

WAITING, HELD, WITH_BOT = 200, 40, 0.05  # the desk's own work does not grow with what is kept; talks do
KEPT_DAYS = 29  # within every time of keeping, so that nothing is due but what is made so
BAR = 1.5
ROUNDS = 40
AT_ONCE = 5_000
ERASED_AT_ONCE = 20
EVENTS = [
    {"event": "action", "name": "action_listen"},
    {"event": "user", "parse_data": {"intent": {"name": "greet"}}},
] * 3


def say(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {line}", file=sys.stderr, flush=True)


class Table:
    """Puts rows of one model in by the thousand: one row is prepared by Django, the others differ in a few columns."""

    def __init__(self, pattern: Any, varies: tuple[str, ...]) -> None:
        from django.db import connection

        meta = pattern._meta
        fields = [field for field in meta.concrete_fields if not field.generated]
        self.varies, self.name = varies, meta.db_table
        self._columns = [field.column for field in fields]
        self._fixed = [
            field.get_db_prep_save(getattr(pattern, field.attname), connection) if field.attname not in varies else None
            for field in fields
        ]
        self._places = [self._columns.index(next(f.column for f in fields if f.attname == name)) for name in varies]
        self._rows: list[list[Any]] = []

    def add(self, *values: Any) -> None:
        row = self._fixed.copy()
        for place, value in zip(self._places, values, strict=True):
            row[place] = value
        self._rows.append(row)

    def write(self) -> None:
        from django.db import connection

        names = ", ".join(f'"{column}"' for column in self._columns)
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                with cursor.cursor.copy(f'COPY "{self.name}" ({names}) FROM STDIN') as copy:
                    for row in self._rows:
                        copy.write_row(row)
            else:
                marks = ", ".join(["?"] * len(self._columns))
                sql = f'INSERT INTO "{self.name}" ({names}) VALUES ({marks})'  # noqa: S608 (names of Django's own)
                cursor.cursor.connection.executemany(sql, self._rows)
        self._rows.clear()


class Maker:
    """Makes conversations."""

    def __init__(self, now: datetime) -> None:
        from django.db import connection

        from records.messages.intake import day_key_of

        self.now, self.made, self._behind = now, 0, 1
        self._days = [day_key_of(now - timedelta(days=day)) for day in range(KEPT_DAYS + 1)]
        self._opened = [day.open() for day in self._days]
        field = connection.ops.adapt_datetimefield_value
        self._time: Callable[[datetime], Any] = field if connection.vendor == "sqlite" else lambda at: at
        self._uid: Callable[[uuid.UUID], Any] = (
            (lambda uid: uid.hex) if connection.vendor == "sqlite" else lambda uid: uid
        )
        self._tables = self._prepared()

    def _prepared(self) -> dict[str, Table]:
        from records.models import AssessmentRecord, Contact, Conversation, InboxMessage, OutboxMessage, TrackerChunk

        inbox = InboxMessage(channel="sms", kind="text", status="done", attempts=1, received_at=self.now)
        outbox = OutboxMessage(
            channel="sms", author="bot", key="greeting", valid_for_s=600, status="sent", attempts=1, n=0,
            created_at=self.now, not_before=self.now, sent_at=self.now,
        )  # fmt: skip
        talk = Conversation(language="es", consent="yes", version=9, role="self")
        times = ("started_at", "last_in_at", "last_out_at")
        state = ("owner", "level", "queued_at", "claimed_by_id", "claimed_at", "closed_at", "sealed_at")
        of_talk = ("id", "uid", "contact_id", "day_key_id", "wrapped_key", "lane_hash", *times, *state)
        return {
            "contact": Table(Contact(channel="sms", created_at=self.now), ("id", "uid", "address_hash", "address")),
            "talk": Table(talk, of_talk),
            "inbox": Table(inbox, ("id", "uid", "conversation_id", "provider_id", "payload")),
            "outbox": Table(outbox, ("id", "uid", "conversation_id", "inbox_id", "provider_id", "payload")),
            "chunk": Table(TrackerChunk(seq=0, n=len(EVENTS)), ("id", "uid", "conversation_id", "sealed")),
            "assessment": Table(AssessmentRecord(), ("id", "uid", "conversation_id", "sealed")),
        }  # fmt: skip

    def grow_to(self, size: int) -> None:
        """Make conversations until there are so many."""
        from django.db import transaction

        began, told = time.monotonic(), time.monotonic()
        while self.made < size:
            some = range(self.made, min(self.made + AT_ONCE, size))
            with transaction.atomic():
                for number in some:
                    self._one(number)
                for table in self._tables.values():
                    table.write()
            self.made = some.stop
            if time.monotonic() - told > 10:
                told = time.monotonic()
                say(f"  {self.made} of {size}, {time.monotonic() - began:.0f} s")

    def _one(self, number: int) -> None:
        from records.sealing.keys import lookup_hash, new_key, seal_address, wrap_data_key
        from records.sealing.seal import place, seal_json, seal_packed

        pk, day = number + self._behind, number % (KEPT_DAYS + 1)
        at = self.now - timedelta(days=day, seconds=number % 80_000 + 60)
        uids = [uuid.UUID(int=(pk << 16) + part) for part in range(6)]
        person, talk, inbox, outbox, chunk, record = uids
        address, key = f"+1{number:010}", new_key()
        sealed = self._state(number, at)
        tables = self._tables
        tables["contact"].add(pk, self._uid(person), lookup_hash("sms", address), seal_address(address, person))
        wrapped = b"" if sealed[-1] else wrap_data_key(self._opened[day], key, talk)
        moment = self._time(at)
        tables["talk"].add(
            pk,
            self._uid(talk),
            pk,
            self._days[day].pk,
            wrapped,
            zlib.crc32(talk.bytes),
            moment,
            moment,
            moment,
            *sealed,
        )
        payload = {"text": f"message {number} about my papers", "button": None, "media": [], "hint_language": None}
        tables["inbox"].add(
            pk, self._uid(inbox), pk, f"SM{number:032x}", seal_json(key, payload, place("inbox", "payload", inbox))
        )
        said = {"text": "Thank you for writing. Is it safe to write now?", "buttons": []}
        tables["outbox"].add(
            pk, self._uid(outbox), pk, pk, f"SMo{number:031x}", seal_json(key, said, place("outbox", "payload", outbox))
        )
        tables["chunk"].add(
            pk, self._uid(chunk), pk, seal_packed(key, EVENTS, place("trackerchunk", "sealed.0", chunk))
        )
        tables["assessment"].add(
            pk, self._uid(record), pk, seal_json(key, {"flow": "opening"}, place("assessment", "sealed", record))
        )

    def _state(self, number: int, at: datetime) -> tuple[Any, ...]:
        """Owner, level, queued, claimed by, claimed, closed, sealed."""
        moment = self._time(at)
        if number < WAITING:
            return ("queue", ("urgent", "priority", "offer", "info")[number % 4], moment, None, None, None, None)
        if number < WAITING + HELD:
            return ("staff", "priority", moment, 1, moment, None, None)
        if number % round(1 / WITH_BOT) == 0:
            return ("bot", None, None, None, None, None, None)
        return ("closed", "offer", moment, 1, moment, moment, moment)

    def goes_behind_what_came_meanwhile(self) -> None:
        """Take numbers of rows that no act has taken."""
        from django.db.models import Max

        from records.models import Contact, Conversation, InboxMessage, OutboxMessage, TrackerChunk

        models = (Contact, Conversation, InboxMessage, OutboxMessage, TrackerChunk)
        self._behind = max(model.objects.aggregate(last=Max("pk"))["last"] for model in models) + 1 - self.made

    def settle(self) -> None:
        """What a database does by itself in time: statistics, the log put away, sequences behind the rows."""
        from django.core.management.color import no_style
        from django.db import connection

        from records.models import AssessmentRecord, Contact, Conversation, InboxMessage, OutboxMessage, TrackerChunk

        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                models = [Contact, Conversation, InboxMessage, OutboxMessage, TrackerChunk, AssessmentRecord]
                for sql in connection.ops.sequence_reset_sql(no_style(), models):
                    cursor.execute(sql)
                cursor.execute("VACUUM ANALYZE")
            else:
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


class Acts:
    """What is done all day, as it is done in service."""

    def __init__(self, now: datetime, session: str, staff: Any) -> None:
        from django.conf import settings
        from django.test import Client

        self.now, self._staff, self._numbers = now, staff, itertools.count()
        self._client = Client(headers={"host": "127.0.0.1"})
        self._client.cookies[settings.SESSION_COOKIE_NAME] = session
        self._erased = 0

    def each(self) -> dict[str, tuple[Callable[[], object], int]]:
        """Name, what is measured, and how often."""
        from bot.clock import tell_waits
        from desk.live import _mark
        from records.erasure.contact_export import find_contact
        from records.erasure.retention import erase_due
        from records.sealing.closing import seal_closed

        return {
            "webhook_new_contact": (self._webhook_new, ROUNDS),
            "webhook_known_contact": (self._webhook_known, ROUNDS),
            "turn": (self._turn, 2 * ROUNDS),  # of what the webhooks have left
            "queue_page": (lambda: self._page("/desk/"), ROUNDS // 2),
            "queue_fragment": (lambda: self._page("/desk/queue/"), ROUNDS // 2),
            "search": (lambda: find_contact("sms", f"+1{WAITING + 7:010}", self._staff, self.now), ROUNDS),
            "live_look": (_mark, ROUNDS),
            "clock_waits": (lambda: tell_waits(self.now - timedelta(days=99)), ROUNDS // 2),
            "clock_seals": (lambda: seal_closed(self.now), ROUNDS // 2),
            "retention_nothing_due": (lambda: erase_due(self.now), ROUNDS // 4),
            "retention_each_erased": (self._erases, 3),
        }

    def _store(self, address: str) -> None:
        from records.messages.intake import store_inbound

        store_inbound(
            channel="sms", provider_id=f"SMn{uuid.uuid4().hex}", address=address, kind="text", received_at=self.now,
            text="bos saya tahan paspor dan gaji saya",
        )  # fmt: skip

    def _webhook_new(self) -> None:
        self._store(f"+44{uuid.uuid4().int % 10**12:012}")

    def _webhook_known(self) -> None:
        self._store(f"+1{WAITING + HELD + 20 * (1 + next(self._numbers) % 30):010}")

    def _turn(self) -> None:
        from records.messages.outcome import OutboxDraft, TurnOutcome
        from records.messages.queries import claim_next_turn
        from records.messages.turns import commit_turn, load_turn

        claimed = claim_next_turn("growth", 0, 1, self.now)
        assert claimed, "no message waits"
        material = load_turn(claimed)
        outcome = TurnOutcome(
            version=material.conversation.version, next_seq=material.next_seq, events=tuple(EVENTS), findings=(),
            assessment={"flow": "opening"}, outbox=(OutboxDraft(text="Is it safe?", valid_for_s=600, key="opening"),),
        )  # fmt: skip
        commit_turn(claimed, outcome, self.now)

    def _page(self, address: str) -> None:
        answer = self._client.get(address)
        assert answer.status_code == 200, answer.status_code

    def _erases(self) -> float:
        """Milliseconds for each of some conversations that have become due."""
        from records.erasure.retention import erase_due
        from records.models import Conversation

        some = Conversation.objects.filter(owner="closed").order_by("pk").values_list("pk", flat=True)[:ERASED_AT_ONCE]
        Conversation.objects.filter(pk__in=list(some)).update(erase_at=self.now)
        began = time.perf_counter()
        erased = erase_due(self.now)
        assert erased == ERASED_AT_ONCE, erased
        return 1000 * (time.perf_counter() - began) / erased


def taken(act: Callable[[], object], rounds: int) -> float:
    """Median milliseconds; an act that measures itself returns them."""
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        found = act()
        times.append(found if isinstance(found, float) else 1000 * (time.perf_counter() - began))
    return round(statistics.median(times[1:]), 2)


def stages(sizes: Iterable[int]) -> Iterator[tuple[int, dict[str, float]]]:
    from django.test import Client

    import desk.sessions  # noqa: F401 (marks each session as it begins)
    from records.models import Staff
    from records.states import StaffRole

    now = datetime.now(timezone.utc)
    staff = Staff.objects.create_user("sara", None, pk=1, role=StaffRole.SUPERVISOR, languages=["es"])
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    maker = Maker(now)
    acts = Acts(now, str(client.session.session_key), staff)
    for size in sizes:
        began = time.monotonic()
        maker.grow_to(size)
        maker.settle()
        say(f"{size} conversations, made in {time.monotonic() - began:.0f} s")
        found = {name: taken(act, rounds) for name, (act, rounds) in acts.each().items()}
        maker.goes_behind_what_came_meanwhile()
        say(f"  {found}")
        yield size, found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 100_000, 1_000_000])
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lantern-growth-") as folder:
        place = Place(Path(folder) / "place")
        try:
            place.migrate()
            os.environ.update(place.environ)
            import django

            django.setup()
            found = dict(stages(asked.sizes))
            from django.db import connections

            connections.close_all()
        finally:
            place.close()
    first, last = found[asked.sizes[0]], found[asked.sizes[-1]]
    ratios = {name: round(last[name] / first[name], 2) for name in first if first[name]}
    database = "postgresql" if os.environ.get("DATABASE_URL") else "sqlite"
    over = [name for name, ratio in ratios.items() if ratio > BAR]
    load = round(os.getloadavg()[0], 1)
    print(json.dumps({"database": database, "ms": found, "ratios": ratios, "over_the_bar": over, "load_average": load}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
