"""Augmentation: the same message as another phone would send it. The labels stay.

Marks left out, a typing error, case and punctuation gone, Latin letters for another script, two messages in one.
"""

from __future__ import annotations

import random
import unicodedata
from dataclasses import replace

from unidecode import unidecode

from bot.understanding.examples import Example
from bot.understanding.scripts import writing_of

_ROMANISED = {"hi", "ur", "ne", "bn", "ar", "fa", "ru", "uk", "sr", "th", "lo", "km", "my"}
_STRIPPED, _TYPO, _CASE, _BARE, _LATIN, _JOINED = 0.15, 0.15, 0.10, 0.10, 0.04, 0.08
_SHORTEST = 5  # letters, to bear a typing error
_PLAIN_SPEECH = ("disclose", "ask_help", "report_family", "report_concern")


def altered(example: Example, others: list[Example], chance: random.Random) -> Example:
    """Return the message as it is, or as another phone would send it.

    Args:
        example: what was written.
        others: messages of the same language, of which one may follow in the same text.
        chance: the source of all chance.
    """
    if chance.random() < _JOINED:
        example = _joined(example, chance.choice(others))
    text = example.text
    if chance.random() < _STRIPPED:
        text = _without_marks(text)
    if chance.random() < _LATIN and example.language in _ROMANISED:
        text = _in_latin(text)
    if chance.random() < _TYPO:
        text = _mistyped(text, chance)
    if chance.random() < _CASE:
        text = text.upper() if chance.random() < 0.3 else text.capitalize()  # noqa: PLR2004 - shouting is the rarer
    if chance.random() < _BARE:
        text = "".join(letter for letter in text if unicodedata.category(letter)[0] != "P")
    return replace(example, text=text.strip() or example.text)


def _joined(first: Example, second: Example) -> Example:
    """Return both in one text, where both tell something of the same person."""
    if first.intent not in _PLAIN_SPEECH or second.intent != first.intent or first.role != second.role:
        return first
    return replace(
        first,
        text=f"{first.text} {second.text}" if first.text[-1:] in ".!?။។।" else f"{first.text}. {second.text}",
        also=tuple(dict.fromkeys((*first.also, *second.also))),
        indicators=tuple(dict.fromkeys((*first.indicators, *second.indicators))),
        risks=tuple(dict.fromkeys((*first.risks, *second.risks))),
        fair=tuple(dict.fromkeys((*first.fair, *second.fair))),
    )


def _without_marks(text: str) -> str:
    """Return Latin, Greek and Cyrillic letters without their marks, Arabic without vowel signs."""
    apart = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    bare = "".join(x for x in apart if not ("\u0300" <= x <= "\u036f" or "\u064b" <= x <= "\u0652"))
    return unicodedata.normalize("NFC", bare)


def _in_latin(text: str) -> str:
    writing = writing_of(text)
    return text if writing is None or writing.script == "Latin" else unidecode(text).lower() or text


def _mistyped(text: str, chance: random.Random) -> str:
    """Return the text with a letter missed, doubled or swapped, or a space lost."""
    if len(text) < _SHORTEST:
        return text
    place = chance.randrange(1, len(text) - 1)
    kind = chance.randrange(4)
    if kind == 0:
        return text[:place] + text[place + 1 :]
    if kind == 1:
        return text[:place] + text[place] + text[place:]
    if kind == 2:  # noqa: PLR2004 - the third of four ways
        return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    space = text.find(" ", place)
    return text if space < 0 else text[:space] + text[space + 1 :]
