"""Staff keys: a key pair a person, whose private half opens with their password or the recovery key.

The password goes through Argon2id; around what it seals lies the master key, so that a copied
database gives nothing to guess at. The recovery key exists in clear only on the paper it was
printed on.
"""

from __future__ import annotations

import base64
import os
from datetime import datetime

from argon2.low_level import Type, hash_secret_raw
from django.db import transaction
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

from records import audit
from records.errors import SealBroken, WrongKey
from records.models.keys import KeyBox, RecoveryKey, StaffKey
from records.models.staff import Staff
from records.sealing.keys import open_for, seal_for
from records.sealing.readers import Reader, recovery_key
from records.sealing.seal import KEY_BYTES, open_bytes, place, seal_bytes
from records.states import Actor

PURPOSE = "staff key"
_SALT_BYTES = 16
# RFC 9106, section 4, second recommended option: 3 passes over 64 MiB.
_PASSES, _MEMORY_KIB, _LANES = 3, 64 * 1024, 4
_GROUP = 4  # letters of the printed key that stand together


def make_key(staff: Staff, password: str, now: datetime) -> Reader:
    """Make this person's key pair. One that was there before is gone, with every box for it."""
    private = PrivateKey.generate()
    recovery = recovery_key()
    with transaction.atomic():
        StaffKey.objects.filter(staff=staff).delete()
        key = StaffKey(staff=staff, public=bytes(private.public_key), made_at=now, recovery=recovery)
        _wrap(key, bytes(private), password)
        if recovery is not None:
            key.by_recovery = bytes(SealedBox(PublicKey(bytes(recovery.public))).encrypt(bytes(private)))
        key.save(force_insert=True)
        audit.record("staff_key_made", now, actor=Actor.SYSTEM, details={"staff": staff.pk})
    return Reader(key.pk, bytes(private))


def open_key(staff: Staff, password: str) -> Reader | None:
    """This person's private key, or None when they have no key pair yet.

    Raises:
        WrongKey: the password does not open it.
    """
    key = StaffKey.objects.filter(staff=staff).first()
    if key is None:
        return None
    try:
        outer = open_for(PURPOSE, bytes(key.by_password), key_place(key))
        return Reader(key.pk, open_bytes(_stretched(password, bytes(key.salt)), outer, key_place(key)))
    except SealBroken:
        raise WrongKey from None


def change_password(staff: Staff, reader: Reader, password: str) -> None:
    """Wrap the same private key by a new password: nothing that was closed is lost."""
    key = StaffKey.objects.get(staff=staff, pk=reader.key_id)
    _wrap(key, reader.private, password)
    key.save(update_fields=["salt", "by_password"])


def recover(staff: Staff, recovery: str) -> Reader | None:
    """This person's private key by the organisation's recovery key; None when it was never wrapped by it.

    Raises:
        WrongKey: this is not the recovery key that was in use when the key pair was made.
    """
    private = read_recovery(recovery)
    key = StaffKey.objects.filter(staff=staff).first()
    if key is None or key.by_recovery is None:
        return None
    return Reader(key.pk, _unboxed(private, bytes(key.by_recovery)))


def restore_boxes(staff: Staff, recovery: str) -> int:
    """Give a new key pair every box that the recovery key opens. Return how many.

    Raises:
        WrongKey: this is not the recovery key.
    """
    private = read_recovery(recovery)
    key = StaffKey.objects.get(staff=staff)
    made = 0
    for box in KeyBox.objects.filter(recovery__isnull=False).iterator(chunk_size=500):
        try:
            plain = _unboxed(private, bytes(box.sealed))
        except WrongKey:
            continue  # of an earlier recovery key
        sealed = bytes(SealedBox(PublicKey(bytes(key.public))).encrypt(plain))
        _, created = KeyBox.objects.get_or_create(subject=box.subject, reader=key, defaults={"sealed": sealed})
        made += created
    return made


def new_recovery_key(now: datetime) -> str:
    """Make the organisation's recovery key and return its private half, to be printed once and kept nowhere.

    One that was in use is retired: what lies in its boxes it still opens. Staff keys are wrapped by the
    new one as their people sign in.
    """
    private = PrivateKey.generate()
    with transaction.atomic():
        RecoveryKey.objects.filter(retired_at__isnull=True).update(retired_at=now)
        RecoveryKey.objects.create(public=bytes(private.public_key), made_at=now)
        audit.record("recovery_key_made", now, actor=Actor.SYSTEM)
    letters = base64.b32encode(bytes(private)).decode().rstrip("=")
    return "-".join(letters[at : at + _GROUP] for at in range(0, len(letters), _GROUP))


def keep_recoverable(staff: Staff, reader: Reader) -> None:
    """Wrap an open private key by the recovery key in use, if it is not yet."""
    recovery = recovery_key()
    if recovery is not None:
        sealed = bytes(SealedBox(PublicKey(bytes(recovery.public))).encrypt(reader.private))
        StaffKey.objects.filter(staff=staff, pk=reader.key_id).exclude(recovery=recovery).update(
            by_recovery=sealed, recovery=recovery
        )


def read_recovery(printed: str) -> bytes:
    """The private half from what was printed; spaces, dashes and case do not count.

    Raises:
        WrongKey: it is not a whole key.
    """
    letters = "".join(letter for letter in printed.upper() if letter.isalnum())
    try:
        private = base64.b32decode(letters + "=" * (-len(letters) % 8))
    except ValueError:  # also letters that no key has: a mistyped password in Arabic
        raise WrongKey from None
    if len(private) != KEY_BYTES:
        raise WrongKey
    return private


def key_place(key: StaffKey) -> str:
    """Where a wrapped private key lies."""
    return place("staffkey", "by_password", key.uid)


def _wrap(key: StaffKey, private: bytes, password: str) -> None:
    key.salt = os.urandom(_SALT_BYTES)
    inner = seal_bytes(_stretched(password, key.salt), private, key_place(key))
    key.by_password = seal_for(PURPOSE, inner, key_place(key))


def _stretched(password: str, salt: bytes) -> bytes:
    secret = password.encode("utf-8", "surrogatepass")
    return hash_secret_raw(secret, salt, _PASSES, _MEMORY_KIB, _LANES, KEY_BYTES, Type.ID)


def _unboxed(private: bytes, sealed: bytes) -> bytes:
    try:
        return bytes(SealedBox(PrivateKey(private)).decrypt(sealed))
    except CryptoError:
        raise WrongKey from None
