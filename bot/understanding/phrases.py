"""Phrases: rules of phrases held against a message in one pass, whatever its language.

Promises every rule that fires, with the words that fired it. Every language is searched every time,
for the detected language may be wrong and people mix. To keep false friends out, a phrase of a single
word counts only if its language is likely here, or if none of the likely languages is written in its
script; two words, or two phrases near each other, count always.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Generic, Protocol, TypeVar

import ahocorasick

from bot.understanding.clean import Cleaned, clean, fold, undouble
from content.languages import UNSPACED, recognised
from content.safety import Near

_SHARED_SCRIPTS = {
    "Latin": re.compile("[a-z]"),
    "Cyrillic": re.compile("[\u0400-\u04ff]"),
    "Arabic": re.compile("[\u0600-\u06ff]"),
    "Devanagari": re.compile("[\u0900-\u097f]"),
}


class PhraseRule(Protocol):
    """What fires a rule and what holds it back."""

    @property
    def language(self) -> str: ...
    @property
    def match(self) -> tuple[str, ...]: ...
    @property
    def near(self) -> tuple[Near, ...]: ...
    @property
    def unless(self) -> tuple[str, ...]: ...


R = TypeVar("R", bound=PhraseRule)


@dataclass(frozen=True, slots=True, eq=False)  # there is one of each, so that it is looked up by what it is
class _Phrase:
    """A phrase as it is searched: among words, or anywhere in the text without its spaces."""

    key: str
    spaced: bool
    words: int
    script: str | None  # a script that several of our languages share


@dataclass(frozen=True, slots=True)
class _Hit:
    start: int  # in words, or in letters where there are no spaces
    end: int
    words: str = field(repr=False)


_Hits = Mapping[_Phrase, "list[_Hit]"]


@dataclass(frozen=True, slots=True)
class _List:
    """Phrases in their order; whether any of them was hit is told by the hits, which are few."""

    phrases: tuple[_Phrase, ...]
    known: frozenset[_Phrase]

    def hit(self, hits: _Hits) -> bool:
        return not self.known.isdisjoint(hits)


@dataclass(frozen=True, slots=True)
class _Prepared:
    language: str
    match: _List
    near: tuple[tuple[_List, _List, int], ...]
    unless: _List


@dataclass(frozen=True, slots=True)
class Misjudged(Generic[R]):
    """An example that its own rule gets wrong."""

    rule: R
    text: str
    should_fire: bool


class PhraseNet(Generic[R]):
    """Holds rules against messages."""

    def __init__(self, rules: Iterable[R]) -> None:
        self._rules: Sequence[R] = tuple(rules)
        self._prepared = [_prepare(rule) for rule in self._rules]
        self._rules_of: dict[_Phrase, set[int]] = defaultdict(set)
        spaced, unspaced, undoubled = (ahocorasick.Automaton() for _ in range(3))
        doubles: dict[str, tuple[_Phrase, ...]] = {}
        for index, prepared in enumerate(self._prepared):
            nearby = [phrase for any_of, and_of, _ in prepared.near for phrase in (*any_of.phrases, *and_of.phrases)]
            for phrase in (*prepared.match.phrases, *nearby):
                self._rules_of[phrase].add(index)
            for phrase in (*prepared.match.phrases, *nearby, *prepared.unless.phrases):
                (spaced if phrase.spaced else unspaced).add_word(phrase.key, (phrase,))
                if phrase.spaced:
                    single = undouble(phrase.key)
                    doubles[single] = tuple(dict.fromkeys((*doubles.get(single, ()), phrase)))
        for single, phrases in doubles.items():
            undoubled.add_word(single, phrases)
        self._spaced, self._unspaced, self._undoubled = _ready(spaced), _ready(unspaced), _ready(undoubled)

    def fired(self, cleaned: Cleaned, languages: Collection[str] | None = None) -> Iterator[tuple[R, str]]:
        """Yield each rule that fires with its words; `languages` are the likely ones, None if nothing is known."""
        hits = self._hits(cleaned)
        for index in sorted({index for phrase in hits for index in self._rules_of.get(phrase, ())}):
            words = _fires(self._prepared[index], hits, languages)
            if words is not None:
                yield self._rules[index], words

    def _hits(self, cleaned: Cleaned) -> _Hits:
        hits: dict[_Phrase, list[_Hit]] = defaultdict(list)
        if self._spaced is not None:
            _search_words(self._spaced, cleaned.folded, hits)
        if self._undoubled is not None and cleaned.drawn_out:
            _search_words(self._undoubled, undouble(cleaned.folded), hits)
        if self._unspaced is not None and UNSPACED.search(cleaned.folded):
            for last, (phrase,) in self._unspaced.iter(cleaned.folded.replace(" ", "")):
                hits[phrase].append(_Hit(last - len(phrase.key) + 1, last + 1, phrase.key))
        return hits


def misjudged(
    rules: Iterable[R], examples: Callable[[R], tuple[Collection[str], Collection[str]]]
) -> Iterator[Misjudged[R]]:
    """Yield every example that its own rule gets wrong.

    Args:
        rules: each is judged alone.
        examples: what must fire a rule, and what must not.
    """
    for rule in rules:
        net = PhraseNet([rule])
        for should_fire, texts in zip((True, False), examples(rule), strict=True):
            for text in texts:
                if any(net.fired(clean(text), (rule.language,))) is not should_fire:
                    yield Misjudged(rule, text, should_fire)


def _search_words(automaton: ahocorasick.Automaton, text: str, hits: dict[_Phrase, list[_Hit]]) -> None:
    padded = f" {text} "
    gaps = [place for place, letter in enumerate(padded) if letter == " "]
    for last, phrases in automaton.iter(padded):
        for phrase in phrases:
            # A stem ends inside a word: the word to its end is what was said.
            end = gaps[bisect_right(gaps, last)] if padded[last] != " " else last
            end_word = bisect_right(gaps, end - 1)
            first_word = end_word - phrase.words
            hits[phrase].append(_Hit(first_word, end_word, padded[gaps[first_word] + 1 : end]))


def _ready(automaton: ahocorasick.Automaton) -> ahocorasick.Automaton | None:
    if not len(automaton):
        return None
    automaton.make_automaton()
    return automaton


def _prepare(rule: PhraseRule) -> _Prepared:
    return _Prepared(
        language=rule.language,
        match=_phrases(rule.match),
        near=tuple(_prepare_near(near) for near in rule.near),
        unless=_phrases(rule.unless),
    )


def _prepare_near(near: Near) -> tuple[_List, _List, int]:
    return _phrases(near.any_of), _phrases(near.and_of), near.within


def _phrases(written: Iterable[str]) -> _List:
    found = tuple(dict.fromkeys(phrase for text in written if (phrase := _phrase(text)) is not None))
    return _List(found, frozenset(found))


@cache  # lists of phrases are shared by many rules
def _phrase(written: str) -> _Phrase | None:
    folded = fold(written.rstrip("*"))
    if not folded:
        return None
    if UNSPACED.search(folded):
        return _the(folded.replace(" ", ""), spaced=False, words=0, script=None)
    stem = written.endswith("*")
    script = next((name for name, letters in _SHARED_SCRIPTS.items() if letters.search(folded)), None)
    return _the(f" {folded}" if stem else f" {folded} ", spaced=True, words=folded.count(" ") + 1, script=script)


@cache  # two spellings may be the same phrase
def _the(key: str, *, spaced: bool, words: int, script: str | None) -> _Phrase:
    return _Phrase(key, spaced, words, script)


def _fires(prepared: _Prepared, hits: _Hits, languages: Collection[str] | None) -> str | None:
    """Return the words that fire the rule, or None."""
    if prepared.unless.hit(hits):
        return None
    for phrase in prepared.match.phrases if prepared.match.hit(hits) else ():
        if phrase in hits and _counts(phrase, prepared.language, languages):
            return hits[phrase][0].words
    for any_of, and_of, within in prepared.near:
        if not (any_of.hit(hits) and and_of.hit(hits)):
            continue
        for one in (hit for phrase in any_of.phrases for hit in hits.get(phrase, ())):
            for other in (hit for phrase in and_of.phrases for hit in hits.get(phrase, ())):
                # Below 0 they overlap: one place in the text is not two.
                if 0 <= max(one.start, other.start) - min(one.end, other.end) <= within:
                    return f"{one.words} … {other.words}"
    return None


def _counts(phrase: _Phrase, language: str, languages: Collection[str] | None) -> bool:
    if languages is None or language in languages or phrase.words != 1 or phrase.script is None:
        return True
    known = recognised()
    # The word stands in a script that none of the likely languages uses: nothing here to mistake it for.
    return all(known[code].script != phrase.script for code in languages if code in known)
