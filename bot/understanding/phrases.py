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
from typing import Generic, Protocol, TypeVar

import ahocorasick

from bot.understanding.clean import Cleaned, clean, fold, undouble
from content.languages import UNSPACED, recognised
from content.safety import Near

# Arabic writes "and" as a letter of the next word: a long word, and a small one that denies, are said all the same.
_GLUED_AND = re.compile("(?<![^ ])\u0648(?=[\u0621-\u064a]{4}|(?:ما|محد|ماحد|مش|مو|لا|لم)(?: |$))")
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


@dataclass(slots=True, eq=False)  # there is one of each in a net, so that it is looked up by what it is
class _Phrase:
    """A phrase as it is searched: among words, or anywhere in the text without its spaces."""

    key: str
    spaced: bool
    words: int
    script: str | None  # a script that several of our languages share
    fires: tuple[int, ...] = ()  # the rules that it may fire, by their place
    begins: tuple[tuple[int, int], ...] = ()  # where it is one of `any_of`: the rule, and the place among its `near`


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
    near: tuple[tuple[tuple[_Phrase, ...], _List, int], ...]
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
        maker = _Maker()
        self._prepared = [maker.prepared(rule, index) for index, rule in enumerate(self._rules)]
        spaced, unspaced, undoubled = (ahocorasick.Automaton() for _ in range(3))
        for phrase in maker.made:
            (spaced if phrase.spaced else unspaced).add_word(phrase.key, (phrase,))
            if phrase.spaced:
                single = undouble(phrase.key)
                undoubled.add_word(single, (*undoubled.get(single, ()), phrase))
        self._spaced, self._unspaced, self._undoubled = _ready(spaced), _ready(unspaced), _ready(undoubled)

    def fired(self, cleaned: Cleaned, languages: Collection[str] | None = None) -> Iterator[tuple[R, str]]:
        """Yield each rule that fires with its words; `languages` are the likely ones, None if nothing is known."""
        hits = self._hits(cleaned)
        near: dict[int, set[int]] = defaultdict(set)  # a rule has dozens, and few of them begin in a message
        for rule, place in (begun for phrase in hits for begun in phrase.begins):
            near[rule].add(place)
        for index in sorted({index for phrase in hits for index in phrase.fires}):
            words = _fires(self._prepared[index], sorted(near.get(index, ())), hits, languages)
            if words is not None:
                yield self._rules[index], words

    def _hits(self, cleaned: Cleaned) -> _Hits:
        hits: dict[_Phrase, list[_Hit]] = defaultdict(list)
        if self._spaced is not None:
            _search_words(self._spaced, cleaned.folded, hits)
            apart = _GLUED_AND.sub("", cleaned.folded)  # as many words: what is near stays as near
            if apart != cleaned.folded:
                _search_words(self._spaced, apart, hits)
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


class _Maker:
    """Makes the phrases of one net, each once; forgotten when the net is made, for a net holds a hundred thousand."""

    def __init__(self) -> None:
        self._by_words: dict[str, _Phrase | None] = {}
        self._by_key: dict[tuple[str, bool], _Phrase] = {}  # two spellings may be the same phrase

    @property
    def made(self) -> Iterable[_Phrase]:
        return self._by_key.values()

    def prepared(self, rule: PhraseRule, place: int) -> _Prepared:
        by = (place,)
        near = [(self._list(one.any_of, by), self._list(one.and_of, by), one.within) for one in rule.near]
        for number, (any_of, _, _) in enumerate(near):
            begun = ((place, number),)  # one for all its phrases
            for phrase in any_of.phrases:
                phrase.begins += begun
        return _Prepared(
            language=rule.language,
            match=self._list(rule.match, by),
            near=tuple((any_of.phrases, and_of, within) for any_of, and_of, within in near),
            unless=self._list(rule.unless, ()),
        )

    def _list(self, written: Iterable[str], fired_by: tuple[int, ...]) -> _List:
        found = tuple(dict.fromkeys(phrase for text in written if (phrase := self._phrase(text)) is not None))
        for phrase in found:
            if phrase.fires[-1:] != fired_by:
                phrase.fires += fired_by  # the first keeps the tuple itself, which most of a rule share
        return _List(found, frozenset(found))

    def _phrase(self, written: str) -> _Phrase | None:
        if written not in self._by_words:
            self._by_words[written] = self._read(written)
        return self._by_words[written]

    def _read(self, written: str) -> _Phrase | None:
        folded = fold(written.rstrip("*"))
        if not folded:
            return None
        if UNSPACED.search(folded):
            return self._the(folded.replace(" ", ""), spaced=False)
        return self._the(f" {folded}" if written.endswith("*") else f" {folded} ", spaced=True)

    def _the(self, key: str, *, spaced: bool) -> _Phrase:
        found = self._by_key.get((key, spaced))
        if found is None:
            script = next((name for name, letters in _SHARED_SCRIPTS.items() if letters.search(key)), None)
            words = key.strip().count(" ") + 1
            found = _Phrase(key, True, words, script) if spaced else _Phrase(key, False, 0, None)
            self._by_key[key, spaced] = found
        return found


def _fires(prepared: _Prepared, near: Iterable[int], hits: _Hits, languages: Collection[str] | None) -> str | None:
    """Return the words that fire the rule, or None; `near` tells which of its pairs have a first word in the text."""
    if prepared.unless.hit(hits):
        return None
    for phrase in prepared.match.phrases if prepared.match.hit(hits) else ():
        if phrase in hits and _counts(phrase, prepared.language, languages):
            return hits[phrase][0].words
    for any_of, and_of, within in (prepared.near[place] for place in near):
        if not and_of.hit(hits):
            continue
        for one in (hit for phrase in any_of for hit in hits.get(phrase, ())):
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
