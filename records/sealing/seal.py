"""Sealing: AES-256-GCM with the place of the value as associated data.

A sealed value opens only with its key and in its own place (table, column, row), so
rows cannot be swapped or moved. Layout: version byte, 12 random bytes, ciphertext, tag.
"""

from __future__ import annotations

import json
import os
import uuid
import zlib
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from records.errors import SealBroken

KEY_BYTES = 32
_VERSION = b"\x01"
_NONCE_BYTES = 12
_HEAD_BYTES = 1 + _NONCE_BYTES


def place(table: str, column: str, row: uuid.UUID | str) -> str:
    """The place of a value: what is sealed for one place does not open in another."""
    return f"{table}.{column}:{row}"


def seal_bytes(key: bytes, plain: bytes, where: str) -> bytes:
    """Seal for one place."""
    nonce = os.urandom(_NONCE_BYTES)
    return _VERSION + nonce + AESGCM(key).encrypt(nonce, plain, _VERSION + where.encode())


def open_bytes(key: bytes, sealed: bytes, where: str) -> bytes:
    """Open what was sealed for this place.

    Raises:
        SealBroken: another key, another place, changed or missing bytes.
    """
    if len(sealed) <= _HEAD_BYTES or sealed[:1] != _VERSION:
        raise SealBroken(where)
    try:
        return AESGCM(key).decrypt(sealed[1:_HEAD_BYTES], sealed[_HEAD_BYTES:], _VERSION + where.encode())
    except InvalidTag:
        raise SealBroken(where) from None


def seal_text(key: bytes, text: str, where: str) -> bytes:
    """Seal a text. A phone can send half a surrogate pair; it is kept as it came."""
    return seal_bytes(key, text.encode("utf-8", "surrogatepass"), where)


def open_text(key: bytes, sealed: bytes, where: str) -> str:
    """Open a text. Raises SealBroken."""
    return open_bytes(key, sealed, where).decode("utf-8", "surrogatepass")


def seal_json(key: bytes, value: Any, where: str) -> bytes:
    """Seal a value made of JSON's types."""
    return seal_text(key, json.dumps(value, ensure_ascii=False, separators=(",", ":")), where)


def open_json(key: bytes, sealed: bytes, where: str) -> Any:
    """Open a value made of JSON's types. Raises SealBroken."""
    return json.loads(open_text(key, sealed, where))


def seal_packed(key: bytes, value: Any, where: str) -> bytes:
    """Seal a large repetitive value (events of a dialogue): compressed first."""
    packed = zlib.compress(json.dumps(value, separators=(",", ":")).encode(), 6)
    return seal_bytes(key, packed, where)


def open_packed(key: bytes, sealed: bytes, where: str) -> Any:
    """Open what `seal_packed` made. Raises SealBroken."""
    return json.loads(zlib.decompress(open_bytes(key, sealed, where)))
