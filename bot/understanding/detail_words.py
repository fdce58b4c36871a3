"""Detail words: cuts a text into the words and numbers by which details are said, and names places.

Promises tokens that know where they stand in the text, and for each whether it is a number, a unit, money
and so on. Scripts without spaces are cut wherever a known word stands. Where a word means different things
in different languages, the language with most other words in the text decides, then the phone's country.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from unicodedata import category, decimal, normalize
from unicodedata import name as name_of

import ahocorasick
from babel import Locale, UnknownLocaleError

from bot.understanding.clean import Table, fold
from content.details import DetailWords, detail_words, money, places
from content.languages import countries, languages

OTHER, MARK = "other", "mark"
DIGITS = "0"  # the key of every number in digits
_SIGNS = "$\xa2-\xa5\u058f\u060b\u09f2\u09f3\u0e3f\u17db\u20a0-\u20cf\ufdfc"
_MARKS = ".,;:!?\n"
_ENDS = "\u060c\u061b\u061f\u06d4\u0964\u104a\u104b\u3001\u3002\u2026\uff0c\uff01\uff1f\uff1a\uff1b\u17d4"
_UNSPACED = (
    "\u0e01-\u0e3e\u0e40-\u0eff\u1000-\u109f\u1780-\u17d3\u17d7\u17dc\u17dd\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
)
_PIECES = re.compile(
    r"(?P<number>\d{1,3}(?:[.,' ]\d{3})+(?!\d)|\d{1,2}(?:,\d{2})+,\d{3}(?!\d)|\d{1,15}(?:[.,]\d{1,15})?)"
    r"(?:-\d{1,3}(?!\d))?"
    rf"|(?P<mark>[{_MARKS}])|(?P<unspaced>[{_UNSPACED}]+)|(?P<short>[a-z]\.[a-z]\b)|(?P<sign>[a-z]{{0,3}}[{_SIGNS}])"
    rf"|(?P<word>[^\s\d{_MARKS}'\-{_SIGNS}{_UNSPACED}]+(?:'[^\s\d{_MARKS}'\-{_SIGNS}{_UNSPACED}]+)*)"
)
_NOT_SPACED = re.compile(f"[{_UNSPACED}]")
_HAS_SIGN = re.compile(f"[{_SIGNS}]")
# A known word ends here only if no vowel sign, tone or final consonant of the same syllable follows.
_GOES_ON = re.compile(
    "[\u0e31\u0e33-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb3-\u0ebc\u0ec8-\u0ece\u102b-\u103e\u17b6-\u17d3]"
    "|[\u1000-\u1021]\u1037?[\u103a\u1039]"
)
_GROUPED = re.compile(r"\d{1,3}(?:[.,' ]\d{3})+|\d{1,2}(?:,\d{2})+,\d{3}")
_SHORTEST = 4  # letters from which the name of a country is told from other words
_SHORT = 2  # letters of a word that keeps its marks
_ENDED = 5  # letters of a name that takes endings
_THOUSAND = 1000  # from here on "a hundred" may stand before it
_ISO_LETTERS = 2  # of a country; regions such as 001 have digits
_NO_COUNTRY = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"})
_LOCALES = {"tl": ("fil",), "sr": ("sr", "sr_Latn"), "zh": ("zh", "zh_Hant")}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a word means in a language."""

    kind: str
    value: str  # the kind of money
    number: float
    language: str | None  # none: the same in all


