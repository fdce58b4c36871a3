"""Scripts: which writing a text is in, and what single letters say about its language.

Promises the languages that the writing leaves possible. Most scripts of the line belong to one of
its languages; for Cyrillic, Arabic and Devanagari some letters tell the languages apart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_SCRIPTS = {
    "Latin": "A-Za-z\u00aa\u00ba\u00c0-\u024f\u1e00-\u1eff",
    "Cyrillic": "\u0400-\u052f",
    "Arabic": "\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc",
    "Devanagari": "\u0900-\u0963\u0966-\u097f",
    "Bengali": "\u0980-\u09ff",
    "Sinhala": "\u0d80-\u0dff",
    "Tamil": "\u0b80-\u0bff",
    "Thai": "\u0e01-\u0e5b",
    "Lao": "\u0e81-\u0edf",
    "Myanmar": "\u1000-\u109f",
    "Ethiopic": "\u1200-\u139f",
    "Khmer": "\u1780-\u17ff",
    "Kana": "\u3040-\u30ff",
    "Hangul": "\u1100-\u11ff\u3130-\u318f\uac00-\ud7af",
    "Han": "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff",
}
_LETTERS = {name: re.compile(f"[{letters}]") for name, letters in _SCRIPTS.items()}
_LANGUAGES = {
    "Cyrillic": ("ru", "uk", "sr", "bg"),
    "Arabic": ("ar", "fa", "ur"),
    "Devanagari": ("hi", "ne"),
    "Bengali": ("bn",),
    "Sinhala": ("si",),
    "Tamil": ("ta",),
    "Thai": ("th",),
    "Lao": ("lo",),
    "Myanmar": ("my",),
    "Ethiopic": ("am",),
    "Khmer": ("km",),
    "Kana": ("ja",),
    "Hangul": ("ko",),
    "Han": ("zh",),
}
# Letters, languages, and what one such letter adds to the logarithm of the chance (research: natural logarithm).
_EVIDENCE = {
    "Cyrillic": (
        (re.compile("[іїєґ]", re.I), {"uk": 5.0}),
        (re.compile("[ыэё]", re.I), {"ru": 5.0}),
        (re.compile("[ђјљњћџ]", re.I), {"sr": 6.0}),
        (re.compile("[щюяьй]", re.I), {"sr": -5.0}),
        (re.compile("ъ", re.I), {"bg": 2.0, "uk": -2.0, "sr": -3.0}),
    ),
    "Arabic": (
        (re.compile("[ٹڈڑےںھہۓ]"), {"ur": 4.0}),
        (re.compile("[پچژگ]"), {"ar": -4.0}),
        (re.compile("[ةىؤئإأ]"), {"ar": 2.0}),
        (re.compile("[كي]"), {"ar": 1.0}),
        (re.compile("^[^كي]*[کی][^كي]*$", re.S), {"ar": -2.0}),
    ),
    "Devanagari": (
        # Endings that Nepali joins to its words, and small words that only Hindi has.
        (re.compile("\\w(?:लाई|हरू|हरु|बाट|ेको|एको|छु|छन्|छैन|न्छ|न्छन्|र्छ|नुहोस्|नुभयो|्दै)(?!\\w)"), {"ne": 4.0}),
        (re.compile("(?<!\\w)(?:छ|छैन|पनि|गर्न)(?!\\w)"), {"ne": 4.0}),
        (re.compile("(?<!\\w)(?:है|हैं|में|की|के|का|से|नहीं|और|ने|मैं|हूँ|हूं|था|थी|थे|लिए|करें)(?!\\w)"), {"hi": 3.0}),
        (re.compile("[\u0958-\u095f]|[कखगजडढफय]\u093c"), {"hi": 3.0}),  # a dot below: borrowed sounds of Hindi
    ),
}


@dataclass(frozen=True, slots=True)
class Writing:
    """The script of a text and the languages that it leaves."""

    script: str
    languages: tuple[str, ...]  # empty for Latin: too many


def writing_of(text: str) -> Writing | None:
    """Return the script of a text, or None if it has no letters.

    Latin letters count half beside another script: people mix English words into their own.
    """
    counts = {name: float(len(letters.findall(text))) for name, letters in _LETTERS.items()}
    if any(count for name, count in counts.items() if name != "Latin"):
        counts["Latin"] /= 2
    if counts["Kana"]:
        counts["Kana"] += counts.pop("Han")  # kanji beside kana
    script = max(counts, key=lambda name: counts[name])
    if not counts[script]:
        return None
    return Writing(script, _LANGUAGES.get(script, ()))


def is_in(script: str, letter: str) -> bool:
    """Say whether a letter belongs to a script."""
    return _LETTERS[script].match(letter) is not None


def letter_evidence(writing: Writing, text: str) -> dict[str, float]:
    """Return what single letters add to the logarithm of each language's chance."""
    added = dict.fromkeys(writing.languages, 0.0)
    for letters, languages in _EVIDENCE.get(writing.script, ()):
        if letters.search(text):
            for language, weight in languages.items():
                added[language] += weight
    return added
