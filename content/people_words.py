"""People words: by which words people are counted, language by language, so that their number is not read as an age."""

from __future__ import annotations

from functools import cache

from content.languages import languages
from content.source import CONTENT, load


@cache
def people_words() -> dict[str, tuple[str, ...]]:
    """Return the words for counted people by language.

    Raises:
        ContentError: a language is unknown.
    """
    found = {}
    for language, row in load(CONTENT / "people_words.yml").entries().items():
        if language not in languages():
            raise row.error(f"unknown language {language}", "the languages stand in content/languages.yml")
        found[language] = row.strings()
    return found
