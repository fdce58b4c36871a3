"""Language training: makes the classifier and the table of words that language_model.py reads.

Learns from word frequencies (the wordfreq package), hand-written lists and our own texts, cut as people
type on phones: short runs, marks left out, a typo now and then. Promises the same files for the same
seed and data, in under a minute on one core. Only `train` imports it.
"""

from __future__ import annotations

import random
import tempfile
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice
from pathlib import Path

import fasttext
import numpy as np

from bot.understanding.language_model import CLASSIFIER_FILE, WORDS_FILE, prepared, word_key
from bot.understanding.scripts import is_in, writing_of
from content.wordlists import frequent_texts, neutral_words, romanised_texts

_WORDFREQ = {"tl": "fil", "sr": "sh"}  # the names that wordfreq knows them by
_LATIN = ("en", "es", "fr", "pt", "ro", "sq", "sr", "vi", "id", "ms", "tl", "tr", "pl", "hu", "it", "de", "nl", "sw")
_CYRILLIC = ("ru", "uk", "sr", "bg")
_ARABIC = ("ar", "fa", "ur")
_DEVANAGARI = ("hi", "ne")
_NO_PACKAGE = ("sq", "sw", "ne")

_WORDS = 20_000  # of a language's list
_SAMPLES = 10_000  # of each label
_ROMANISED_SAMPLES = 5_000  # their lists are short
_LONGEST_RUN = 6
_PLAIN_SHARE = 0.30  # written without marks
_TYPO_SHARE = 0.08
_SHAPE = {"dim": 16, "bucket": 150_000, "minn": 1, "maxn": 5, "wordNgrams": 1, "minCount": 3, "epoch": 5, "lr": 0.5}
_OWN_TIMES = 6  # a sentence of ours is worth more than a run of words
_OWN_AT_MOST = 1_500
_FOREIGN = 4.0  # a word that English uses so much more often is an English one
_STRIPPED_WEIGHT = 0.3

