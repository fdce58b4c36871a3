"""Bridge: what stands in a thread in words of the catalogue, in the reader's language.

A line of the bot, a phrase of a worker and a contact's short answer to either ("2", a button, a yes in Burmese, a
country's name) are known by key or option, so their translation is the catalogue's own. Nothing else is translated.
An answer is told only to what the provider had taken before it came: so the turn takes it too. A number after other
words of theirs answers what was asked since; where nothing of that had left, it is told for no answer at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from channels.base import read_press
from content.catalogue import PLACEHOLDER, catalogue, written
from content.questions import questions
from desk import labels
from desk.phrasebook import phrases
from desk.summary import answer_to
from records.staff.threads import ThreadItem
from records.states import REACHED_NOBODY

if TYPE_CHECKING:
    from bot.understanding.answers import Answer

_COUNTRY = "ask.country"
_SAFE = "safe"


@dataclass(frozen=True, slots=True)
class Bridge:
    """What is told of one message."""

    words: str = field(default="", repr=False)
    safety: bool = False  # it says whether it was safe then: worth no more than its age


NO_BRIDGE = Bridge()


def bridged(items: Iterable[ThreadItem], language: str) -> Mapping[tuple[str, int], Bridge]:
    """What can be told of each message in the reader's language, by kind and id; messages in order."""
    told: dict[tuple[str, int], Bridge] = {}
    ours: list[ThreadItem] = []  # the newest last
    before: datetime | None = None  # when they wrote last
    for item in items:
        if item.kind == "out" and item.status not in REACHED_NOBODY:
            ours.append(item)
        if item.kind == "out" and item.key:
            if words := _translated(item, language):
                told["out", item.id] = Bridge(words)
        elif item.kind == "in":
            asked, latest = _asked(ours, item.at, since=None if item.button else before)
            before = item.at
            if asked and (answer := answered(item.text, item.button, asked.key, language)):
                told["in", item.id] = _told(answer, asked.key, item.text, latest=latest)
    return told


def _asked(ours: Sequence[ThreadItem], at: datetime, *, since: datetime | None) -> tuple[ThreadItem | None, bool]:
    """The newest question that they had seen by then, and whether nothing of ours that they had seen came after it.

    None for what they had seen before they wrote `since`, if that is given.
    """
    seen = [one for one in ours if one.taken_at is not None and (since or one.taken_at) <= one.taken_at <= at]
    asked = next((one for one in reversed(seen) if _options(one.key)), None)
    return asked, asked is not None and asked is seen[-1]


def _told(answer: str, keys: str, said: str, *, latest: bool) -> Bridge:
    """The answer behind its question, if that came last; it is left out where it stands above in the same words."""
    words = "" if said.strip().casefold() == answer.casefold() else answer
    if not latest:
        return Bridge(words)
    key, name = _question(keys)
    told = answer_to(name, key, words)
    return Bridge(told if words else _("Answer to: %(question)s") % {"question": told.rstrip(" :")}, name == _SAFE)


def answered(text: str, button: str | None, keys: str, language: str) -> str:
    """A short answer to these keys in the reader's language; empty where it is no answer that the line knows."""
    options = _options(keys)
    if button is not None:
        option, asked = read_press(button)
        if option not in options or (asked in questions() and _question(keys)[0] not in questions()[asked].keys):
            return ""  # pressed late: it answers an older question
        return labels.option(option)
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
    return next((found for key in reversed(keys.split()) if (found := _offered(key))), ())


@cache
def _question(keys: str) -> tuple[str, str | None]:
    """The last of these keys that offers answers, and the question that it asks, if the dialogue knows it as one."""
    key = next(key for key in reversed(keys.split()) if _offered(key))
    return key, _asking().get(key)


def _offered(key: str) -> tuple[str, ...]:
    phrase = phrases().get(key)
    if phrase and phrase.options:
        return phrase.options
    name = _asking().get(key)
    return questions()[name].options if name else ()


@cache
def _asking() -> Mapping[str, str]:
    """The question that each key asks: of several with the same words the first, whose answer means the same."""
    again = {one.again: one.id for one in reversed(questions().values()) if one.again and one.again != "ask.again.open"}
    return again | {one.key: one.id for one in reversed(questions().values())} | {"opening": _SAFE}


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
