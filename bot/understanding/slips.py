"""Slips: what somebody took back in the same message ("she is 17.. typo, 27") is not read as told.

Promises a text without the clause before the words of correction. Safety rules read the whole message all the same.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from bot.understanding.clean import Cleaned, clean, fold
from bot.understanding.sayings import SayingNet
from content.languages import UNSPACED

_MARKS = ".!?;,\n\u060c\u061f\u06d4\u0964\u104a\u104b\u3001\u3002\uff0c\uff01\uff1f"
_CLAUSES = re.compile(rf"[^{_MARKS}]+[{_MARKS}]*\s*")
_UNSPACED_CLAUSES = re.compile(rf"[^{_MARKS}\s]+[{_MARKS}\s]*")  # there a space stands between clauses
_A_SIGH = 4  # letters, where no spaces tell the words
APART = " … "  # between the two phrases of a pair


def without_slip(cleaned: Cleaned, net: SayingNet, languages: Collection[str] | None = None) -> Cleaned:
    """Return the message without the clause that its own words of correction take back.

    Args:
        cleaned: the message.
        net: holds the corrections.
        languages: the likely ones.
    """
    for _, words in net.said(cleaned, languages):
        first, _, last = words.partition(APART)
        at = _start_of(first, cleaned.text)
        if at is None or not _more_than(first, last, fold(cleaned.text[at:])):
            continue
        clauses = (_UNSPACED_CLAUSES if UNSPACED.search(cleaned.text) else _CLAUSES).findall(cleaned.text[:at])
        while clauses and _is_a_sigh(clauses[-1]):
            clauses.pop()
        return clean("".join(clauses[:-1]) + cleaned.text[at:]) if clauses else cleaned
    return cleaned


def _is_a_sigh(clause: str) -> bool:
    """True for "oh," and the like: what is taken back stands before it."""
    folded = fold(clause)
    if any(letter.isdigit() for letter in folded):
        return False
    return len(folded) < _A_SIGH if UNSPACED.search(clause) else " " not in folded


def _more_than(first: str, last: str, folded: str) -> bool:
    """True when something is said after the words of correction; else nobody knows which of two they take back."""
    return len(folded.replace(" ", "")) > len(first.replace(" ", "")) + len(last.replace(" ", "")) + 1


def _start_of(words: str, text: str) -> int | None:
    """Return where the last of these folded words begins in a text, or None: folding moves letters about."""
    for at in range(len(text) - 1, -1, -1):
        begins_word = at == 0 or not text[at - 1].isalnum() or not text[at].isascii()
        if begins_word and _begins_with(fold(text[at:]), words):
            return at
    return None


def _begins_with(folded: str, words: str) -> bool:
    return folded.startswith(words) or folded.replace(" ", "").startswith(words)
