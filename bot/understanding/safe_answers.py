"""Safe answers: what people say when they are asked whether it is safe to write, beyond a plain yes or no.

Promises a yes only for a message that consists of nothing but such words ("yes brother, nobody sees"), or
that opens with a plain yes and takes nothing of it back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from bot.understanding.clean import fold
from content.answers import lexicon, lexicons
from content.languages import UNSPACED

QUESTIONS = ("safe", "check_controller_present")  # one sentence, asked at the start and in doubt
_SHORT, _SHORT_UNSPACED = 8, 40  # words, letters: what follows a yes and is longer is a story, and has its own rules


def listed(text: str, languages: Iterable[str]) -> str | None:
    """Return yes or no for a message that stands in the lists: what is said of this question, before all else."""
    words = _words(text)
    for language in languages:
        safe = _safe(language)
        if words in safe.no or words in safe.listed_yes:
            return "no" if words in safe.no else "yes"
    return None


def says_unsafe(text: str, languages: Sequence[str]) -> bool:
    """True for a message that says "not safe", in any language, or "no, not safe now" in a likely one."""
    words = _words(text)
    if any(words in _safe(language).unsafe for language in lexicons()):
        return True
    for language in languages:
        safe = _safe(language)
        nothing = safe.around | safe.plain_no
        if _made_of(words, nothing | safe.unsafe) and not _made_of(words, nothing):
            return True
    return False


def read(text: str, languages: Iterable[str]) -> str | None:
    """Return yes, no or unsure for a whole message of such words; None for any other."""
    words = _words(text)
    for language in languages:
        safe = _safe(language)
        nothing = safe.around | safe.plain_no  # "nobody at home" may be no answer at all
        if _made_of(words, safe.around | safe.yes) and not _made_of(words, safe.around):
            return "yes"
        if _made_of(words, nothing | safe.no) and not _made_of(words, nothing):
            return "no"
        if _made_of(words, nothing | safe.no | safe.yes) and not _made_of(words, nothing):
            return "unsure"
    return None


def opens_with_yes(text: str, language: str) -> bool:
    """True for a message that opens with a word that means yes and nothing else, and takes nothing of it back."""
    words = _words(text)
    safe = _safe(language)
    return isinstance(words, tuple) and words[:1] in safe.first and not takes_back(" ".join(words[1:]), (language,))


def takes_back(rest: str, languages: Iterable[str]) -> bool:
    """True for what follows a yes and takes it back: "but he comes back at six"."""
    if read(rest, languages) == "yes":
        return False
    words = _words(rest)
    if len(words) > (_SHORT if isinstance(words, tuple) else _SHORT_UNSPACED):
        return False
    return any(_holds(words, _safe(language).back) for language in languages)


@dataclass(frozen=True, slots=True)
class _Safe:
    listed_yes: frozenset[Sequence[str]]
    yes: frozenset[Sequence[str]]  # and the plain words for it
    no: frozenset[Sequence[str]]
    plain_no: frozenset[Sequence[str]]
    around: frozenset[Sequence[str]]
    first: frozenset[Sequence[str]]
    back: frozenset[Sequence[str]]  # against, and what means no
    unsafe: frozenset[Sequence[str]]


@cache
def _safe(language: str) -> _Safe:
    own = lexicon(language)
    safe = own.safe
    yes = _folded((*safe.yes, *safe.first, *own.words.get("yes", ())))
    unsafe = _folded(safe.unsafe)
    no = _folded(safe.no) | unsafe
    return _Safe(
        listed_yes=_folded(safe.yes),
        yes=yes,
        no=no,
        plain_no=_folded(own.words.get("no", ())) - yes - no,
        around=_folded(safe.around) - yes,
        first=_folded(safe.first),
        back=_folded((*safe.against, *safe.no)),
        unsafe=unsafe,
    )


def _folded(phrases: Iterable[str]) -> frozenset[Sequence[str]]:
    return frozenset(words for phrase in phrases if (words := _words(phrase)))


def _words(text: str) -> Sequence[str]:
    """Return the words of a text; its letters in one row where the script has no spaces."""
    folded = fold(text)
    return folded.replace(" ", "") if UNSPACED.search(folded) else tuple(folded.split())


def _made_of(words: Sequence[str], pieces: Collection[Sequence[str]]) -> bool:
    """True for words that are a row of pieces and nothing else."""
    ends = {0}
    for end in range(1, len(words) + 1):
        if any(words[start:end] in pieces for start in ends):
            ends.add(end)
    return bool(words) and len(words) in ends


def _holds(words: Sequence[str], pieces: Iterable[Sequence[str]]) -> bool:
    return any(
        words[start : start + len(piece)] == piece for piece in pieces for start in range(len(words) - len(piece) + 1)
    )
