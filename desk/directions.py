"""Directions: what the desk shows reads as it was written, whichever way its letters run.

Phone numbers within words from right to left would stand with their groups turned round. And whoever writes can turn
the reading of letters by signs without a picture: the desk shows a mark for each and never follows it; what is kept
and exported as data stays as it came.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

_FROM_RIGHT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
_PHONE = re.compile(r"([+(]{0,2}\d(?:[ ().-]{0,2}\d){6,19})")
# Marks without a picture: what stands between them goes like letters from left to right, and what follows does not.
_FROM_LEFT, _FROM_RIGHT_AGAIN = "\u200e", "\u200f"

# Overrides, embeddings and isolates: with them "gnp.exe" reads "exe.png". No language is spelt with them; the marks
# that right-to-left text is typed with (U+200E, U+200F, U+061C) stay.
TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_TURNING_BYTES = re.compile(b"\xe2(?:\x80[\xaa-\xae]|\x81[\xa6-\xa9])")  # the same in UTF-8
_TURNED = "\u21c4"  # an arrow each way: a sign stood here


def unturned(text: str) -> str:
    """The text with a mark in place of each sign that would turn its reading."""
    return TURNING.sub(_TURNED, text)


def unturned_pages(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: the same for every page and fragment, so that no place that shows their words can forget it."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not response.streaming and response.get("Content-Type", "").startswith("text/html"):
            response.content = _TURNING_BYTES.sub(_TURNED.encode(), response.content)
        return response

    return answer


def cut_at_phones(text: str) -> list[str]:
    """The text in pieces of which every second one is a phone number; whole where no word is from right to left."""
    return _PHONE.split(text) if _FROM_RIGHT.search(text) else [text]


def phones_in_order(text: str) -> str:
    """The same text with marks around each such number, for paper, which has no elements to set them apart."""
    pieces = enumerate(cut_at_phones(unturned(text)))
    return "".join(f"{_FROM_LEFT}{piece}{_FROM_RIGHT_AGAIN}" if at % 2 else piece for at, piece in pieces)
