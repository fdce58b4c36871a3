"""Directions: phone numbers within words from right to left. By themselves their groups would stand turned round."""

from __future__ import annotations

import re

_FROM_RIGHT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
_PHONE = re.compile(r"([+(]{0,2}\d(?:[ ().-]{0,2}\d){6,19})")
# Marks without a picture: what stands between them goes like letters from left to right, and what follows does not.
_FROM_LEFT, _FROM_RIGHT_AGAIN = "\u200e", "\u200f"


def cut_at_phones(text: str) -> list[str]:
    """The text in pieces of which every second one is a phone number; whole where no word is from right to left."""
    return _PHONE.split(text) if _FROM_RIGHT.search(text) else [text]


def phones_in_order(text: str) -> str:
    """The same text with marks around each such number, for paper, which has no elements to set them apart."""
    pieces = enumerate(cut_at_phones(text))
    return "".join(f"{_FROM_LEFT}{piece}{_FROM_RIGHT_AGAIN}" if at % 2 else piece for at, piece in pieces)
