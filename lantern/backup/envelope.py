"""The envelope: a stream of any length under one key (libsodium's secretstream), frame by frame.

Nothing of it can be changed, left out, put in another order or cut off unseen. In clear stands only which
backup it is, because its key must be found.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Any

from nacl.bindings import crypto_secretstream_xchacha20poly1305_ABYTES as EXTRA
from nacl.bindings import crypto_secretstream_xchacha20poly1305_HEADERBYTES as START
from nacl.bindings import crypto_secretstream_xchacha20poly1305_init_pull as init_pull
from nacl.bindings import crypto_secretstream_xchacha20poly1305_init_push as init_push
from nacl.bindings import crypto_secretstream_xchacha20poly1305_pull as pull
from nacl.bindings import crypto_secretstream_xchacha20poly1305_push as push
from nacl.bindings import crypto_secretstream_xchacha20poly1305_state as StreamState  # noqa: N812 (a class that its library writes small)
from nacl.bindings import crypto_secretstream_xchacha20poly1305_TAG_FINAL as FINAL
from nacl.bindings import crypto_secretstream_xchacha20poly1305_TAG_MESSAGE as MORE
from nacl.exceptions import CryptoError

from lantern.backup import BackupError

MAGIC = b"lantern backup 1\n"
FRAME = 64 * 1024
_LONGEST_HEAD = 1000
_LENGTH = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class Label:
    """What stands on the outside."""

    backup_id: str
    made_at: str


def write(out: IO[bytes], label: Label, key: bytes, manifest: dict[str, Any], body: Iterable[bytes]) -> int:
    """Write the whole envelope: first the manifest, then the body. Return how many bytes the body has."""
    head = json.dumps({"id": label.backup_id, "made_at": label.made_at}).encode() + b"\n"
    state = StreamState()
    out.write(MAGIC + head + init_push(state, key))
    first = json.dumps(manifest).encode()
    waiting = bytearray(_LENGTH.pack(len(first)) + first)
    total = 0
    for piece in body:
        total += len(piece)
        waiting += piece
        while len(waiting) >= FRAME:
            out.write(push(state, bytes(waiting[:FRAME]), head, MORE))
            del waiting[:FRAME]
    out.write(push(state, bytes(waiting), head, FINAL))
    return total


def read_label(source: IO[bytes]) -> tuple[Label, bytes]:
    """Which backup this is, and the bytes that say so. Raises BackupError when it is none."""
    if source.read(len(MAGIC)) != MAGIC:
        raise BackupError(f"{_name(source)} is not a backup of this program, or one of a later version of it.")
    head = source.readline(_LONGEST_HEAD)
    try:
        said = json.loads(head)
        return Label(str(said["id"]), str(said["made_at"])), head
    except (ValueError, KeyError, TypeError) as problem:
        raise BackupError(f"{_name(source)}: its first lines are broken; take another backup.") from problem


def read(source: IO[bytes], head: bytes, key: bytes) -> tuple[dict[str, Any], Iterator[bytes]]:
    """The manifest, and the body as it is read. Reading raises BackupError where a byte is not as it was."""
    state = StreamState()
    init_pull(state, source.read(START), key)
    frames = _frames(source, head, state)
    begun = bytearray()
    while len(begun) < _LENGTH.size or len(begun) < _LENGTH.size + _LENGTH.unpack_from(begun)[0]:
        piece = next(frames, None)
        if piece is None:
            raise BackupError(f"{_name(source)} is empty inside; take another backup.")
        begun += piece
    end = _LENGTH.size + _LENGTH.unpack_from(begun)[0]
    manifest: dict[str, Any] = json.loads(begun[_LENGTH.size : end])

    def body() -> Iterator[bytes]:
        yield bytes(begun[end:])
        yield from frames

    return manifest, body()


def _frames(source: IO[bytes], head: bytes, state: StreamState) -> Iterator[bytes]:
    while True:
        sealed = source.read(FRAME + EXTRA)
        if len(sealed) < EXTRA:
            raise BackupError(f"{_name(source)} is cut off: its end is missing; take another backup.")
        try:
            plain, tag = pull(state, sealed, head)
        except (CryptoError, RuntimeError, ValueError) as problem:
            raise BackupError(f"{_name(source)} was damaged or changed; take another backup.") from problem
        if tag == FINAL:
            if source.read(1):
                raise BackupError(f"{_name(source)} was added to after it was made; take another backup.")
            yield plain
            return
        yield plain


def _name(source: IO[bytes]) -> str:
    return str(getattr(source, "name", "This file"))
