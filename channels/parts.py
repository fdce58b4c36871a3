"""SMS encoding: which alphabet a text needs, how many parts it makes, how to cut a long text.

One letter outside the GSM alphabet turns the whole message into UCS-2 and halves its room.
Used by the words (catalogue checks) and by the desk (the counter under the reply box).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# 3GPP TS 23.038, section 6.2.1: the default alphabet, and the extension table whose letters take two places.
GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENSION = frozenset("\f^{}\\[~]|€")

GSM_SINGLE, GSM_PART = 160, 153  # a part of several gives 7 letters to the header that joins them
UCS2_SINGLE, UCS2_PART = 70, 67

# What Twilio's Smart Encoding changes for us, as far as our texts use it: counted as it will be sent.
SMART = str.maketrans(
    {
        "\N{LEFT SINGLE QUOTATION MARK}": "'",
        "\N{RIGHT SINGLE QUOTATION MARK}": "'",
        "\N{LEFT DOUBLE QUOTATION MARK}": '"',
        "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
        "\N{EN DASH}": "-",
        "\N{EM DASH}": "-",
        "\N{HORIZONTAL ELLIPSIS}": "...",
        "\N{NO-BREAK SPACE}": " ",
        "\N{BULLET}": "-",
    }
)

_SENTENCE_END = re.compile(r"(?<=[.!?。！？။៕།።])\s+|\n+")


@dataclass(frozen=True, slots=True)
class Parts:
    """How a text goes over the air."""

    encoding: str  # "gsm-7" or "ucs-2"
    units: int  # places taken: letters (extension letters twice), or UTF-16 units
    count: int
    left: int  # places free in the last part

    @property
    def unicode(self) -> bool:
        return self.encoding == "ucs-2"


def parts(text: str, *, smart: bool = False) -> Parts:
    """Return encoding, size and number of parts; an empty text is one empty part.

    With `smart`, as it will be after Twilio's Smart Encoding.
    """
    sent = text.translate(SMART) if smart else text
    if outside_gsm(sent):
        # Phones count UTF-16 units; a pair is never split, so a part may end one unit early.
        return _count("ucs-2", [_utf16_units(letter) for letter in sent], UCS2_SINGLE, UCS2_PART)
    return _count("gsm-7", [2 if letter in GSM_EXTENSION else 1 for letter in sent], GSM_SINGLE, GSM_PART)


def outside_gsm(text: str) -> tuple[str, ...]:
    """The letters that force UCS-2, each once, in order: what a translator or worker could avoid."""
    return tuple(dict.fromkeys(letter for letter in text if letter not in GSM_BASIC and letter not in GSM_EXTENSION))


def _utf16_units(letter: str) -> int:
    return len(letter.encode("utf-16-le", "surrogatepass")) // 2


def _count(encoding: str, sizes: list[int], single: int, part: int) -> Parts:
    units = sum(sizes)
    if units <= single:
        return Parts(encoding, units, 1, single - units)
    count, used = 1, 0
    for size in sizes:
        if used + size > part:  # a letter of two places does not straddle two parts
            count, used = count + 1, 0
        used += size
    return Parts(encoding, units, count, part - used)


def split_by_sentence(text: str, limit: int) -> list[str]:
    """Cut a text into pieces of at most `limit` letters, at a sentence's end, else at a space, else hard."""
    pieces: list[str] = []
    rest = text.strip()
    while len(rest) > limit:
        cut = _last_cut(rest, limit)
        pieces.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*pieces, rest]


def _last_cut(text: str, limit: int) -> int:
    ends = [found.start() for found in _SENTENCE_END.finditer(text, 0, limit + 1) if found.start() > 0]
    if ends:
        return ends[-1]
    space = text.rfind(" ", 1, limit + 1)
    if space > 0:
        return space
    return limit
