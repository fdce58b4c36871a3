"""Wording: what no sentence of the line may say in any language, and how it must not look."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from content.check.forbidden import forbidden
from content.check.problem import Problem
from content.check.sentences import Entry, every_language
from content.languages import recognised
from content.source import CONTENT, shown

LABEL_WORDS, LABEL_LETTERS = 3, 24  # a button of Telegram shows about 24 letters on a narrow phone
_SHOUTS = re.compile("[!！¡՜߹᥄]")
_UNSPACED = ("Thai", "Lao", "Khmer", "Myanmar", "Han", "Kana")
_OPTION = "option."


def no_sentence_has_a_forbidden_word() -> Iterator[Problem]:
    """Yield words that label a person, judge, or promise what nobody can keep."""
    for language, own in every_language():
        words = forbidden(language)
        if words is None:
            where = f"{shown(CONTENT / 'forbidden' / f'{language}.yml')}:1"
            yield Problem(where, f"{language} has no list of forbidden words", "write it, in the language itself")
            continue
        for entry in own.values():
            for row, word in words.find(entry.text):
                yield Problem(entry.where, f'{entry.key} says "{word}" ({row.why})', f"say {row.instead}")


def nothing_shouts() -> Iterator[Problem]:
    """Yield exclamation marks and emoji: out of place where somebody is afraid."""
    for _, own in every_language():
        for entry in own.values():
            if _SHOUTS.search(entry.text):
                yield Problem(entry.where, f"{entry.key} has an exclamation mark", "end the sentence with a full stop")
            sign = next((letter for letter in entry.text if _is_emoji(letter)), None)
            if sign:
                yield Problem(entry.where, f"{entry.key} has the sign {sign}", "say it in words")


def no_two_keys_say_the_same() -> Iterator[Problem]:
    """Yield pairs of keys with one text: one of them is not needed, or means something else than it says."""
    for _, own in every_language():
        seen: dict[str, Entry] = {}
        for entry in own.values():
            text = entry.text.strip().casefold()
            first = seen.setdefault(text, entry)
            if text and first is not entry and first.base != entry.base:
                yield Problem(entry.where, f"{entry.key} says the same as {first.key}", "say each in words of its own")


def option_labels_are_short() -> Iterator[Problem]:
    """Yield labels that do not fit on a button."""
    for language, own in every_language():
        unspaced = recognised()[language].script in _UNSPACED
        for entry in own.values():
            if not entry.key.startswith(_OPTION):
                continue
            if letters(entry.text) > LABEL_LETTERS:
                found = f"{entry.key} has {letters(entry.text)} letters"
                yield Problem(entry.where, found, f"at most {LABEL_LETTERS} fit on a button")
            if not unspaced and len(entry.text.split()) > LABEL_WORDS:
                found = f"{entry.key} has {len(entry.text.split())} words"
                yield Problem(entry.where, found, f"at most {LABEL_WORDS} words are read at one look")
            if entry.text.rstrip().endswith((".", "。", "။", "।", "។")):
                yield Problem(entry.where, f"{entry.key} ends with a full stop", "a label is not a sentence")


def letters(text: str) -> int:
    """Return how many letters a reader sees: marks above, below and around a letter are part of it."""
    return sum(1 for letter in text if not unicodedata.category(letter).startswith("M"))


def _is_emoji(letter: str) -> bool:
    return (
        unicodedata.category(letter) == "So" or "\U0001f000" <= letter <= "\U0001faff" or letter in "\ufe0f\u200d\u20e3"
    )
