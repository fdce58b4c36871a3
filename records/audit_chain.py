"""The audit chain: each row is bound to the one before it; none can be changed, taken away or slipped in unseen.

Rows are linked a few seconds after they are written, by one writer at a time, so that no turn waits for
another turn's audit row. The key of the chain is a secret of the line, and how far the chain goes is sealed
with it: who can only write into the database can neither make a chain that fits nor shorten the one there is.
Verifying writes nothing. What somebody did who has the master key too is seen by whoever kept the last head.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import Exists, Max, OuterRef, QuerySet
from django.utils import timezone

from records import tables
from records.counted import counted
from records.errors import SealBroken
from records.models import AuditEvent, AuditLink, KeptSecret, Staff
from records.sealing.keys import new_key, open_for, seal_for
from records.sealing.seal import KEY_BYTES, place

PURPOSE = "kept secret"
PENDING = timedelta(minutes=2)  # the clock links every few seconds
_NAME = "audit chain"
_WHERE = place("keptsecret", "sealed", _NAME)
_LATE = 5000  # ids: a transaction that began before the newest link may still commit its row
_AT_ONCE = 2000
_UNPROVEN = "nothing proves that the audit is whole"
# The tables without which nothing of the audit can be compared.
NEEDED = frozenset(model._meta.db_table for model in (AuditEvent, AuditLink, KeptSecret))


@dataclass(frozen=True, slots=True)
class Verified:
    """What a walk along the chain found."""

    rows: int
    head: str  # of the last link; kept elsewhere, it proves later that nothing was cut off or made anew
    problems: tuple[str, ...]
    waiting: int = 0  # rows too young to be linked
    oldest_waiting_s: int = 0


@dataclass(frozen=True, slots=True)
class _End:
    """How far the chain goes."""

    seq: int = 0
    event_id: int = 0
    hash: str = ""
    adopted: int = 0  # rows that were old when the chain began: what they were before, it cannot tell


def link_new(now: datetime | None = None, at_once: int = _AT_ONCE) -> int:
    """Link the audit rows that are not in the chain yet. Return how many."""
    try:
        with transaction.atomic():
            return _link(now or timezone.now(), at_once)
    except (IntegrityError, SealBroken):
        return 0  # somebody else links at this moment; or the key is damaged, and `broken` says so
    except DatabaseError:
        if not _lost_tables():
            raise
        return 0  # a table was taken away: that is told, and must not keep anybody from what else they do


def verify(now: datetime, known_head: str = "") -> Verified:
    """Walk along the whole chain and compare every row with its link. A missing table of something else is not told."""
    lost = _lost_tables()
    if lost:
        return Verified(0, "", (_cannot_compare(lost),))
    given = _highest_given()
    secret = KeptSecret.objects.filter(name=_NAME).first()
    if secret is None:
        return Verified(0, "", _without_key(known_head))
    try:
        key, end = _opened(secret)
    except SealBroken:
        damaged = "the key of the chain is damaged: it does not open, and nothing was compared"
        return Verified(0, "", (damaged,))
    said: list[str] = []
    seq, before = 0, b""
    gaps, missing, changed = [], [], []
    hashes = {0: ""}
    for link in AuditLink.objects.order_by("seq").iterator(chunk_size=_AT_ONCE):
        seq += 1
        if link.seq != seq:
            gaps += [seq, link.seq - 1]
            seq = link.seq
        event = AuditEvent.objects.filter(pk=link.event_id).first()
        if event is None:
            missing.append(link.event_id)
        elif not hmac.compare_digest(_hash(key, seq, before, event), bytes(link.hash)):
            changed.append(link.event_id)
        before = bytes(link.hash)
        hashes[seq] = before.hex()
    problems = [
        (
            gaps,
            "link {which} is missing: it was taken away, and perhaps its row",
            "links {which} are missing: they were taken away, and perhaps their rows",
        ),
        (
            missing,
            "1 linked row is missing ({which}): it was taken away or given another number",
            "{count} linked rows are missing ({which}): they were taken away or given other numbers",
        ),
        (
            changed,
            "1 row does not fit its link ({which}): it or the row before was changed or slipped in",
            "{count} rows do not fit their links ({which}): they or the row before were changed or slipped in",
        ),
    ]
    said += [_told(found, one, many) for found, one, many in problems if found]
    said += _about_the_end(end, given)
    loose, waiting = _unlinked(now)
    if known_head and known_head not in hashes.values():
        said.append(_head_is_gone())
    oldest = max((now - at for at in waiting), default=timedelta())
    return Verified(seq, before.hex(), tuple(said + loose), len(waiting), int(oldest.total_seconds()))


def broken(now: datetime) -> str:
    """Why the chain does not hold, as far as its key and its end tell, in a sentence; empty if they do not. Cheap."""
    lost = _lost_tables()
    if lost:
        return _cannot_compare(lost)
    given = _highest_given()
    secret = KeptSecret.objects.filter(name=_NAME).first()
    if secret is None:
        begun = AuditLink.objects.exists() or AuditEvent.objects.filter(at__lt=now - PENDING).exists()
        emptied = _has_accounts() and not AuditEvent.objects.exists()
        return f"the key of the audit's chain is gone: {_UNPROVEN}" if begun or emptied else ""
    try:
        _, end = _opened(secret)
    except SealBroken:
        return f"the key of the audit's chain is damaged: {_UNPROVEN}"
    said = _about_the_end(end, given)
    return f"the audit does not hold: {' / '.join(said)}" if said else ""


def _lost_tables() -> tuple[str, ...]:
    """Those without which nothing can be compared."""
    return tuple(table for table in tables.lost() if table in NEEDED)


def _cannot_compare(lost: Sequence[str]) -> str:
    return f"{tables.told(lost)}; without that nothing of the audit can be compared"


def _without_key(known_head: str) -> tuple[str, ...]:
    if known_head or AuditEvent.objects.exists() or AuditLink.objects.exists() or _has_accounts():
        return ("the key of the chain is gone, though the line has rows or accounts; nothing can be compared",)
    return ()


def _has_accounts() -> bool:
    """Whether this line has accounts, whose making left rows; a lost table of them is told elsewhere."""
    return Staff._meta.db_table not in tables.lost() and Staff.objects.exists()


def _about_the_end(end: _End | None, given: int) -> list[str]:
    """What to say of a chain or of rows that went further once, or began later; `end` was read before the links."""
    said = []
    if end is not None and end.seq:
        link = AuditLink.objects.filter(seq=end.seq).first()
        if link is None or bytes(link.hash).hex() != end.hash:
            at = AuditLink.objects.aggregate(last=Max("seq"))["last"] or 0
            said.append(f"the chain went to link {end.seq} and ends at {at}: its end was cut off or made anew")
    if end is not None and end.adopted:
        said.append(
            f"the chain began when {counted(end.adopted, 'row was', 'rows were')} old already: an earlier chain and its"
            " key were taken away"
        )
    last = AuditEvent.objects.aggregate(last=Max("pk"))["last"] or 0
    if given > last:
        said.append(f"rows went to {given} and end at {last}: the rows at the end were taken away")
    return said


def _unlinked(now: datetime) -> tuple[list[str], list[datetime]]:
    """What to say of rows that should have a link, and the times of those that may lack one yet."""
    rows = list(_loose(AuditEvent.objects.all()).order_by("pk").values_list("pk", "at"))
    waiting = [at for _, at in rows if abs(now - at) <= PENDING]
    late = [pk for pk, at in rows if abs(now - at) > PENDING]
    if not late:
        return [], waiting
    one = "1 row is not in the chain ({which}): it was slipped in, its link was taken away, or the clock stood"
    many = (
        "{count} rows are not in the chain ({which}):"
        " they were slipped in, their links were taken away, or the clock stood"
    )
    return [_told(late, one, many)], waiting


def _head_is_gone() -> str:
    said = "the head you kept is not in the chain: rows were cut off at the end, or the chain was made anew"
    restored = AuditEvent.objects.filter(action="restored").order_by("-pk").first()
    if restored is None:
        return said
    when = restored.at.strftime("%Y-%m-%d %H:%M UTC")
    return f"{said}; a backup was put back at {when} (row {restored.pk}): try a head from before that backup was made"


def _told(ids: Sequence[int], one: str, many: str) -> str:
    """The sentence that fits how many there are."""
    return (one if len(set(ids)) == 1 else many).format(count=len(ids), which=_span(ids))


def _span(ids: Sequence[int]) -> str:
    return str(min(ids)) if len(set(ids)) == 1 else f"{min(ids)} to {max(ids)}"


def _highest_given() -> int:
    """The highest id that a row ever got. Of PostgreSQL unknown: what is rolled back there uses up numbers too."""
    if connection.vendor != "sqlite":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [AuditEvent._meta.db_table])
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _link(now: datetime, at_once: int) -> int:
    secret = KeptSecret.objects.select_for_update().filter(name=_NAME).first()
    if secret is None:
        secret, key, end = _begun(now)
        if end is None:
            return 0  # links without a key: nothing goes on from there; `verify` says so
    else:
        key, end = _opened(secret)
    if end is None:  # a chain of before its end was sealed
        last = AuditLink.objects.order_by("-seq").first()
        end = _End(last.seq, last.event_id, bytes(last.hash).hex()) if last else _End()
    seq, before, event_id = end.seq, bytes.fromhex(end.hash), end.event_id
    links = []
    for event in _loose(AuditEvent.objects.filter(pk__gt=event_id - _LATE)).order_by("pk")[:at_once]:
        seq, event_id = seq + 1, event.pk
        before = _hash(key, seq, before, event)
        links.append(AuditLink(seq=seq, event_id=event.pk, hash=before))
    if links:
        AuditLink.objects.bulk_create(links)
        end = _End(seq, event_id, before.hex(), end.adopted)
        KeptSecret.objects.filter(pk=secret.pk).update(sealed=_sealed(key, end))
    return len(links)


def _begun(now: datetime) -> tuple[KeptSecret, bytes, _End | None]:
    """A new chain, and how many rows it found that an earlier one should have held."""
    key = new_key()
    if AuditLink.objects.exists():
        return KeptSecret(), key, None
    end = _End(adopted=AuditEvent.objects.filter(at__lt=now - PENDING).count())
    return KeptSecret.objects.create(name=_NAME, sealed=_sealed(key, end)), key, end


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


def _sealed(key: bytes, end: _End) -> bytes:
    return seal_for(PURPOSE, key + json.dumps(asdict(end)).encode(), _WHERE)


def _opened(secret: KeptSecret) -> tuple[bytes, _End | None]:
    """The key and the end of the chain. Raises SealBroken."""
    plain = open_for(PURPOSE, bytes(secret.sealed), _WHERE)
    said = plain[KEY_BYTES:]
    return plain[:KEY_BYTES], _End(**json.loads(said)) if said else None
