"""Pauses and budgets that all processes share, and what the desk is told about a channel that is not well.

Decides nothing: how long to wait, and what a failure means, is said by delivery.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Count, F, Min, Q

from records.models import Budget, InboxMessage, Lease, OutboxMessage, ProviderState
from records.states import OutboxStatus

SKEW = timedelta(minutes=5)  # two machines' clocks are closer than that
LONGEST_REST = timedelta(hours=1)  # also for a provider that names a longer time: then it is asked once more
LATE_AFTER = timedelta(minutes=2)  # a provider that hands over at once takes seconds
DOWN_AFTER = timedelta(minutes=1)  # staff are told then at the latest: a pause that it asks for is over sooner
DOWN_AT = 2  # failures in a row that tell it sooner, unless it answers that we should slow down
_BUSY = "ProviderBusy"
_SHOWN_FOR = timedelta(hours=24)
_TRIES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Until when a provider is left alone, and how often it failed in a row."""

    until: datetime | None = None
    failures: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelHealth:
    """What staff should know about one channel. `cause` is a name in the tree of send errors."""

    channel: str
    failing_since: datetime | None
    cause: str
    next_try_at: datetime | None
    waiting: int  # messages of ours that wait to go out
    late: int  # messages of theirs that came late in the last day
    late_since: datetime | None  # when the earliest of those was written


@dataclass(frozen=True, slots=True, kw_only=True)
class Down:
    """A channel on which nothing of ours goes out for a while now."""

    channel: str
    since: datetime
    cause: str  # a name in the tree of send errors
    waiting: int  # messages of ours


def down(now: datetime) -> tuple[Down, ...]:
    """Every channel that fails for longer than a hiccup takes."""
    failed = Q(failures__gte=DOWN_AT, failing_since__isnull=False) & ~Q(cause=_BUSY)
    rows = ProviderState.objects.filter(failed | Q(failing_since__lte=now - DOWN_AFTER)).order_by("channel")
    waits = OutboxMessage.objects.filter(unfinished=True, status=OutboxStatus.WAITING)
    return tuple(
        Down(
            channel=row.channel,
            since=row.failing_since,
            cause=row.cause,
            waiting=waits.filter(channel=row.channel).count(),
        )
        for row in rows
        if row.failing_since
    )


def failing(channel: str) -> tuple[datetime | None, str]:
    """Since when nothing goes out on this channel and the name of the cause; None while it is well."""
    row = ProviderState.objects.filter(channel=channel).values_list("failing_since", "cause").first()
    return row or (None, "")


def pause_of(channel: str) -> Pause:
    """How this provider stands now."""
    row = ProviderState.objects.filter(channel=channel).values_list("paused_until", "failures").first()
    return Pause(until=row[0], failures=row[1]) if row else Pause()


def pause(channel: str, until: datetime, cause: str, now: datetime) -> None:
    """Leave the provider alone until then, in every process; never shorter than before, nor beyond the longest rest."""
    until = min(until, now + LONGEST_REST)
    with transaction.atomic():
        ProviderState.objects.get_or_create(channel=channel)
        row = ProviderState.objects.select_for_update().get(channel=channel)
        row.failures += 1
        row.cause = cause
        row.failing_since = row.failing_since or now
        before = row.paused_until or until
        # One that is longer than any is of before the clock was set back.
        row.paused_until = max(until, before) if before <= now + LONGEST_REST else until
        row.save()


def well(channel: str) -> None:
    """The provider took something: whatever was wrong is over."""
    ProviderState.objects.filter(channel=channel, failures__gt=0).update(
        paused_until=None, failures=0, cause="", failing_since=None
    )


def reconciled_to(channel: str) -> datetime | None:
    """Up to when nothing that was written on this channel is missing."""
    return ProviderState.objects.filter(channel=channel).values_list("reconciled_to", flat=True).first()


def set_reconciled(channel: str, to: datetime) -> None:
    """Remember that everything up to then is here."""
    ProviderState.objects.update_or_create(channel=channel, defaults={"reconciled_to": to})


def spent_to(name: str) -> datetime | None:
    """How far ahead this budget is spent."""
    return Budget.objects.filter(name=name).values_list("spent_to", flat=True).first()


def spend(name: str, time: timedelta, now: datetime) -> None:
    """Spend this much time of a budget; less than nothing gives it back."""
    for _ in range(_TRIES):
        before = spent_to(name)
        after = max(before or now, now) + time
        if before is None:
            Budget.objects.bulk_create([Budget(name=name, spent_to=now)], ignore_conflicts=True)
        elif Budget.objects.filter(name=name, spent_to=before).update(spent_to=after):
            return


def lead(name: str, holder: str, now: datetime, for_s: float) -> bool:
    """True if this holder does this work until `for_s` from now; call it again before that to go on."""
    until = now + timedelta(seconds=for_s)
    mine = Lease.objects.filter(name=name, holder=holder).update(until=until)
    # Or until longer than anybody may lead: the clock was set back since.
    free = Q(until__lte=now) | Q(until__gt=until + SKEW)
    if mine or Lease.objects.filter(free, name=name).update(holder=holder, until=until):
        return Lease.objects.filter(name=name, holder=holder).exists()
    try:
        with transaction.atomic():
            Lease.objects.create(name=name, holder=holder, until=until)
    except IntegrityError:
        return False
    return True


def stop_leading(name: str, holder: str) -> None:
    """Let another go on at once."""
    Lease.objects.filter(name=name, holder=holder).delete()


def give_up_leads(holder: str) -> None:
    """Whatever a dead holder led, another may lead at once."""
    Lease.objects.filter(holder=holder).delete()


def channel_health(now: datetime) -> tuple[ChannelHealth, ...]:
    """Every channel that is not well, or on which something came late in the last day."""
    came_late = InboxMessage.objects.filter(
        received_at__gte=now - _SHOWN_FOR, written_at__lt=F("received_at") - LATE_AFTER
    )
    counted = came_late.values("channel").annotate(since=Min("written_at"), count=Count("pk"))
    late = {row["channel"]: (row["count"], row["since"]) for row in counted}
    failing = {row.channel: row for row in ProviderState.objects.filter(failing_since__isnull=False)}
    return tuple(
        ChannelHealth(
            channel=channel,
            failing_since=failing[channel].failing_since if channel in failing else None,
            cause=failing[channel].cause if channel in failing else "",
            next_try_at=failing[channel].paused_until if channel in failing else None,
            waiting=OutboxMessage.objects.filter(channel=channel, status=OutboxStatus.WAITING).count(),
            late=late.get(channel, (0, None))[0],
            late_since=late.get(channel, (0, None))[1],
        )
        for channel in sorted({*late, *failing})
    )
