"""Evidence: the part of a message that speaks most for a finding.

Promises words of the message itself, so that staff see what a finding rests on.
"""

from __future__ import annotations

import re

_BREAKS = re.compile(r"(?<=[.!?;:,\n\u060c\u061f\u06d4\u0964\u104a\u104b\u3001\u3002\uff0c\uff01\uff1f])\s*")
_SHORT = 12  # words that are read at a glance
_SHORT_LETTERS = 60  # where no spaces tell the words
_PARTS = 8
_LETTERS_A_PART = 250  # of a long message, so that an encoder reads each part whole


def is_short(text: str) -> bool:
    """Say whether a text is short enough to be its own evidence."""
    return len(text.split()) <= _SHORT and len(text) <= _SHORT_LETTERS * 2


def parts_of(text: str) -> list[str]:
    """Return the clauses of a text: at most eight, more of a long one, no single word if it can be helped."""
    parts: list[str] = []
    for clause in _BREAKS.split(text):
        words = clause.split()
        if not words:
            continue
        # A long run without any mark is cut by words, or by letters where there are no spaces.
        if len(words) > 2 * _SHORT:
            parts += [" ".join(words[start : start + _SHORT]) for start in range(0, len(words), _SHORT)]
        elif len(clause) > 4 * _SHORT_LETTERS:
            parts += [clause[start : start + _SHORT_LETTERS] for start in range(0, len(clause), _SHORT_LETTERS)]
        elif parts and (len(words) == 1 and len(clause) < _SHORT):
            parts[-1] = f"{parts[-1]} {clause}"
        else:
            parts.append(clause)
    most = max(_PARTS, -(-len(text) // _LETTERS_A_PART))
    if len(parts) <= most:
        return parts
    size = -(-len(parts) // most)
    return [" ".join(parts[start : start + size]) for start in range(0, len(parts), size)]
