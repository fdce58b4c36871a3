"""Open set: langdetect, asked whether a text is in a language that is none of ours.

Our own classifier can only name languages that it knows; langdetect knows others and is right about
them nine times in ten. It also stands in for the classifier when its files are missing.
"""

from __future__ import annotations

from langdetect import DetectorFactory, LangDetectException, detect_langs

from content.languages import recognised

# Unseeded, one message in twenty changes its answer from call to call.
DetectorFactory.seed = 0

_CERTAIN = 0.9
_SAME = {"zh-cn": "zh", "zh-tw": "zh", "hr": "sr", "mk": "sr"}


def prepare() -> None:
    """Read langdetect's profiles now: the first message should not wait a second for them."""
    _detected("ready")


def outside(text: str) -> str | None:
    """Return the code of the language outside ours that the text is almost certainly in, else None."""
    first = next(iter(_detected(text)), None)
    if first is None or first[0] in recognised() or first[1] < _CERTAIN:
        return None
    return first[0]


def chances(text: str) -> dict[str, float]:
    """Return the chance of each of our languages by langdetect alone."""
    found: dict[str, float] = {}
    for code, chance in _detected(text):
        if code in recognised():
            found[code] = found.get(code, 0.0) + chance
    return found


def _detected(text: str) -> list[tuple[str, float]]:
    try:
        return [(_SAME.get(found.lang, found.lang), found.prob) for found in detect_langs(text.lower())]
    except LangDetectException:  # no letters that it knows
        return []
