"""Language model: our own small classifier and word frequencies, as `train` has left them.

Promises the chance of each language for a text in one script. Reads the two files that
language_training.py writes; needs neither wordfreq nor a network.
"""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import fasttext
import numpy as np
import numpy.typing as npt

CLASSIFIER_FILE = "language.ftz"
WORDS_FILE = "language_words.npz"

_TEMPERATURE = 1.45  # research: fitted on held-out messages
_WORDS_WEIGHT = 0.6
_UNKNOWN_WORD = 3e-7
_LATIN = "Latn"
_ROMANISED_TEXT = 0.5

# fastText greets on standard error, which belongs to the log.
fasttext.FastText.eprint = lambda *_: None


def word_key(word: str, language: str) -> int:
    """Return the key of a word in a language's part of the table."""
    return zlib.crc32(f"{language}\t{word}".encode())


class LanguageModel:
    """The classifier and the table of words, loaded once."""

    def __init__(self, folder: Path) -> None:
        self._classifier: Any = fasttext.load_model(str(folder / CLASSIFIER_FILE))
        with np.load(folder / WORDS_FILE, allow_pickle=False) as table:
            self._keys: npt.NDArray[np.uint32] = table["keys"]
            self._chances: npt.NDArray[np.uint8] = table["chances"]
            self._languages: dict[str, list[str]] = {
                script: [str(code) for code in table[f"languages_{script}"]]
                for script in ("Latin", "Cyrillic", "Arabic")
            }

    @classmethod
    def load(cls, folder: Path) -> LanguageModel | None:
        """Return the model in a folder, or None if `train` has left none there."""
        if not ((folder / CLASSIFIER_FILE).exists() and (folder / WORDS_FILE).exists()):
            return None
        return cls(folder)

    def chances(self, text: str, script: str) -> tuple[dict[str, float], bool]:
        """Return the chance of each language, and whether it is one that has a script of its own."""
        line = prepared(text)
        labels, chances = self._classifier.predict(line, k=-1)
        found: dict[str, float] = {}
        romanised = 0.0
        tempered = np.asarray(chances, dtype=np.float64) ** (1 / _TEMPERATURE)
        tempered /= tempered.sum()
        for label, chance in zip(labels, tempered, strict=True):
            code, _, latin = label.removeprefix("__label__").partition("-")
            if (latin == _LATIN) != (script == "Latin") and latin:
                continue
            romanised += float(chance) if latin else 0.0
            found[code] = found.get(code, 0.0) + float(chance)
        return self._by_words(found, line.split(), script), romanised > _ROMANISED_TEXT

    def knows(self, text: str, language: str) -> float:
        """Return the share of a text's words that stand in a language's list."""
        words = prepared(text).split()
        return int(np.count_nonzero(self._frequencies(words, [language]))) / max(1, len(words))

    def _by_words(self, found: dict[str, float], words: list[str], script: str) -> dict[str, float]:
        """Weigh the languages that have a word list by how often each writes these words."""
        languages = [code for code in self._languages.get(script, []) if code in found]
        if not languages:
            return found
        frequencies = self._frequencies(words, languages)
        if not frequencies.any():
            return found
        scores = np.zeros(len(languages))
        for row in np.log(frequencies + _UNKNOWN_WORD):
            scores += row
        share = sum(found[code] for code in languages)
        weighed = np.array([found[code] for code in languages]) * np.exp(_WORDS_WEIGHT * (scores - scores.max()))
        weighed *= share / weighed.sum() if weighed.sum() else 0.0
        return {**found, **{code: float(chance) for code, chance in zip(languages, weighed, strict=True)}}

    def _frequencies(self, words: list[str], languages: list[str]) -> npt.NDArray[np.float64]:
        """Return how often each language writes each word: a row a word, a column a language."""
        keys = np.array([[word_key(word, language) for language in languages] for word in words], dtype=np.uint32)
        places = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        steps = np.where(self._keys[places] == keys, self._chances[places], 0).astype(np.float64)
        return np.where(steps > 0, 10.0 ** (steps / 32.0 - 8.0), 0.0)


def prepared(text: str) -> str:
    """Return a text as the classifier reads it: lower case, letters only, one line."""
    kept = "".join(letter if letter.isalpha() or letter in "'’" or _is_mark(letter) else " " for letter in text.lower())
    return " ".join(word for word in kept.split() if word.strip("'’"))


def _is_mark(letter: str) -> bool:
    return (
        not letter.isascii()
        and not letter.isspace()
        and not letter.isalnum()
        and letter.isprintable()
        and ("\u0300" <= letter <= "\u036f" or "\u064b" <= letter <= "\u0652" or "\u0900" <= letter <= "\u0dff")
    )
