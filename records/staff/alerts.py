"""Alerts: who is told that a conversation waits too long, once for each wait and rung. Ids only, never content.

A rung that was climbed leaves rows; sending them takes several conversations together, so that a busy
night is one message to a phone and not fifty.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from records import audit
from records.models import Alert, Conversation, OnCallAddress, Staff
from records.staff.shifts import answering, at
from records.states import Actor, AlertBy, AlertStatus, Owner, ShiftKind

_AT_ONCE = 200
_TRIES = 5
HEAD_START = timedelta(minutes=2)  # of who speaks the language, before the others on duty are told


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One person to be told by one way, of all that waits for them."""

    staff_id: int
    by: AlertBy
    address: str = field(repr=False)
    alert_ids: tuple[int, ...]
    waiting: int
    oldest: datetime
    attempts: int


def on_call(now: datetime) -> list[Staff]:
    """Who is on call: by the plan of shifts, or because they said so."""
    planned = {row.staff_id for row in at(now, ShiftKind.ON_CALL)}
    people = answering().select_related("seat")
    return [one for one in people if one.pk in planned or (getattr(one, "seat", None) and one.seat.on_call)]


def on_duty(now: datetime) -> dict[int, Staff]:
    """Who is told: everybody on call, and whose shift at the desk runs now. By number."""
    planned = {row.staff_id for row in at(now, ShiftKind.DESK)}
    return {one.pk: one for one in [*on_call(now), *answering().filter(pk__in=planned)]}


def climb(level: str | None, rung: int, after: timedelta, ways: Collection[str], now: datetime) -> list[int]:
    """Note this rung for every conversation of the level that waits so long and was not on it; return which.

    Who speaks its language is told at once; the others a little later, if nobody took it by then. Where nobody on
    duty speaks it, all are told at once.
    """
    reached = Alert.objects.filter(conversation=OuterRef("pk"), queued_at=OuterRef("queued_at"), rung=rung)
    late = Conversation.objects.filter(owner=Owner.QUEUE, level=level, queued_at__lte=now - after)
    rows = list(
        late.filter(~Exists(reached)).order_by("queued_at").values_list("pk", "uid", "queued_at", "language")[:_AT_ONCE]
    )
    if not rows:
        return []
    outside = [way for way in ways if way != AlertBy.DESK]
    people = on_duty(now) if outside else {}
    addresses = list(OnCallAddress.objects.filter(staff__in=people, by__in=outside).values_list("staff_id", "by"))
    for pk, uid, queued_at, language in rows:
        speak = {who for who, _by in addresses if language in people[who].languages}
        with transaction.atomic():
            told = [(None, AlertBy.DESK, AlertStatus.SENT), *((who, by, AlertStatus.WAITING) for who, by in addresses)]
            Alert.objects.bulk_create(
                [
                    Alert(
                        conversation_id=pk, queued_at=queued_at or now, rung=rung, by=by, staff_id=who, status=status,
                        made_at=now, sent_at=now if status == AlertStatus.SENT else None,
                        next_try_at=now if not speak or who in speak else now + HEAD_START,
                    )
                    for who, by, status in told
                ],
                ignore_conflicts=True,
            )  # fmt: skip
            details: dict[str, audit.Detail] = {"rung": rung, "people": len({who for who, _by in addresses})}
            audit.record("alerted", now, actor=Actor.SYSTEM, conversation_uid=uid, details=details)
    return [pk for pk, *_rest in rows]


def due(now: datetime, pause: timedelta) -> list[Due]:
    """Who is to be told now. What somebody has taken meanwhile is dropped; nobody is told more often than `pause`."""
    waiting = Alert.objects.filter(status=AlertStatus.WAITING, staff__isnull=False)
    still = Conversation.objects.filter(pk=OuterRef("conversation"), owner=Owner.QUEUE, queued_at=OuterRef("queued_at"))
    waiting.filter(~Exists(still)).update(status=AlertStatus.DROPPED, reason="taken")
    lately = Alert.objects.filter(
        staff=OuterRef("staff"), by=OuterRef("by"), status=AlertStatus.SENT, sent_at__gt=now - pause
    )
    ready = waiting.filter(~Exists(lately), next_try_at__lte=now).order_by("queued_at", "pk")
    groups: dict[tuple[int, str], list[Alert]] = {}
    for row in ready[: _AT_ONCE * 5]:
        groups.setdefault((int(row.staff_id or 0), row.by), []).append(row)
    known = {(row.staff_id, row.by): row for row in OnCallAddress.objects.filter(staff__in=[who for who, _ in groups])}
    found = []
    for (who, by), rows in groups.items():
        address = known.get((who, by))
        if address is None:
            settle([row.pk for row in rows], AlertStatus.FAILED, now, reason="no_address")
            continue
        found.append(
            Due(
                staff_id=who,
                by=AlertBy(by),
                address=address.open(),
                alert_ids=tuple(row.pk for row in rows),
                waiting=len({row.conversation_id for row in rows}),
                oldest=min(row.queued_at for row in rows),
                attempts=max(row.attempts for row in rows),
            )
        )
    return found


def reach(now: datetime) -> list[Due]:
    """Everybody on call by every way outside the desk, for what is about the line and no conversation."""
    rows = OnCallAddress.objects.filter(staff__in=on_call(now)).exclude(by=AlertBy.DESK).order_by("staff", "by")
    return [
        Due(
            staff_id=row.staff_id,
            by=AlertBy(row.by),
            address=row.open(),
            alert_ids=(),
            waiting=0,
            oldest=now,
            attempts=0,
        )
        for row in rows
    ]


def settle(alert_ids: Iterable[int], status: AlertStatus, now: datetime, *, reason: str = "") -> None:
    """Keep what became of these alerts."""
    sent = now if status == AlertStatus.SENT else None
    Alert.objects.filter(pk__in=list(alert_ids), status=AlertStatus.WAITING).update(
        status=status, reason=reason, sent_at=sent
    )


def again(one: Due, now: datetime, wait: timedelta, *, reason: str) -> None:
    """It did not go out: try later, or give up after some tries."""
    if one.attempts + 1 >= _TRIES:
        settle(one.alert_ids, AlertStatus.FAILED, now, reason=reason)
        return
    Alert.objects.filter(pk__in=one.alert_ids, status=AlertStatus.WAITING).update(
        attempts=one.attempts + 1, next_try_at=now + wait, reason=reason
    )


def set_address(staff: Staff, by: AlertBy, address: str, now: datetime) -> None:
    """Keep how somebody is reached on call; an empty address forgets it."""
    with transaction.atomic():
        OnCallAddress.objects.filter(staff=staff, by=by).delete()
        if address:
            row = OnCallAddress(staff=staff, by=by, made_at=now)
            row.seal(address)
            row.save(force_insert=True)
        details: dict[str, audit.Detail] = {"for": staff.pk, "by": by.value, "set": bool(address)}
        audit.record("on_call_address", now, actor=Actor.SYSTEM, details=details)
