"""Naming: which language somebody asks for by its name, in whatever language they ask.

Names come from Babel (CLDR) and from our own list; folded as messages are. Leaves it to the turn whether
we have words in that language.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from babel import Locale, UnknownLocaleError

from bot.understanding.clean import Cleaned, fold
from content.languages import languages, recognised

_LATIN_MIN = 4  # shorter names are words of other languages as well
_OWN = {"zh": "zh_Hans", "sr": "sr_Latn"}


def language_named(cleaned: Cleaned) -> str | None:
    """Return the code of the one language that the text names, or None where it names none or several."""
    words = f" {cleaned.folded} "
    found = {code for name, code in _names().items() if (f" {name} " in words if name.isascii() else name in words)}
    return next(iter(found)) if len(found) == 1 else None


def is_name(cleaned: Cleaned) -> str | None:
    """Return the code of the language whose name the whole text is."""
    return _names().get(cleaned.folded)


@cache
def _names() -> dict[str, str]:
    found: dict[str, str] = {}
    for code, name in _pairs():
        folded = fold(name)
        if len(folded) >= (_LATIN_MIN if folded.isascii() else 2):
            found.setdefault(folded, code)
    return found


def _pairs() -> Iterator[tuple[str, str]]:
    for code, language in recognised().items():
        for part in (*language.native_name.split("/"), language.english_name):
            yield code, part
    for spoken in languages():
        try:
            named = Locale.parse(_OWN.get(spoken, spoken)).languages
        except UnknownLocaleError:
            continue
        for code in recognised():
            if code in named:
                yield code, named[code]


__all__ = ["is_name", "language_named"]
