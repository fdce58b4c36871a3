"""Details: the words by which people tell ages, durations and sums, per language, and the names of places.

Promises typed words as they are written. Finding them in a message is bot/understanding/details.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from content.languages import languages
from content.source import CONTENT, Node, load

FOLDER = CONTENT / "details"
PLACES = CONTENT / "places.yml"
MONEY = CONTENT / "money.yml"
UNITS = ("year", "month", "week", "day", "hour")
_NUMBERS = tuple(str(number) for number in range(1, 20))
_NEEDED = ("language", "age_after", "age_before", "person", "numbers", "units", "money")
_MORE = ("stay", "joins", "multiples", "other", "not_places", "endings", "beginnings")
_ANY = "any"  # a change for names that no other change is for
_CURRENCY, _COUNTRY = 3, 2  # letters of a code


@dataclass(frozen=True, slots=True)
class DetailWords:
    """The words of one language."""

    language: str
    age_after: tuple[str, ...]  # stands after the number and makes it an age: years old
    age_before: tuple[str, ...]  # stands before it: aged
    person: tuple[str, ...]  # before it, makes a number of years an age: she is
    stay: tuple[str, ...]  # after a number of years, makes it a duration whatever stands before: working here
    joins: tuple[str, ...]  # what may follow an age said without years: "im 15 and alone"
    numbers: Mapping[int, tuple[str, ...]]
    units: Mapping[str, tuple[str, ...]]  # by unit: year, month ...
    money: Mapping[str, tuple[str, ...]]  # by kind of money in content/money.yml
    multiples: Mapping[int, tuple[str, ...]]  # 1000: thousand, k
    other: tuple[str, ...]  # words that look like one of these, or hold one, and mean something else
    not_places: tuple[str, ...]  # names of countries that mostly mean something else
    endings: Mapping[str, tuple[str, ...]]  # how the end of a name changes in a sentence
    beginnings: Mapping[str, tuple[str, ...]]  # what is written together with a name, before it


@dataclass(frozen=True, slots=True)
class Money:
    """A kind of money: one currency, or several that share a name."""

    kind: str
    code: str | None  # the currency if nothing tells otherwise
    also: tuple[str, ...]  # the currency, where it is the one of the phone's country
    symbols: tuple[str, ...]  # signs and letters that every language uses


@dataclass(frozen=True, slots=True)
class Place:
    """A city, region, border or country under the names that people write."""

    country: str
    names: tuple[str, ...]


@cache
def detail_words() -> dict[str, DetailWords]:
    """Return the words of every language, by its code."""
    return {path.stem: read_detail_words(path) for path in sorted(FOLDER.glob("*.yml"))}


def read_detail_words(path: Path) -> DetailWords:
    """Return the words in a file.

    Raises:
        ContentError: an unknown field, unit, number or kind of money, or the wrong language.
    """
    fields = load(path).mapping(required=_NEEDED, optional=_MORE)
    language = fields["language"].one_of(languages())
    if path.stem != language:
        raise fields["language"].error(f"the file is named {path.name}", f"name it {language}.yml")

    def words(name: str) -> tuple[str, ...]:
        return fields[name].strings() if name in fields else ()

    def changes(name: str) -> dict[str, tuple[str, ...]]:
        found = _lists(fields[name].entries()) if name in fields else {}
        return {"" if old == _ANY else old: new for old, new in found.items()}

    return DetailWords(
        language=language,
        age_after=words("age_after"),
        age_before=words("age_before"),
        person=words("person"),
        stay=words("stay"),
        joins=words("joins"),
        numbers={int(name): found for name, found in _lists(fields["numbers"].mapping(required=_NUMBERS)).items()},
        units=_lists(fields["units"].mapping(required=UNITS)),
        money=_lists(fields["money"].mapping(optional=money())),
        multiples={_multiple(name, node): node.strings() for name, node in _entries(fields, "multiples").items()},
        other=words("other"),
        not_places=words("not_places"),
        endings=changes("endings"),
        beginnings=changes("beginnings"),
    )


@cache
def money() -> dict[str, Money]:
    """Return every kind of money, by its name.

    Raises:
        ContentError: an unknown field, or a code that is not three capital letters.
    """
    found = {}
    for kind, node in load(MONEY).entries().items():
        fields = node.mapping(required=("symbols",), optional=("code", "also"))
        code = _code(fields["code"], _CURRENCY) if "code" in fields else None
        also = tuple(_code(one, _CURRENCY) for one in fields["also"]) if "also" in fields else ()
        if code is None and not also:
            raise node.error(f"{kind} has no currency", "write code, or also")
        found[kind] = Money(kind, code, also, fields["symbols"].strings())
    return found


@cache
def places() -> tuple[Place, ...]:
    """Return the places that are written by hand."""
    return read_places(PLACES)


def read_places(path: Path) -> tuple[Place, ...]:
    """Return the places in a file.

    Raises:
        ContentError: a code that is not two capital letters, or a name that stands for two countries.
    """
    found: list[Place] = []
    seen: dict[str, str] = {}
    for code_node in load(path).list():
        fields = code_node.mapping(required=("country", "names"))
        country = _code(fields["country"], _COUNTRY)
        for node in fields["names"]:
            if seen.setdefault(node.str().lower(), country) != country:
                raise node.error(f"{node.str()} stands for two countries", "keep it where most people would mean it")
        found.append(Place(country, fields["names"].strings()))
    return tuple(found)


def _entries(fields: Mapping[str, Node], name: str) -> dict[str, Node]:
    return fields[name].entries() if name in fields else {}


def _lists(nodes: Mapping[str, Node]) -> dict[str, tuple[str, ...]]:
    return {name: node.strings() for name, node in nodes.items()}


def _multiple(name: str, node: Node) -> int:
    if not (name.isascii() and name.isdigit() and int(name) > 1):
        raise node.error(f"found the multiple {name}", "a whole number such as 1000 is expected here")
    return int(name)


def _code(node: Node, letters: int) -> str:
    code = node.str()
    if not (len(code) == letters and code.isascii() and code.isalpha() and code.isupper()):
        raise node.error(f"found the code {code}", f"{letters} capital letters are expected here")
    return code
