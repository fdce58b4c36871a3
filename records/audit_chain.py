"""The audit chain: each row is bound to the one before it; none can be changed, taken away or slipped in unseen.

Rows are linked a few seconds after they are written, by one writer at a time, so that no turn waits for
another turn's audit row. The key of the chain is a secret of the line: who can only write into the
database cannot make a chain that fits. What is cut off at the end is seen by whoever kept the last head.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet

from records.models import AuditEvent, AuditLink, KeptSecret
from records.sealing.keys import new_key, open_for, seal_for
from records.sealing.seal import place

PURPOSE = "kept secret"
_NAME = "audit chain"
_LATE = 5000  # ids: a transaction that began before the newest link may still commit its row
_PENDING = timedelta(minutes=2)  # the clock links every few seconds
_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Verified:
    """What a walk along the chain found."""

    rows: int
    head: str  # of the last link; kept elsewhere, it proves later that nothing was cut off
    problems: tuple[str, ...]


def link_new(at_once: int = _AT_ONCE) -> int:
    """Link the audit rows that are not in the chain yet. Return how many."""
    try:
        with transaction.atomic():
            return _link(at_once)
    except IntegrityError:
        return 0  # somebody else links at this moment


def verify(now: datetime, known_head: str = "") -> Verified:
    """Walk along the whole chain and compare every row with its link."""
    while link_new():
        pass
    key, seq, before = _key(), 0, b""
    problems: list[str] = []
    heads = set()
    for link in AuditLink.objects.order_by("seq").iterator(chunk_size=_AT_ONCE):
        seq += 1
        if link.seq != seq:
            problems.append(f"link {seq} is missing: links were taken away")
            seq = link.seq
        event = AuditEvent.objects.filter(pk=link.event_id).first()
        if event is None:
            problems.append(f"row {link.event_id} is missing: it was taken away")
        elif not hmac.compare_digest(_hash(key, seq, before, event), bytes(link.hash)):
            problems.append(f"row {link.event_id} was changed, or a row before it")
        before = bytes(link.hash)
        heads.add(before.hex())
    loose = _loose(AuditEvent.objects.filter(at__lt=now - _PENDING)).values_list("pk", flat=True)[:10]
    problems += [f"row {pk} is not in the chain" for pk in loose]
    if known_head and known_head not in heads:
        problems.append(
            "the head you kept is not in the chain: rows were cut off at the end, or the chain was made anew"
        )
    return Verified(seq, before.hex(), tuple(problems))


def _link(at_once: int) -> int:
    last = AuditLink.objects.select_for_update().order_by("-seq").first()
    seq, before = (last.seq, bytes(last.hash)) if last else (0, b"")
    recent = AuditEvent.objects.filter(pk__gt=(last.event_id if last else 0) - _LATE)
    key = _key()
    links = []
    for event in _loose(recent).order_by("pk")[:at_once]:
        seq += 1
        before = _hash(key, seq, before, event)
        links.append(AuditLink(seq=seq, event_id=event.pk, hash=before))
    AuditLink.objects.bulk_create(links)
    return len(links)


def _loose(events: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
    return events.filter(~Exists(AuditLink.objects.filter(event_id=OuterRef("pk"))))


def _hash(key: bytes, seq: int, before: bytes, event: AuditEvent) -> bytes:
    said = [
        seq,
        before.hex(),
        event.pk,
        event.at.isoformat(),
        event.actor_kind,
        event.staff_id,
        event.action,
        str(event.conversation_uid or ""),
        event.details,
    ]
    return hmac.new(key, json.dumps(said, sort_keys=True).encode(), hashlib.sha256).digest()


def _key() -> bytes:
    where = place("keptsecret", "sealed", _NAME)
    row, _ = KeptSecret.objects.get_or_create(name=_NAME, defaults={"sealed": seal_for(PURPOSE, new_key(), where)})
    return open_for(PURPOSE, bytes(row.sealed), where)
