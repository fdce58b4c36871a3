"""Details: ages, durations, sums of money, phone numbers and places in what people write.

Promises what was said in the words that said it, for staff to read and for exports to black out. All
languages are searched every time. A number of years is an age only if an age word or "she is" says so,
else a duration. Never fails. spaCy is given word classes and names from our own lists, never what people
wrote: it keeps every word it meets for as long as the process lives.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import phonenumbers
from babel.numbers import get_territory_currencies

from bot.understanding.detail_words import DIGITS, MARK, OTHER, Token, lexicon, names, read
from bot.understanding.detail_words import plain as as_plain
from content.details import UNITS, money

MAX_TEXT = 2_000
_OLDEST, _YOUNGEST = 110, 5  # an age without the word for years
_MOST = {"year": 80, "month": 600, "week": 500, "day": 1500, "hour": 1000}  # more is a date, or no time: 2019
_SHORT = 2  # letters
_PHONE_DIGITS = range(8, 16)
_DIALLED = re.compile(r"(?<![\d.,$€£¥])(?:\+|0)[\d](?:[ ()./-]{0,2}\d){6,14}(?!\d)")
_MAYBE_PHONE = re.compile(r"\d(?:[ ()./-]{0,2}\d){6}")
_DATE = re.compile(r"\d{1,2}([./-])\d{1,2}\1\d{2,4}")
_HIDDEN = "\ue000"  # stands for a letter of a phone number
_CLOSED = frozenset({"stay", "join", MARK})  # at the end of a pattern, no part of what was said

# What makes a detail, as classes of words. The longest wins, then the first.
_PATTERNS: dict[str, tuple[str, ...]] = {
    "age": (
        "number age_after", "number year age_after", "age_before number", "age_before number year",
        "age_before number month", "age_before number year age_after", "age_before number age_after",
        "person number year", "person number age_after", f"person number {MARK}", "person number join",
    ),
    "duration": (
        "number year", "number month", "number week", "number day", "number hour", "person number year stay",
    ),
    "amount": (
        "number money", "money number", "number multiple", "number multiple money", "money number multiple",
        "number hundred money", "money number hundred", "number hundred multiple", "number hundred multiple money",
        "number multiple multiple", "number multiple multiple money", "money number money",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Detail:
    """One thing that was said; words and value are what a person wrote, so neither is ever shown in a log."""

    kind: str  # age, duration, amount, phone, place
    words: str = field(repr=False)  # as they stand in the text
    value: float | str | None = field(repr=False)  # a number, a phone in E.164, or a country
    unit: str | None  # year, month ... or a currency, where it is known

    def as_json(self) -> dict[str, Any]:
        """Return it as the message's row keeps it, sealed."""
        return {"id": self.kind, "kind": "detail", "words": self.words, "value": self.value, "unit": self.unit}


@dataclass(frozen=True, slots=True)
class _Found:
    start: int
    end: int
    kind: str
    value: float | str | None = field(repr=False)
    unit: str | None


def ages_told(found: Iterable[Detail]) -> list[float]:
    """Return the ages, in years, that stand in these details."""
    return [one.value for one in found if one.kind == "age" and isinstance(one.value, int | float)]


def find(text: str, country: str | None = None) -> tuple[Detail, ...]:
    """Return the details in a cleaned text, in their order.

    Args:
        text: what was written; 2,000 characters of it are read.
        country: the ISO code of the phone's country, if it is known.
    """
    text = text[:MAX_TEXT]
    plain = as_plain(text)
    dialled, guessed = _phones(plain, country)
    for phone in dialled:
        plain = plain[: phone.start] + _HIDDEN * (phone.end - phone.start) + plain[phone.end :]
    found = [*dialled, *_said(plain, country)]
    found += [phone for phone in guessed if not any(_overlap(phone, one) for one in found)]
    found.sort(key=lambda one: (one.start, one.end))
    return tuple(Detail(one.kind, text[one.start : one.end], one.value, one.unit) for one in found)


def _phones(plain: str, country: str | None) -> tuple[list[_Found], list[_Found]]:
    """Return numbers written as phones are, with + or 0 first, and other digits that are one in this country."""
    if not _MAYBE_PHONE.search(plain):
        return [], []
    region = country.upper() if country else None
    dialled: list[_Found] = []
    for match in _DIALLED.finditer(plain):
        digits = sum(letter.isdigit() for letter in match.group())
        if digits in _PHONE_DIGITS and not _DATE.match(match.group()):
            dialled.append(_Found(match.start(), match.end(), "phone", _e164(match.group(), region), None))
    guessed: list[_Found] = []
    for candidate in phonenumbers.PhoneNumberMatcher(plain, region):
        number = phonenumbers.format_number(candidate.number, phonenumbers.PhoneNumberFormat.E164)
        one = _Found(candidate.start, candidate.end, "phone", number, None)
        if not any(_overlap(one, other) for other in dialled):
            (dialled if candidate.raw_string.startswith("+") else guessed).append(one)
    return dialled, guessed


