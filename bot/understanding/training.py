"""Training: what `train` gives to the language classifier and the heads, and where vectors are kept."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from bot.understanding.embedding import Vectors, embed_kept
from bot.understanding.examples import read_examples
from bot.understanding.language_training import train_language_model
from content.catalogue import catalogue, written
from content.source import CONTENT, ROOT

SEED = 20261122
# What the classifier learns from, besides the installed word frequencies.
_LANGUAGE_SOURCES = (
    "locales/*/LC_MESSAGES/bot.po",
    "romanised/*.yml",
    "frequent/*.yml",
    "neutral_words.yml",
    "languages.yml",
)


def vectors_for(texts: Sequence[str]) -> Vectors:
    """Return one vector a text, kept in the data folder so that the next training takes seconds."""
    return embed_kept(texts, _kept() / "vectors")


def language_files() -> Path:
    """Return the folder with the classifier of today's words and examples; it is trained once and kept."""
    folder = _kept() / "language" / language_fingerprint()[:16]
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as made:
            train_language(Path(made) / "made")
            # Two trainings at once make the same files: whoever is second keeps the first one's.
            with contextlib.suppress(OSError):
                (Path(made) / "made").rename(folder)
    return folder


def _kept() -> Path:
    return Path(os.environ.get("LANTERN_DATA") or "var")


def train_language(folder: Path) -> None:
    """Write the language classifier's files into a folder, from word lists, our examples and our catalogues."""
    folder.mkdir(exist_ok=True)
    texts: dict[str, list[str]] = defaultdict(list)
    for example in read_examples():
        texts[example.language].append(example.text)
    for language in written():
        texts[language] += [sentence.text for sentence in catalogue(language).sentences.values()]
    train_language_model(folder, SEED, texts)


def language_fingerprint() -> str:
    """Return a hash of every file the classifier learns from."""
    paths = [path for pattern in _LANGUAGE_SOURCES for path in sorted(CONTENT.glob(pattern))]
    return fingerprint([*paths, *sorted((ROOT / "nlu_data").glob("*/*.yml"))])


def fingerprint(paths: Sequence[Path]) -> str:
    """Return one hash for these files, by name and content."""
    found = hashlib.sha256()
    for path in paths:
        found.update(path.relative_to(ROOT).as_posix().encode() + b"\0")
        found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()


if __name__ == "__main__":  # a process of its own, beside the one that embeds
    language_files()
