"""Readers: what is closed opens only with the private key of somebody who may read it.

A data key goes into one box (X25519, `nacl.public.SealedBox`) for each reader and one for the
organisation's recovery key. Who is being served is known by `reading_as`, in this process and
for this request only; who may read what is decided elsewhere.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef, Q, QuerySet
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

from records.errors import SealedToReaders
from records.models.keys import KeyBox, RecoveryKey, StaffKey
from records.models.staff import Staff
from records.states import READS


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody whose private key is unwrapped."""

    key_id: int
    private: bytes = field(repr=False)


_nobody: Callable[[], Reader | None] = lambda: None  # noqa: E731
_reading: ContextVar[Callable[[], Reader | None]] = ContextVar("reading", default=_nobody)


@contextlib.contextmanager
def reading_as(reader: Reader | Callable[[], Reader | None] | None) -> Iterator[None]:
    """Let what is closed open for this person (or whoever the call names) inside the block."""
    token = _reading.set(reader if callable(reader) else lambda: reader)
    try:
        yield
    finally:
        _reading.reset(token)


def reader_here() -> Reader | None:
    """Whose private key is unwrapped where this runs, if anybody's."""
    return _reading.get()()


def readers() -> QuerySet[StaffKey]:
    """The keys of everybody who may read conversations and cases today."""
    return StaffKey.objects.filter(staff__is_active=True, staff__role__in=READS)


def recovery_key() -> RecoveryKey | None:
    """The organisation's recovery key in use."""
    return RecoveryKey.objects.filter(retired_at__isnull=True).order_by("-pk").first()


def seal_to_readers(subject: uuid.UUID, data_key: bytes) -> int:
    """Put a data key into a box for each reader and for the recovery key. Return how many people can open it.

    With nobody to open it nothing is written and 0 returned: the caller keeps the key where it is.
    """
    keys = list(readers())
    if not keys:
        return 0
    recovery = recovery_key()
    boxes = [KeyBox(subject=subject, reader=key, sealed=_box(key.public, subject, data_key)) for key in keys]
    if recovery is not None:
        boxes.append(KeyBox(subject=subject, recovery=recovery, sealed=_box(recovery.public, subject, data_key)))
    KeyBox.objects.filter(subject=subject).delete()
    KeyBox.objects.bulk_create(boxes)
    return len(keys)


def open_box(subject: uuid.UUID, reader: Reader | None = None) -> bytes:
    """The data key of something closed, for the person who is being served.

    Raises:
        SealedToReaders: nobody is, or this person has no box; `locked` tells which.
    """
    reader = reader or reader_here()
    if reader is None:
        raise SealedToReaders(str(subject), locked=True)
    box = KeyBox.objects.filter(subject=subject, reader=reader.key_id).first()
    if box is None:
        raise SealedToReaders(str(subject), locked=False)
    return _unbox(reader.private, bytes(box.sealed), subject)


def destroy_boxes(subjects: Iterable[uuid.UUID]) -> None:
    """Destroy every box of these: after that no key opens them."""
    boxes = KeyBox.objects.filter(subject__in=list(subjects))
    boxes.update(sealed=b"")  # in its own statement: secure_delete then overwrites the bytes
    boxes.delete()


def without_box(staff: Staff) -> QuerySet[KeyBox]:
    """One box of each closed thing that this member of staff cannot open."""
    mine = KeyBox.objects.filter(reader__staff=staff).values("subject")
    return KeyBox.objects.exclude(subject__in=mine).filter(recovery__isnull=True)


def only_theirs(staff: Staff) -> QuerySet[KeyBox]:
    """The boxes of this person beside which nobody else and no recovery key has one: lost with their key."""
    others = KeyBox.objects.filter(subject=OuterRef("subject")).exclude(reader__staff=staff)
    able = others.filter(Q(recovery__isnull=False) | Q(reader__staff__is_active=True))
    return KeyBox.objects.filter(reader__staff=staff).filter(~Exists(able))


def take_boxes(staff: Staff) -> None:
    """Destroy the boxes of somebody who left, but for those that nobody else could open."""
    kept = list(only_theirs(staff).values_list("pk", flat=True))
    boxes = KeyBox.objects.filter(reader__staff=staff).exclude(pk__in=kept)
    boxes.update(sealed=b"")
    boxes.delete()


def share(reader: Reader, staff: Staff) -> int:
    """Give a colleague who may read a box of everything closed that this reader can open. Return how many."""
    to = readers().filter(staff=staff).first()
    if to is None:
        return 0
    missing = without_box(staff).filter(reader=reader.key_id)
    made = 0
    for box in missing.iterator(chunk_size=500):
        data_key = _unbox(reader.private, bytes(box.sealed), box.subject)
        _, created = KeyBox.objects.get_or_create(
            subject=box.subject, reader=to, defaults={"sealed": _box(to.public, box.subject, data_key)}
        )
        made += created
    return made


def _box(public: bytes | memoryview, subject: uuid.UUID, data_key: bytes) -> bytes:
    """The subject goes along inside, so that boxes cannot be swapped between rows."""
    return bytes(SealedBox(PublicKey(bytes(public))).encrypt(subject.bytes + data_key))


def _unbox(private: bytes, sealed: bytes, subject: uuid.UUID) -> bytes:
    try:
        plain = bytes(SealedBox(PrivateKey(private)).decrypt(sealed))
    except CryptoError:
        raise SealedToReaders(str(subject), locked=False) from None
    if plain[:16] != subject.bytes:
        raise SealedToReaders(str(subject), locked=False)
    return plain[16:]
