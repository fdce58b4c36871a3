"""Whether a person who speaks a language has read the line's words in it, as they are today.

The file says what was known when it was written; what supervisors say since then stands in the database and
lapses when the words change.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from content.languages import Language, languages
from content.source import CONTENT
from records.staff.own_words import ReviewedWords, reviewed_words
from records.states import WordsState


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The state of the words of one language."""

    language: Language
    draft: bool
    changed_since: bool  # somebody read them, and they are other words now
    by: str
    at: datetime | None
    mark: str


def states() -> list[State]:
    """Every language that the line has words in, those to be read first."""
    told = reviewed_words()
    rows = [_state(one, told.get(code)) for code, one in languages().items() if one.catalogue != "none"]
    return sorted(rows, key=lambda row: (not row.draft, row.language.english_name))


def is_draft(language: Language | None) -> bool:
    """True when the bot's words in this language were read by nobody, or were changed since."""
    if language is None or language.catalogue == "none":
        return False
    return _state(language, reviewed_words().get(language.code)).draft


@cache
def mark_of(code: str) -> str:
    """A mark that changes with the words of a language; the words change only with the program."""
    path = CONTENT / "locales" / code / "LC_MESSAGES" / "bot.po"
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


def _state(language: Language, told: ReviewedWords | None) -> State:
    mark = mark_of(language.code)
    if told is None:
        by = language.reviewed_by or ""
        return State(
            language=language, draft=language.catalogue == "draft", changed_since=False, by=by, at=None, mark=mark
        )
    same = told.mark == mark
    return State(
        language=language,
        draft=told.state == WordsState.DRAFT or not same,
        changed_since=told.state == WordsState.REVIEWED and not same,
        by=told.who,
        at=told.at,
        mark=mark,
    )
