"""The self-test: every hour a canary writes to the line, and must be answered through all that a message passes.

The clock calls `tick`; each call is one step and ends at once. One that did not come back in time is told to the people
on call, shown by health, doctor and metrics, and tried again soon. It is erased as soon as it is back, or lost.
"""

from __future__ import annotations

import itertools
import uuid
from datetime import datetime, timedelta

import structlog

from bot import intake
from bot.oncall import CouldNotSend, Post
from channels.simulator import CANARY, typed
from records.figures.beats import DELIVERY, RUNNER, SPEECHLESS, silent
from records.messages import canary
from records.models import SelfTest
from records.staff import alerts

log = structlog.get_logger()

EVERY = timedelta(hours=1)
AGAIN_AFTER = timedelta(minutes=1)  # while it does not come back
LOST_AFTER = timedelta(minutes=2)  # three answers take a second; a line that restarts takes half a minute
TELL_EVERY = timedelta(hours=1)
FALLBACK = "technical"  # what is said when the dialogue cannot speak
# The last is new each time: what was understood before is remembered, and would not show that understanding works.
SAYS = ("hello", "yes", "my boss lets me work {hours} hours a day and {minutes} minutes")
WORDS = "Desk: the hourly test of the line did not come back ({cause}). Please tell who looks after the machine."

# Where a canary can be lost, in the words of an operator.
CAUSES = {
    "not_stored": "its message could not be stored",
    "no_turn": "the runner did not take its message",
    "turn_failed": "the runner could not answer it and would have brought in a person",
    "no_dialogue": "it was answered with safety words only: the dialogue cannot be used",
    "no_answer": "its turn was taken and nothing was answered",
    "not_sent": "its answer was made and not delivered",
}


def tick(now: datetime) -> None:
    """Send a canary off when it is time, bring it one step further, or find out that it is lost."""
    row = canary.last()
    if row.began_at is None:
        if len(silent((RUNNER, SPEECHLESS), now)) > 1 or silent((DELIVERY,), now):
            return  # which is told as it is: `lantern.readiness`; at a start they come up last
        if row.ended_at is None or now >= row.ended_at + (AGAIN_AFTER if row.cause else EVERY) or row.ended_at > now:
            canary.erase()  # of a clock that was killed half-way
            row.began_at, row.step = now, 0
            _write(row, now)
        return
    flight = canary.flight()
    lost = _lost(flight)
    back = lost is None and flight.heard == row.step and not flight.unsent
    if back and row.step < len(SAYS):
        _write(row, now)
    elif back:
        _ended(row, now, "", flight.took_ms)
    elif lost in ("turn_failed", "no_dialogue") or not row.began_at <= now < row.began_at + LOST_AFTER:
        _ended(row, now, lost or "not_sent", None)


def _lost(flight: canary.Flight) -> str | None:
    """Where it would be lost if nothing more happened."""
    answered = set(itertools.chain.from_iterable(keys.split() for keys in flight.keys))
    if not flight.heard:
        return "not_stored"
    if flight.failed or FALLBACK in answered:
        return "turn_failed" if not flight.keys else "no_dialogue"
    if flight.waits:
        return "no_turn"
    if not flight.keys:
        return "no_answer"
    return "not_sent" if flight.unsent or flight.lost else None


def _write(row: SelfTest, now: datetime) -> None:
    text = SAYS[row.step].format(hours=now.hour + 1, minutes=now.minute)
    row.step += 1
    row.save()  # first: a message that could not be stored is one that did not come back
    intake.receive(typed(CANARY, CANARY, text, now, provider_id=f"{CANARY}:{uuid.uuid4()}"), now)


def _ended(row: SelfTest, now: datetime, cause: str, took_ms: int | None) -> None:
    canary.erase()
    row.began_at, row.ended_at, row.cause = None, now, cause
    if cause:
        log.error("canary_lost", cause=cause)
    else:
        row.came_back_at, row.took_ms, row.alarmed_at = now, took_ms, None
        log.info("canary_came_back", ms=took_ms)
    row.save()


def alarm(now: datetime, post: Post) -> int:
    """Tell the people on call, once an hour, that it did not come back; return how many were told."""
    row = canary.last()
    if not row.cause or (row.alarmed_at is not None and now < row.alarmed_at + TELL_EVERY):
        return 0
    row.alarmed_at = now
    row.save(update_fields=["alarmed_at"])
    told = 0
    for one in alerts.reach(now):
        try:
            post(one, WORDS.format(cause=row.cause.replace("_", " ")))
            told += 1
        except CouldNotSend as problem:
            log.warning("alert_failed", staff=one.staff_id, by=one.by.value, cause=str(problem))
    log.info("canary_alarm", cause=row.cause, sent=told)
    return told
