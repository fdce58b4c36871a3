"""Meaning: which sentences of the phrasebook a worker's own words amount to, so that a simulated contact can answer.

Only a nearness: of 42 sentences typed in six languages 24 were read right, 3 wrong, the others not at all. So
the page at the end says how much of what was typed it could not read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from content.catalogue import SOURCE
from desk import labels, phrasebook

NEAR = 0.65
_FEWEST = 6  # letters: "ok" is near to anything
_SENTENCE = re.compile(r"(?<=[.?!؟？！。။៕।…])\s*|\n+")
_ASKS = ("?", "؟", "？")
_MOST = 12  # sentences of one message that are read


@dataclass(frozen=True, slots=True)
class Meant:
    """What a typed message amounts to."""

    keys: tuple[str, ...]
    asks: bool  # something that is no question of the phrasebook


def meant(text: str, language: str) -> Meant:
    """What these words say, in the contact's language, the worker's or English."""
    keys, asks = [], False
    for sentence in [one.strip() for one in _SENTENCE.split(text)][:_MOST]:
        if len(sentence) < _FEWEST:
            continue
        key, near = phrasebook.nearest(sentence, (phrasebook.language_for(language), labels.desk_language(), SOURCE))
        if near >= NEAR:
            keys.append(key)
        else:
            asks |= sentence.endswith(_ASKS)
    return Meant(tuple(dict.fromkeys(keys)), asks)