_TO_CYRILLIC = (
    ("lj", "љ"), ("nj", "њ"), ("dž", "џ"), ("a", "а"), ("b", "б"), ("c", "ц"), ("č", "ч"), ("ć", "ћ"), ("d", "д"),
    ("đ", "ђ"), ("e", "е"), ("f", "ф"), ("g", "г"), ("h", "х"), ("i", "и"), ("j", "ј"), ("k", "к"), ("l", "л"),
    ("m", "м"), ("n", "н"), ("o", "о"), ("p", "п"), ("r", "р"), ("s", "с"), ("š", "ш"), ("t", "т"), ("u", "у"),
    ("v", "в"), ("z", "з"), ("ž", "ж"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of one label, the likelier the more often."""

    label: str
    script: str
    frequency: Mapping[str, float]

    @property
    def language(self) -> str:
        return self.label.partition("-")[0]


def train_language_model(folder: Path, seed: int, texts_by_language: Mapping[str, Sequence[str]]) -> None:
    """Write the two files of the language model into a folder.

    Args:
        folder: made if it is not there.
        seed: the same seed and data give the same files.
        texts_by_language: our own messages and catalogue sentences, by code.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lists = _lists()
    _write_table(folder / WORDS_FILE, lists)
    lines = _lines(lists, random.Random(seed), texts_by_language)  # noqa: S311 - no secret
    with tempfile.TemporaryDirectory() as room:
        path = Path(room) / "lines.txt"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        model = fasttext.train_supervised(str(path), loss="softmax", thread=1, seed=seed, verbose=0, **_SHAPE)
        # Four numbers to a byte: two take twice as long to fit and are right no more often.
        model.quantize(qnorm=True, dsub=4, verbose=0)
        model.save_model(str(folder / CLASSIFIER_FILE))


def _lists() -> list[_Words]:
    english = _frequency("en")
    found = []
    for script, languages in (
        ("Latin", _LATIN), ("Cyrillic", _CYRILLIC), ("Arabic", _ARABIC), ("Devanagari", _DEVANAGARI),
    ):  # fmt: skip
        for language in languages:
            words = _written(language) if language in _NO_PACKAGE else _frequency(language)
            if language == "sr" and script == "Cyrillic":
                words = {_in_cyrillic(word): chance for word, chance in words.items()}
            if language != "en":
                words = {word: chance for word, chance in words.items() if english.get(word, 0.0) < _FOREIGN * chance}
            kept = {word: chance for word, chance in words.items() if is_in(script, word[0])}
            found.append(_Words(language, script, kept))
    return found


def _frequency(language: str) -> dict[str, float]:
    from wordfreq import get_frequency_dict  # noqa: PLC0415 - in the train group only

    frequency = get_frequency_dict(_WORDFREQ.get(language, language), wordlist="small")
    ranked = sorted(frequency.items(), key=lambda item: (-item[1], item[0]))
    return dict(islice(((word, chance) for word, chance in ranked if prepared(word) == word), _WORDS))


def _written(language: str) -> dict[str, float]:
    """Return the hand-written list of a language, as if its words followed Zipf's law."""
    words = [word for text in frequent_texts().get(language, ()) for word in prepared(text).split()]
    return {word: 0.05 / (place + 5) for place, word in enumerate(dict.fromkeys(words))}


def _in_cyrillic(word: str) -> str:
    for latin, cyrillic in _TO_CYRILLIC:
        word = word.replace(latin, cyrillic)
    return word


def _stripped(word: str) -> str:
    if word.isascii() or not is_in("Latin", word[0]):
        return word
    plain = word.replace("đ", "d").replace("ł", "l").replace("ı", "i").replace("ß", "ss")
    return "".join(letter for letter in unicodedata.normalize("NFD", plain) if not unicodedata.combining(letter))


def _write_table(path: Path, lists: Iterable[_Words]) -> None:
    """Write a table of hashed words: 5 bytes a word, found by bisection."""
    steps: dict[int, int] = {}
    languages: dict[str, list[str]] = {"Latin": [], "Cyrillic": [], "Arabic": []}
    for words in lists:
        if words.script not in languages:
            continue
        languages[words.script].append(words.language)
        chances = dict(words.frequency)
        for word, chance in words.frequency.items():
            plain = _stripped(word)
            if plain != word:
                chances[plain] = max(chances.get(plain, 0.0), _STRIPPED_WEIGHT * chance)
        for word, chance in chances.items():
            key = word_key(word, words.language)
            # 32 steps for each power of ten, from a hundred-millionth up: one byte.
            steps[key] = max(1, min(255, round((np.log10(chance) + 8.0) * 32)))
    keys = np.array(sorted(steps), dtype=np.uint32)
    np.savez_compressed(
        path,
        keys=keys,
        chances=np.array([steps[int(key)] for key in keys], dtype=np.uint8),
        **{f"languages_{script}": np.array(codes) for script, codes in languages.items()},
    )


def _lines(lists: list[_Words], chance: random.Random, own: Mapping[str, Sequence[str]]) -> list[str]:
    lines: list[str] = []
    for words in lists:
        lines += _runs(words, _SAMPLES, chance)
    for words, sentences in _romanised():
        lines += _runs(words, _ROMANISED_SAMPLES, chance)
        lines += [_line(words.label, _typed(text, chance)) for text in sentences for _ in range(10)]
    for language in sorted(own):
        lines += _own_lines(language, own[language], chance)
    chance.shuffle(lines)
    return [line for line in lines if line]


def _romanised() -> Iterable[tuple[_Words, list[str]]]:
    """Return what is hand-written for languages that people also type in Latin letters."""
    for language, written in romanised_texts().items():
        words = dict.fromkeys(word for text in written for word in prepared(text).split())
        # Hand-written lists are not in order of frequency: all words alike, but neutral ones.
        frequency = {word: 1e-3 for word in words if word not in neutral_words()}
        yield _Words(f"{language}-Latn", "Latin", frequency), [text for text in written if " " in text]


def _runs(words: _Words, count: int, chance: random.Random) -> list[str]:
    """Return runs of one to six words, drawn by the root of how often they are used."""
    drawn = list(words.frequency)
    weights = list(accumulate(value**0.5 for value in words.frequency.values()))
    runs = []
    for _ in range(count):
        # Mostly short: that is what must be told apart.
        length = min(_LONGEST_RUN, 1 + int(chance.expovariate(0.5)))
        run = " ".join(chance.choices(drawn, cum_weights=weights, k=length))
        runs.append(_line(words.label, _typed(run, chance)))
    return runs


def _own_lines(language: str, texts: Sequence[str], chance: random.Random) -> list[str]:
    label_of = {"Latin": language if language in _LATIN else f"{language}-Latn"}
    kept = list(dict.fromkeys(texts))
    chance.shuffle(kept)
    lines = []
    for text in kept[:_OWN_AT_MOST]:
        writing = writing_of(text)
        if writing is None or (writing.languages and language not in writing.languages):
            continue
        if len(writing.languages) == 1:
            continue  # its script says all
        label = label_of.get(writing.script, language)
        words = prepared(text).split()
        for _ in range(_OWN_TIMES):
            start = chance.randrange(max(1, len(words) - 2))
            run = words[start : start + chance.randint(2, 12)]
            lines.append(_line(label, _typed(" ".join(run), chance)))
    return lines


def _typed(text: str, chance: random.Random) -> str:
    """Return a text as a phone might send it: marks left out, a letter missed or swapped."""
    if chance.random() < _PLAIN_SHARE:
        text = _stripped(text)
    if chance.random() < _TYPO_SHARE and len(text) > len("word"):
        place = chance.randrange(1, len(text) - 1)
        swap = chance.random() < 0.5  # noqa: PLR2004 - one way or the other
        text = text[:place] + (text[place + 1] + text[place] + text[place + 2 :] if swap else text[place + 1 :])
    return text


def _line(label: str, text: str) -> str:
    line = prepared(text)
    return f"__label__{label} {line}" if line else ""
