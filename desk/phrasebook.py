"""Phrasebook: what a worker may send in a language they do not speak, found by what it means.

Only sentences of the catalogue are here, each with its translation into the worker's language and the review
state of both. The embedder is loaded with the first search, not before; without it the letters alone decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _

from bot.words import Line, Worded, look, speaks, word
from channels.parts import parts
from content.catalogue import SOURCE, catalogue
from content.languages import recognised
from content.questions import questions
from content.source import Node, load
from desk import labels
from desk.content_state import is_draft
from desk.summary import question as question_words

if TYPE_CHECKING:
    from bot.understanding.embedding import Vectors

FILE = Path(__file__).parent / "phrases.yml"
FOUND = 12  # shown of a search: what stands lower is hardly ever meant
# What runs of letters in common weigh beside the meaning. On 39 queries in English and Spanish the phrase that was
# meant is among the first five 36 times with .15, 36 times by meaning alone, 21 times by letters alone.
LETTERS_WEIGH = 0.15
_GRAM = 3


@dataclass(frozen=True, slots=True)
class Phrase:
    """One sentence that may be sent."""

    key: str
    question: str | None
    options: tuple[str, ...]
    about: str  # a handle in English, for the search


@dataclass(frozen=True, slots=True)
class Group:
    """Phrases under one heading."""

    id: str
    title: str  # in English
    phrases: tuple[Phrase, ...]

    @property
    def name(self) -> str:
        """The heading in the reader's language."""
        return _(self.title)


