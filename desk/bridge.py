"""Bridge: what stands in a thread in words of the catalogue, in the reader's language.

A line of the bot, a phrase of a worker and a contact's short answer to either ("2", a button, a yes in Burmese, a
country's name) are known by key or option, so their translation is the catalogue's own. Nothing else is translated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING

from content.catalogue import PLACEHOLDER, catalogue, written
from content.questions import questions
from desk import labels
from desk.phrasebook import phrases
from records.staff.threads import ThreadItem
from records.states import OutboxStatus

if TYPE_CHECKING:
    from bot.understanding.answers import Answer

_COUNTRY = "ask.country"
_GONE = (OutboxStatus.DROPPED, OutboxStatus.FAILED)


def bridged(items: Iterable[ThreadItem], language: str) -> Mapping[tuple[str, int], str]:
    """What can be told of each message in the reader's language, by kind and id; messages in order."""
    told: dict[tuple[str, int], str] = {}
    asked: ThreadItem | None = None
    for item in items:
        if item.kind == "out" and item.key:
            if item.status not in _GONE and _options(item.key):
                asked = item
            words = _translated(item, language)
        elif item.kind == "in":
            words = answered(item.text, item.button, asked.key, language) if asked else ""
        else:
            continue
        if words:
            told[item.kind, item.id] = words
    return told


def answered(text: str, button: str | None, keys: str, language: str) -> str:
    """A short answer to these keys in the reader's language; empty where it is no answer that the line knows."""
    options = _options(keys)
    if button is not None:
        return labels.option(button) if button in options else ""
    from bot.understanding.answers import QuestionShape, read  # noqa: PLC0415 - folds the words of 24 languages
    from bot.understanding.clean import clean  # noqa: PLC0415

    cleaned = clean(text)
    answer = read(cleaned, QuestionShape("", options), (language,))
    words = _words(answer)
    if words or _COUNTRY not in keys.split():
        return words
    from bot.understanding.country import named  # noqa: PLC0415 - reads the names of countries in 24 languages

    return labels.country(named(cleaned, (language,)))


def _words(answer: Answer | None) -> str:
    if answer is None or answer.kind == "intent":
        return ""
    label = labels.option(answer.value)
    return f"{label} …" if answer.rest else label


@cache
def _options(keys: str) -> tuple[str, ...]:
    """What the last of these keys offers to choose from."""
    by_key = {one.key: one.options for one in questions().values()} | {
        one.again: one.options for one in questions().values() if one.again and one.again != "ask.again.open"
    }
    by_key |= {"opening": questions()["safe"].options}
    by_key |= {key: phrase.options for key, phrase in phrases().items() if phrase.options}
    return next((by_key[key] for key in reversed(keys.split()) if by_key.get(key)), ())


def _translated(item: ThreadItem, language: str) -> str:
    """The sentences of a message in the reader's language, with what filled their braces."""
    ours, theirs = labels.desk_language(), language if language in written() else "en"
    if ours == theirs:
        return ""
    lines = []
    for key in item.key.split():
        sentence = catalogue(ours).sentences.get(key)
        if sentence is None:
            return ""
        lines.append(_filled_in(sentence.text, key, theirs, item.text))
    answers = " / ".join(labels.option(one) for one in _options(item.key))
    return "\n".join([*lines, answers] if answers else lines)


def _filled_in(template: str, key: str, language: str, said: str) -> str:
    filled = _fillings(key, language, said) if PLACEHOLDER.search(template) else {}
    return PLACEHOLDER.sub(lambda name: filled.get(name[1], "…"), template)


def _fillings(key: str, language: str, said: str) -> Mapping[str, str]:
    """What stood in the braces of this sentence when it was sent."""
    sentence = catalogue(language).sentences.get(key)
    if sentence is None:
        return {}
    parts = PLACEHOLDER.split(sentence.text)
    pattern = "".join(f"(?P<{part}>.+?)" if at % 2 else re.escape(part) for at, part in enumerate(parts))
    found = re.search(pattern + (r"(?=\n|$)" if not parts[-1] else ""), said, re.DOTALL)
    return found.groupdict() if found else {}
