"""Keys: one master key, sub-keys by HKDF, a key a day, a data key a conversation.

The master key wraps the keys of the days, those wrap the data keys. Destroying a
wrapped data key destroys what it sealed. No key is ever logged; unwrapped day keys
stay in the memory of the process.
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

from records.sealing import KEY_BYTES, open_bytes, open_text, place, seal_bytes, seal_text


@lru_cache(maxsize=8)
def _sub_key(master: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=b"lantern/1/" + purpose).derive(master)


def _key_for(purpose: bytes) -> bytes:
    return _sub_key(settings.LANTERN_MASTER_KEY, purpose)


def lookup_hash(channel: str, value: str) -> bytes:
    """The keyed hash under which an address is found again; without the key it tells nothing."""
    address = f"{channel}\x00{value}".encode("utf-8", "surrogatepass")
    return hmac.new(_key_for(b"address lookup"), address, hashlib.sha256).digest()


def seal_address(value: str, contact_uid: uuid.UUID) -> bytes:
    """The address of a contact, sealed under a key derived from the master key."""
    return seal_text(_key_for(b"address seal"), value, place("contact", "address", contact_uid))


def open_address(sealed: bytes, contact_uid: uuid.UUID) -> str:
    """The address of a contact. Raises SealBroken."""
    return open_text(_key_for(b"address seal"), sealed, place("contact", "address", contact_uid))


def new_key() -> bytes:
    """32 random bytes."""
    return os.urandom(KEY_BYTES)


def wrap_day_key(key: bytes, day: date) -> bytes:
    """The key of a day, sealed by the master key."""
    return seal_bytes(_key_for(b"day-key wrap"), key, place("daykey", "wrapped", day.isoformat()))


def open_day_key(wrapped: bytes, day: date) -> bytes:
    """The key of a day, remembered in this process by its wrapped bytes. Raises SealBroken."""
    return _open_day_key(_key_for(b"day-key wrap"), wrapped, day)


@lru_cache(maxsize=256)
def _open_day_key(wrapping: bytes, wrapped: bytes, day: date) -> bytes:
    return open_bytes(wrapping, wrapped, place("daykey", "wrapped", day.isoformat()))


def wrap_data_key(day_key: bytes, data_key: bytes, conversation_uid: uuid.UUID) -> bytes:
    """The data key of a conversation, sealed by the key of its day."""
    return seal_bytes(day_key, data_key, place("conversation", "wrapped_key", conversation_uid))


def open_data_key(day_key: bytes, wrapped: bytes, conversation_uid: uuid.UUID) -> bytes:
    """The data key of a conversation. Raises SealBroken, also when the key was destroyed."""
    return open_bytes(day_key, wrapped, place("conversation", "wrapped_key", conversation_uid))
