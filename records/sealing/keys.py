"""Keys: one master key, sub-keys by HKDF, a key a day, a data key a conversation.

The master key wraps the keys of the days, those wrap the data keys. Destroying a
wrapped data key destroys what it sealed. While the master key is changed there are two:
the first seals, each opens (`records.sealing.rotation` moves what lies under the other). No key is
ever logged; unwrapped day keys stay in the memory of the process.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import uuid
from datetime import date
from functools import lru_cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from records.errors import SealBroken
from records.sealing.seal import KEY_BYTES, open_bytes, place, seal_bytes


@lru_cache(maxsize=8)
def _sub_key(master: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=b"lantern/1/" + purpose).derive(master)


def _key_for(purpose: bytes) -> bytes:
    return _sub_key(settings.LANTERN_MASTER_KEY, purpose)


def _keys_for(purpose: bytes) -> tuple[bytes, ...]:
    """The sub-keys of every master key that opens, the one that seals first."""
    masters = (settings.LANTERN_MASTER_KEY, *settings.LANTERN_OTHER_MASTER_KEYS)
    return tuple(_sub_key(master, purpose) for master in masters)


def mark_of_master_key() -> str:
    """A mark by which the master key is known again, and which tells nothing about it."""
    return _key_for(b"mark")[:8].hex()


def seal_for(purpose: str, plain: bytes, where: str) -> bytes:
    """Seal a value of the line itself (no words of a contact) directly under the master key."""
    return seal_bytes(_key_for(purpose.encode()), plain, where)


def open_for(purpose: str, sealed: bytes, where: str) -> bytes:
    """Open what `seal_for` sealed, under whichever master key it lies. Raises SealBroken."""
    for key in _keys_for(purpose.encode()):
        try:
            return open_bytes(key, sealed, where)
        except SealBroken:
            continue
    raise SealBroken(where)


def lies_under_the_first(purpose: str, sealed: bytes, where: str) -> bool:
    """True when the value needs no other master key than the one that seals today."""
    try:
        open_bytes(_key_for(purpose.encode()), sealed, where)
    except SealBroken:
        return False
    return True


def lookup_hash(channel: str, value: str) -> bytes:
    """The keyed hash under which an address is kept; without the key it tells nothing."""
    return lookup_hashes(channel, value)[0]


def lookup_hashes(channel: str, value: str) -> tuple[bytes, ...]:
    """Every keyed hash under which an address may be found: more than one only while the master key changes."""
    address = f"{channel}\x00{value}".encode("utf-8", "surrogatepass")
    return tuple(hmac.new(key, address, hashlib.sha256).digest() for key in _keys_for(b"address lookup"))


ADDRESS, DAY_KEY = "address seal", "day-key wrap"


# Whose address a row holds. Those of traces are sealed apart from the contact, who is gone by then.
CONTACT, ON_CALL, TRACE = "contact", "oncalladdress", "trace"


def seal_address(value: str, row_uid: uuid.UUID, of: str = CONTACT) -> bytes:
    """An address, sealed under a key derived from the master key."""
    return seal_for(ADDRESS, value.encode("utf-8", "surrogatepass"), address_place(row_uid, of))


def open_address(sealed: bytes, row_uid: uuid.UUID, of: str = CONTACT) -> str:
    """The address in a row. Raises SealBroken."""
    return open_for(ADDRESS, sealed, address_place(row_uid, of)).decode("utf-8", "surrogatepass")


def address_place(row_uid: uuid.UUID, of: str = CONTACT) -> str:
    """Where such an address lies."""
    return place(of, "address", row_uid)


def new_key() -> bytes:
    """32 random bytes."""
    return os.urandom(KEY_BYTES)


def wrap_day_key(key: bytes, day: date) -> bytes:
    """The key of a day, sealed by the master key."""
    return seal_for(DAY_KEY, key, day_key_place(day))


def open_day_key(wrapped: bytes, day: date) -> bytes:
    """The key of a day, remembered in this process by its wrapped bytes. Raises SealBroken."""
    return _open_day_key(_keys_for(DAY_KEY.encode()), wrapped, day)


@lru_cache(maxsize=256)
def _open_day_key(_wrapping: tuple[bytes, ...], wrapped: bytes, day: date) -> bytes:
    return open_for(DAY_KEY, wrapped, day_key_place(day))


def day_key_place(day: date) -> str:
    """Where the key of a day lies."""
    return place("daykey", "wrapped", day.isoformat())


def wrap_data_key(day_key: bytes, data_key: bytes, conversation_uid: uuid.UUID) -> bytes:
    """The data key of a conversation, sealed by the key of its day."""
    return seal_bytes(day_key, data_key, place("conversation", "wrapped_key", conversation_uid))


def open_data_key(day_key: bytes, wrapped: bytes, conversation_uid: uuid.UUID) -> bytes:
    """The data key of a conversation. Raises SealBroken, also when the key was destroyed."""
    return open_bytes(day_key, wrapped, place("conversation", "wrapped_key", conversation_uid))


def wrap_case_key(day_key: bytes, case_key: bytes, case_uid: uuid.UUID) -> bytes:
    """The key of a case, sealed by the key of the day it was opened."""
    return seal_bytes(day_key, case_key, place("case", "wrapped_key", case_uid))


def open_case_key(day_key: bytes, wrapped: bytes, case_uid: uuid.UUID) -> bytes:
    """The key of a case. Raises SealBroken, also when the key was destroyed."""
    return open_bytes(day_key, wrapped, place("case", "wrapped_key", case_uid))
