"""Reply language: whether a reply is plainly in another language than the one the contact writes.

By its script, and in Latin letters by how many of its words stand in our own catalogues. Sure or silent: somebody
who writes their language in Latin letters, or two languages that share their words, is never asked about.
"""

from __future__ import annotations

import re
from functools import cache

from content.catalogue import catalogue, written
from content.languages import recognised
from content.wordlists import romanised_texts
from desk.catalogues import LANGUAGES

_WORD = re.compile(r"[^\W\d_]+")
_FEWEST = 3  # words: with fewer nobody can tell
_FEWEST_LATIN = 5  # where the contact writes in Latin letters too
_SURE = 0.6  # of the words are known in the other language
_LATIN = "Latin"


def other_language(text: str, language: str) -> str:
    """The code of the language that a reply is in, where it is plainly not the contact's; else empty."""
    from bot.understanding.scripts import writing_of  # noqa: PLC0415 - only where somebody writes

    theirs, writing = recognised().get(language), writing_of(text)
    if theirs is None or writing is None:
        return ""
    if writing.script != _LATIN:
        return "" if language in writing.languages else writing.languages[0]
    words = _WORD.findall(text.casefold())
    if len(words) < (_FEWEST_LATIN if theirs.script == _LATIN else _FEWEST):
        return ""
    shares = {code: _share(words, _words(code)) for code in ("en", *LANGUAGES) if code != language}
    likeliest = max(shares, key=lambda code: shares[code])
    sure = shares[likeliest] >= _SURE and _share(words, _words(language)) <= shares[likeliest] / 2
    return likeliest if sure else ""


def _share(words: list[str], known: frozenset[str]) -> float:
    return sum(word in known for word in words) / len(words)


@cache
def _words(code: str) -> frozenset[str]:
    """The words of a language as its catalogue has them, and those that people write in Latin letters."""
    texts = [one.text for one in catalogue(code).sentences.values()] if code in written() else []
    return frozenset(_WORD.findall(" ".join([*texts, *romanised_texts().get(code, ())]).casefold()))
