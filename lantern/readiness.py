"""Readiness: what keeps this line from storing or answering a message now, in an operator's words, without secrets.

One list for the health page, the doctor, the metrics and the alerts. Reads tables and the disk; changes nothing.
"""

from __future__ import annotations

import functools
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from bot.canary import CAUSES
from channels.errors import cause_named
from lantern.start import WRONG_KEY
from records import tables
from records.audit_chain import broken
from records.counted import counted
from records.figures.beats import CLOCK, DELIVERY, RUNNER, SPEECHLESS, last_seen, silent
from records.messages import providers
from records.messages.queries import turns_waiting
from records.models import SelfTest
from records.sealing.fitting import master_key_fits

NEEDED = (RUNNER, DELIVERY, CLOCK)
SLOW_AFTER = timedelta(seconds=20)  # a turn takes a fraction of a second
# SQLite's log grows before it is folded in, and a sort of an upgrade needs as much again: below this a write may fail.
LEAST_FREE_BYTES = 200 * 1024 * 1024
PROVIDER = "provider"  # the doctor tells more of it where it judges the providers
# Every trouble that there can be; a metric has a line for each.
CODES = (
    "database", "migrations", "tables", "key", "audit", "disk", "runner", "dialogue", "delivery", "clock", "turns_wait",
    "self_test", PROVIDER,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One thing that is not as it must be; `storing`: not even a webhook is safe with us now.

    Without `answering` people are answered all the same, and an operator must look.
    """

    code: str
    sentence: str
    storing: bool = False
    answering: bool = True


def troubles(now: datetime) -> list[Trouble]:
    """Everything that keeps a message from being stored or answered, and what else must not wait for a day."""
    found = _disk()
    try:
        shape = _migrations() or _tables()
        found += shape
        if not any(one.answering for one in shape):
            proof = [] if shape else _key() or _audit(now)
            found += proof + _processes(now) + _turns(now) + _self_test() + _providers(now)
    except DatabaseError:
        connection.close()
        found.append(Trouble(code="database", sentence="database cannot be read", storing=True))
    return found


def free_bytes() -> int:
    """What is free on the disk of the data folder; 0 where there is no such folder."""
    try:
        return shutil.disk_usage(settings.LANTERN.data).free
    except OSError:
        return 0


def _disk() -> list[Trouble]:
    free = free_bytes()
    if free >= LEAST_FREE_BYTES:
        return []
    mb, least = free // 2**20, LEAST_FREE_BYTES // 2**20
    sentence = f"disk is full: {mb} MB are free in the data folder, at least {least} MB are needed"
    return [Trouble(code="disk", sentence=sentence, storing=True)]


def _migrations() -> list[Trouble]:
    applied = set(MigrationRecorder(connection).applied_migrations())
    missing = _wanted() - applied
    if not missing or (not applied and tables.lost()):  # the list of migrations itself was lost
        return []
    wait = counted(len(missing), "migration waits", "migrations wait")
    sentence = f"database is not up to date: {wait}; `./run` or `./run upgrade` applies what is missing"
    return [Trouble(code="migrations", sentence=sentence, storing=True)]


def _tables() -> list[Trouble]:
    lost = tables.lost()
    if not lost:
        return []
    sentence = tables.what_to_do(lost)
    if not tables.needed_to_answer(lost):
        return [Trouble(code="audit", sentence=sentence, answering=False)]
    return [Trouble(code="tables", sentence=sentence, storing=tables.needed_to_store(lost))]


def _key() -> list[Trouble]:
    if master_key_fits():
        return []
    return [Trouble(code="key", sentence=WRONG_KEY[0].lower() + WRONG_KEY[1:], storing=True)]


def _audit(now: datetime) -> list[Trouble]:
    sentence = broken(now)
    if not sentence:
        return []
    what = f"{sentence}; `./run audit verify`, and docs/how-to/incidents.md says what to do"
    return [Trouble(code="audit", sentence=what, answering=False)]


@functools.cache
def _wanted() -> frozenset[tuple[str, str]]:
    """The migrations that this program knows."""
    return frozenset(MigrationLoader(None).disk_migrations or ())


def _processes(now: datetime) -> list[Trouble]:
    found = []
    missing = silent((*NEEDED, SPEECHLESS), now)
    if RUNNER in missing and SPEECHLESS not in missing:
        found.append(
            Trouble(code="dialogue", sentence="the dialogue cannot be used: people get safety words and a person")
        )
        missing = tuple(name for name in missing if name != RUNNER)
    seen = last_seen()
    for name in missing:
        if name in NEEDED:
            since = seen.get(name)
            ago = f", last seen {since:%Y-%m-%d %H:%M:%S} UTC" if since else ""
            found.append(Trouble(code=name, sentence=f"{name} is silent{ago}"))
    return found


def _turns(now: datetime) -> list[Trouble]:
    count = turns_waiting(now - SLOW_AFTER)
    if not count:
        return []
    sentence = f"turns wait too long: {count} for more than {SLOW_AFTER.seconds} s"
    return [Trouble(code="turns_wait", sentence=sentence)]


def _self_test() -> list[Trouble]:
    row = SelfTest.objects.exclude(cause="").first()
    if row is None or row.ended_at is None:
        return []
    why = CAUSES.get(row.cause, row.cause)
    sentence = f"the self-test of {row.ended_at:%Y-%m-%d %H:%M} UTC did not come back: {why}"
    return [Trouble(code="self_test", sentence=sentence)]


def _providers(now: datetime) -> list[Trouble]:
    """Channels on which nothing of ours goes out. This line does all it can, and what waits goes out by itself."""
    found = []
    for one in providers.down(now):
        cause = cause_named(one.cause)
        why = cause.sentence() if cause else one.cause
        waits = counted(one.waiting, "message waits", "messages wait")
        sentence = f"{one.channel}: nothing of ours goes out since {one.since:%Y-%m-%d %H:%M} UTC, {waits}. {why}"
        found.append(Trouble(code=PROVIDER, sentence=sentence, answering=False))
    return found