def _e164(written: str, region: str | None) -> str | None:
    if written.startswith("00"):
        written = f"+{written[2:]}"
    try:
        number = phonenumbers.parse(written, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _said(plain: str, country: str | None) -> Iterator[_Found]:
    tokens = read(plain, country)
    # Most messages hold no number and no name: they need no pipeline.
    if not any(token.kind == "number" or token.key in lexicon().name_words for token in tokens):
        return
    for start, end, label in _tools().spans(tokens):
        found = _detail(label, tokens[start:end], country)
        if found is not None:
            yield found


def _detail(label: str, tokens: list[Token], country: str | None) -> _Found | None:
    if label not in _PATTERNS:  # the name of a place goes by its country
        return _Found(tokens[0].start, tokens[-1].end, "place", label, None)
    while tokens[-1].kind in _CLOSED:
        tokens = tokens[:-1]
    if label == "duration":
        tokens = [token for token in tokens if token.kind != "person"]
    if not _one_language(tokens):
        return None
    start, end = tokens[0].start, tokens[-1].end
    value = _value(tokens)
    if label == "amount":
        spelled_after = tokens[0].kind == "money" and not any(token.key == DIGITS for token in tokens)
        right = value > 0 and not spelled_after  # "dong o" is no sum, though o is one in Romanian
        return _Found(start, end, label, value, _currency(tokens, country)) if right else None
    unit = next((token.kind for token in tokens if token.kind in UNITS), "year")
    if label == "age" and not (tokens[0].kind == "person" and value < _YOUNGEST):
        return _Found(start, end, label, value, unit) if value <= _OLDEST else None
    if not any(token.kind in UNITS for token in tokens):
        return None
    # "I am 2 years here": nobody who writes is two.
    counted = tokens[1:] if tokens[0].kind == "person" else tokens
    right = value <= _MOST[unit]
    return _Found(counted[0].start, end, "duration", value, unit) if right else None


def _one_language(tokens: list[Token]) -> bool:
    """Say whether a number in words and what it counts are of one language: "lam an" is no fifteen years."""
    if any(token.key == DIGITS for token in tokens):
        first = tokens[0]
        # Short words before a number are rarely money, unless they are its sign.
        return first.kind != "money" or not first.key.isascii() or len(first.key) > _SHORT or None in first.languages
    shared = [token.languages for token in tokens if None not in token.languages]
    return not shared or bool(frozenset.intersection(*shared))


def _value(tokens: list[Token]) -> float:
    value = next((token.number for token in tokens if token.kind == "number"), 0.0)
    for token in tokens:
        if token.kind in {"hundred", "multiple"}:
            value *= token.number
    # Past 2**53 it is no sum that anybody means, and int() of it would pretend to be exact.
    return int(value) if value < 2**53 and value == int(value) else value


def _currency(tokens: list[Token], country: str | None) -> str | None:
    """Return the currency, by the phone's country where several share a name; None if nothing tells."""
    for token in tokens:
        if token.kind == "money":
            kind = money()[token.value]
            own = _own_currencies(country.upper()) if country else ()
            return next((code for code in kind.also if code in own), kind.code)
    return None


@cache
def _own_currencies(country: str) -> tuple[str, ...]:
    return tuple(get_territory_currencies(country))


def _overlap(one: _Found, other: _Found) -> bool:
    return one.start < other.end and other.start < one.end


@dataclass(frozen=True, slots=True)
class _Tools:
    """What spaCy holds: an empty pipeline of no language, patterns over classes of words, and names."""

    vocab: Any
    make_doc: Any  # spaCy's class, imported with the rest
    patterns: Any
    names: Any

    def spans(self, tokens: list[Token]) -> list[tuple[int, int, str]]:
        """Return what stands where, none over another: the longest, then the first."""
        doc = self.doc(tokens)
        hits = [(start, end, self.vocab.strings[match]) for match, start, end in self.patterns(doc)]
        hits += [(start, end, self.vocab.strings[match]) for match, start, end in self.names(doc)]
        taken: set[int] = set()
        found = []
        for start, end, label in sorted(hits, key=lambda hit: (hit[0] - hit[1], hit[0], hit[2])):
            if taken.isdisjoint(range(start, end)):
                taken.update(range(start, end))
                found.append((start, end, label))
        return sorted(found)

    def doc(self, tokens: list[Token]) -> Any:
        """Return tokens as spaCy reads them: class and, if it is part of a name, the word."""
        known = lexicon().name_words
        words = [token.key if token.key in known else "_" for token in tokens]
        return self.make_doc(self.vocab, words=words, tags=[token.kind for token in tokens])


@cache
def _tools() -> _Tools:
    import spacy  # noqa: PLC0415 - two seconds, and only who reads a text pays them
    from spacy.matcher import Matcher, PhraseMatcher  # noqa: PLC0415 - see above
    from spacy.tokens import Doc  # noqa: PLC0415 - see above

    vocab = spacy.blank("xx").vocab
    tools = _Tools(vocab, Doc, Matcher(vocab), PhraseMatcher(vocab))
    for kind, patterns in _PATTERNS.items():
        tools.patterns.add(kind, [[{"TAG": name} for name in pattern.split()] for pattern in patterns])
    for name, code in names().items():  # one by one: a document takes 5 KB until it is a pattern, and there are 17,000
        tools.names.add(code, [tools.doc([Token(word, OTHER, 0, 0) for word in name.split()])])
    return tools