@dataclass(frozen=True, slots=True)
class Token:
    """A word, number or mark, and where it stands."""

    key: str = field(repr=False)  # folded
    kind: str
    start: int
    end: int
    number: float = field(default=0.0, repr=False)
    value: str = ""
    languages: frozenset[str | None] = frozenset({None})  # in which the word has this meaning; none: in all


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words of all languages, folded as messages are."""

    meanings: Mapping[str, tuple[Meaning, ...]]
    longest: Mapping[str, int]  # by first word: words of the longest phrase that begins with it
    name_words: frozenset[str]
    unspaced: ahocorasick.Automaton


def plain(text: str) -> str:
    """Return the text for reading, letter for letter: digits 0-9, lower case, marks in one form, the rest spaces."""
    return text.translate(_PLAIN)


def read(text: str, country: str | None) -> list[Token]:
    """Return the tokens of a plain text; the last is a mark, for the end."""
    known = lexicon()
    pieces = list(_pieces(text, known))
    keys = [piece.key for piece in pieces]
    found: list[tuple[Token, tuple[Meaning, ...]]] = []
    place = 0
    while place < len(pieces):
        length = min(known.longest.get(keys[place], 1), len(pieces) - place)
        while length > 1 and " ".join(keys[place : place + length]) not in known.meanings:
            length -= 1
        first, last = pieces[place], pieces[place + length - 1]
        key = " ".join(keys[place : place + length])
        token = first if length == 1 else Token(key, OTHER, first.start, last.end)
        found.append((token, known.meanings.get(key, ()) if token.kind == OTHER else ()))
        place += length
    votes: Counter[str | None] = Counter(one.language for _, meanings in found for one in meanings)
    for code in countries().get(country.upper(), ()) if country else ():
        votes[code] += 1
    tokens: list[Token] = []
    for token, meanings in found:
        before = tokens[-1].kind if tokens else MARK
        if token.key == "." and before == "money":
            continue  # Rs. 500
        tokens.append(_meant(token, meanings, before, votes) if meanings else token)
    return [*tokens, Token(".", MARK, len(text), len(text))]


def _meant(token: Token, meanings: tuple[Meaning, ...], before: str, votes: Counter[str | None]) -> Token:
    def weight(one: Meaning) -> tuple[bool, int]:
        # After a number comes what is counted, elsewhere a number may begin: five and year are one word in Vietnamese.
        return ((one.kind == "number") is not (before == "number"), votes[one.language])

    best = max(meanings, key=weight)
    own = frozenset(one.language for one in meanings if one.kind == best.kind)
    return Token(token.key, best.kind, token.start, token.end, best.number, best.value, own)


def _pieces(text: str, known: Lexicon) -> Iterator[Token]:
    for match in _PIECES.finditer(text):
        start, end = match.span()
        kind, written = str(match.lastgroup), str(match[match.lastgroup or 0])
        if kind == "number":
            yield Token(DIGITS, "number", start, end, _number(written))
        elif kind == "mark":
            yield Token(".", MARK, start, end)
        elif kind == "unspaced":
            yield from _cut(written, start, known)
        elif kind == "sign":
            own = written if written in known.meanings else written[-1]
            yield Token(own, OTHER, start, end)
        elif written in known.meanings or (written.isascii() and kind == "word" and "'" not in written):
            yield Token(written, OTHER, start, end)
        else:
            for word in fold(written).split():
                yield Token(word, OTHER, start, end)


def _cut(run: str, offset: int, known: Lexicon) -> Iterator[Token]:
    """Yield the known words in a run without spaces, and what lies between them."""
    hits: dict[int, int] = {}
    for last, length in known.unspaced.iter(run):
        if not _GOES_ON.match(run, last + 1):
            start = last + 1 - length
            hits[start] = max(hits.get(start, 0), last + 1)
    done = 0
    for start in sorted(hits):
        if start < done:
            continue
        if start > done:
            yield Token("", OTHER, offset + done, offset + start)
        done = hits[start]
        yield Token(run[start:done], OTHER, offset + start, offset + done)
    if done < len(run):
        yield Token("", OTHER, offset + done, offset + len(run))


def _number(written: str) -> float:
    if _GROUPED.fullmatch(written):
        return float(re.sub(r"\D", "", written))
    return float(written.replace(",", "."))


@cache
def lexicon() -> Lexicon:
    """Return the words of all languages, made once."""
    meanings: dict[str, dict[Meaning, None]] = defaultdict(dict)
    for words in detail_words().values():
        for written, meaning in _meanings(words):
            meanings[key_of(written)].setdefault(meaning)
    for kind in money().values():
        for symbol in kind.symbols:
            meanings[key_of(symbol)].setdefault(Meaning("money", kind.kind, 0, None))
    meanings.pop("", None)
    longest: dict[str, int] = {}
    for key in meanings:
        first, count = key.split()[0], len(key.split())
        longest[first] = max(longest.get(first, 1), count)
    name_words = frozenset(word for name in names() for word in name.split())
    automaton = ahocorasick.Automaton()
    for key in [*meanings, *name_words]:
        if _NOT_SPACED.search(key):
            automaton.add_word(key, len(key))
    automaton.make_automaton()
    return Lexicon({key: tuple(found) for key, found in meanings.items()}, longest, name_words, automaton)


def _meanings(words: DetailWords) -> Iterator[tuple[str, Meaning]]:
    lists = {
        "age_after": words.age_after, "age_before": words.age_before, "person": words.person, "stay": words.stay,
        "join": words.joins, OTHER: words.other, **words.units,
    }  # fmt: skip
    for kind, written in lists.items():
        yield from ((one, Meaning(kind, "", 0, words.language)) for one in written)
    for number, written in words.numbers.items():
        yield from ((one, Meaning("number", "", number, words.language)) for one in written)
    for number, written in words.multiples.items():
        kind = "multiple" if number >= _THOUSAND else "hundred"
        yield from ((one, Meaning(kind, "", number, words.language)) for one in written)
    for name, written in words.money.items():
        yield from ((one, Meaning("money", name, 0, words.language)) for one in written)


def key_of(written: str) -> str:
    """Return a word of the content as it is looked up."""
    lowered = normalize("NFC", written).lower().strip(".")
    if _HAS_SIGN.search(lowered):
        return lowered
    if _NOT_SPACED.search(lowered):
        return lowered.replace(" ", "")
    folded = fold(lowered)
    # Very short words are told by their marks alone: đô is money, do is not.
    return lowered if len(folded) <= _SHORT and lowered.isalpha() else folded


@cache
def names() -> dict[str, str]:
    """Return the country of every name of a place, folded; names written by hand go before official ones."""
    found: dict[str, str] = {}
    for place in places():
        for name in place.names:
            for form in _forms(name, list(detail_words().values()), by_hand=True):
                found.setdefault(form, place.country)
    never = {key_of(name) for words in detail_words().values() for name in words.not_places}
    for language, words in detail_words().items():
        for code, name in _territories(language):
            key = key_of(name)
            if key not in never and (len(key) >= _SHORTEST - (not key.isascii()) or _NOT_SPACED.search(key)):
                for form in _forms(name, [words], by_hand=False):
                    if form not in never:
                        found.setdefault(form, code)
    return found


def _territories(language: str) -> Iterator[tuple[str, str]]:
    for locale in _LOCALES.get(language, (language,)):
        try:
            territories = Locale.parse(locale).territories
        except UnknownLocaleError:
            continue
        for code, name in sorted(territories.items()):
            if len(code) == _ISO_LETTERS and code.isalpha() and code not in _NO_COUNTRY:
                yield code, name.split("(")[0].strip()


def _forms(name: str, sources: list[DetailWords], *, by_hand: bool) -> Iterator[str]:
    """Yield a name and what becomes of it in a sentence, in the languages of its script."""
    key = key_of(name)
    if not key:
        return
    yield key
    if len(key) < _ENDED - (not key.isascii()) or _NOT_SPACED.search(key):
        return
    for words in sources:
        if by_hand and not _is_written_in(key, words.language):
            continue
        for old, new in sorted(words.endings.items(), key=lambda pair: -len(pair[0])):
            end = key_of(old) if old else ""
            if key.endswith(end):
                yield from (key_of(key[: len(key) - len(end)] + one) for one in new)
                break
        for old, new in sorted(words.beginnings.items(), key=lambda pair: -len(pair[0])):
            if key.startswith(key_of(old) if old else ""):
                yield from (key_of(one + key[len(old) :]) for one in new)
                break


def _is_written_in(key: str, language: str) -> bool:
    return languages()[language].script in _script(key[0])


def _script(letter: str) -> str:
    """Return the script of a letter, by its name; none for Latin, whose names are left as they are."""
    found = name_of(letter, "").split(" ")[0].title()
    return "" if found == "Latin" else found


class _Plain(Table):
    """Never changes the length."""

    def of(self, character: str) -> str:
        kind = category(character)
        if kind == "Nd":
            return str(decimal(character))
        if "\uff01" <= character <= "\uff5e":
            character = chr(ord(character) - 0xFEE0)
            kind = category(character)
        if character in _ENDS:
            return ";"
        if character in _MARKS or kind == "Sc":
            return character
        if character in "'\u2019\u02bc":
            return "'"
        if kind == "Pd":
            return "-"
        if kind[0] in "LM" or kind in {"Cf", "Co"}:
            return character.lower() if len(character.lower()) == 1 else character
        return character if character in "+()/" else " "


_PLAIN = _Plain()