@dataclass(frozen=True, slots=True)
class Offer:
    """A phrase beside its translation, ready to be looked at and sent."""

    key: str
    theirs: str  # in the contact's language, with the answers offered
    ours: str
    same: bool  # the worker reads the contact's language: one text is enough
    options: tuple[str, ...]  # in the worker's language
    parts: int  # SMS, 0 elsewhere
    asks_time: bool


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language with the state of its words."""

    code: str
    direction: str
    reviewed: bool


@cache
def groups() -> tuple[Group, ...]:
    """Every group, as `phrases.yml` has it.

    Raises:
        ContentError: a key or an option that no catalogue holds.
    """
    rows = load(FILE).mapping(required=("groups",))["groups"]
    return tuple(_group(row) for row in rows)


def _group(row: Node) -> Group:
    fields = row.mapping(required=("id", "title", "phrases"))
    return Group(fields["id"].str(), fields["title"].str(), tuple(_phrase(one) for one in fields["phrases"]))


def _phrase(row: Node) -> Phrase:
    fields = row.mapping(required=("key",), optional=("options", "about"))
    key = fields["key"].one_of(tuple(catalogue(SOURCE).sentences))
    asked = question_of(key)
    known = tuple(name.removeprefix("option.") for name in catalogue(SOURCE).sentences if name.startswith("option."))
    own = fields["options"].all_of(known) if "options" in fields else ()
    options = own or (questions()[asked].options if asked else ())
    return Phrase(key, asked, options, fields["about"].str() if "about" in fields else "")


@cache
def question_of(key: str) -> str | None:
    """The question that this key asks, in its first words or in others, if the dialogue knows it as one."""
    first = next((name for name, one in questions().items() if one.key == key), None)
    return first or next((name for name, one in questions().items() if key in one.keys), None)


@cache
def phrases() -> Mapping[str, Phrase]:
    """Every phrase by its key."""
    return {phrase.key: phrase for group in groups() for phrase in group.phrases}


def tongue(code: str) -> Tongue:
    """A language with the state of its words."""
    known = recognised()[code]
    return Tongue(code, known.direction, not is_draft(known))


def language_for(code: str) -> str:
    """The language to write in: theirs if the line has words in it, else the source language."""
    return code if speaks(code) else SOURCE


def worded(key: str, params: Mapping[str, str], *, language: str, channel: str) -> Worded:
    """The phrase as it goes out.

    Raises:
        KeyError: it is no phrase.
        Unsayable: nothing fills one of its braces.
    """
    phrase = phrases()[key]
    line = Line(key=key, params=params, options=phrase.options, question=phrase.question)
    return word([line], language=language, channel=channel)[0]


def offers(keys: Sequence[str], params: Mapping[str, str], *, language: str, channel: str) -> tuple[Offer, ...]:
    """These phrases beside their translations; one that nothing fills is left out, but for the time to agree."""
    shown = []
    for key in keys:
        wanted = catalogue(language).sentences[key].placeholders
        filled = {**params, "time": params.get("time", _("(hour)"))} if "time" in wanted else params
        if wanted - filled.keys():
            continue
        shown.append(_offer(key, filled, language, channel, asks_time="time" in wanted))
    return tuple(shown)


def _offer(key: str, params: Mapping[str, str], language: str, channel: str, *, asks_time: bool) -> Offer:
    phrase = phrases()[key]
    theirs = catalogue(language).text(key, look(channel)).format_map(dict(params))
    ours = catalogue(labels.desk_language()).text(key).format_map(dict(params))
    sent = worded(key, params, language=language, channel=channel)
    return Offer(
        key=key,
        theirs=theirs,
        ours=ours,
        same=language == labels.desk_language(),
        options=tuple(labels.option(one) for one in phrase.options),
        parts=parts(sent.text).count if look(channel) == "sms" else 0,
        asks_time=asks_time,
    )


def find(query: str) -> tuple[str, ...]:
    """The keys whose sentences mean what the query says, the nearest first; the query is in any language."""
    best = _nearness(query, labels.desk_language())
    return tuple(sorted(best, key=lambda key: -best[key])[:FOUND])


def nearest(text: str, languages: Iterable[str]) -> tuple[str, float]:
    """The key whose sentence in one of these languages is nearest to the text, and how near; 1 is the same."""
    found = [pair for language in dict.fromkeys(languages) for pair in _nearness(text, language).items()]
    return max(found, key=lambda pair: pair[1])


def _nearness(query: str, language: str) -> dict[str, float]:
    handles = _handles(language)
    meant = _meant(query, language)
    best: dict[str, float] = {}
    for (key, text), near in zip(handles, meant, strict=True):
        best[key] = max(best.get(key, -1.0), near + LETTERS_WEIGH * _in_common(query, text))
    return best


@cache
def _handles(language: str) -> tuple[tuple[str, str], ...]:
    """What each phrase can be found by: its sentences one by one in this language, and what it is about."""
    found: list[tuple[str, str]] = []
    for phrase in phrases().values():
        texts = [phrase.about, question_words(phrase.question) if phrase.question else ""]
        texts += _sentences(catalogue(language).sentences[phrase.key].text)
        found += [(phrase.key, text) for text in dict.fromkeys(texts) if text]
    return tuple(found)


def _sentences(text: str) -> list[str]:
    marked = text.replace("?", "?\n").replace(". ", ".\n")
    return [line.strip() for line in marked.splitlines() if line.strip()]


def _meant(query: str, language: str) -> Sequence[float]:
    from bot.understanding import embedding  # noqa: PLC0415 - 50 MB and a second, only where somebody searches

    if not embedding.available():
        return [0.0] * len(_handles(language))
    known, middle = _vectors(language)
    asked = _around(embedding.embed([query]), middle)[0]
    return [float(near) for near in known @ asked]


@cache
def _vectors(language: str) -> tuple[Vectors, Vectors]:
    """The handles of a language as vectors around their middle, and the middle.

    All sentences of a line lie close together; seen from their middle they differ: without it the phrase meant
    is among the first five 34 times of 39. Computed once an installation and kept in the data folder.
    """
    from bot.understanding import embedding  # noqa: PLC0415 - as above

    raw = embedding.embed_kept([text for _key, text in _handles(language)], settings.LANTERN.data / "phrases")
    middle = raw.mean(axis=0)
    return _around(raw, middle), middle


def _around(raw: Vectors, middle: Vectors) -> Vectors:
    """Vectors seen from the middle, each of length 1."""
    apart = raw - middle
    made: Vectors = apart / ((apart * apart).sum(axis=1, keepdims=True) ** 0.5).clip(1e-9)
    return made


def _in_common(query: str, text: str) -> float:
    """How much of the query's letters, in runs of three, stands in the text."""
    wanted = _grams(query)
    return len(wanted & _grams(text)) / len(wanted) if wanted else 0.0


def _grams(text: str) -> set[str]:
    plain = " ".join(text.casefold().split())
    return {plain[at : at + _GRAM] for at in range(max(1, len(plain) - _GRAM + 1))}
