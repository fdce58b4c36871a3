"""Where a line may end in scripts that put no space between words: after a whole syllable, never inside one.

Marks that place with a zero-width space; which syllables make a word is not known here, as no dictionary is.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

_BREAK = "\u200b"
_RANGES = ((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF))  # Thai and Lao, Burmese, Khmer
_JOINS_NEXT = frozenset("\u1039\u17d2เแโใไເແໂໃໄ")  # stackers, and vowels that are written before their consonant
_JOINS_LAST = frozenset("ะาำๅๆฯະາຳຽໆຯ၊။។៕៖ៗ")  # letters that only go on with what stands before them
_SILENCERS = frozenset("\u103a\u1039")  # after a consonant: it ends the syllable before
_DOT = "\u1037"  # a Burmese tone: it may stand between a consonant and the mark that ends the syllable with it
_SILENT_MARKS = frozenset("\u0e4c\u0ecc")  # thanthakhat: the letter under it is not spoken


def with_breaks(text: str) -> str:
    """The text with a place to break before each syllable of these scripts; other texts stay as they are."""
    return "".join(_marked(text))


def _marked(text: str) -> Iterator[str]:
    for index, letter in enumerate(text):
        if index and _begins(text, index):
            yield _BREAK
        yield letter


def _begins(text: str, index: int) -> bool:
    letter, last, following = text[index], text[index - 1], text[index + 1 : index + 3].lstrip(_DOT)[:1]
    if not (_unspaced(letter) and _unspaced(last)) or unicodedata.category(letter) != "Lo":
        return False
    if last in _JOINS_NEXT or letter in _JOINS_LAST:
        return False
    return following not in _SILENCERS and following not in _SILENT_MARKS if following else True


def _unspaced(letter: str) -> bool:
    return any(low <= ord(letter) <= high for low, high in _RANGES)
