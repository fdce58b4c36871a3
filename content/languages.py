"""Languages: which ones the line speaks or only recognises, and what is likely spoken where.

Promises typed rows of `languages.yml`. Whether a catalogue may be sent is decided by
whoever sends it; here stands only its state.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import cache

from content.source import CONTENT, Node, load

FILE = CONTENT / "languages.yml"
SCRIPTS = (
    "Latin", "Cyrillic", "Arabic", "Devanagari", "Bengali", "Han", "Thai", "Lao", "Khmer", "Myanmar",
    "Ethiopic", "Kana", "Hangul", "Sinhala", "Tamil",
)  # fmt: skip
STATES = ("none", "draft", "reviewed")
# Letters of scripts that put no space between words: there a phrase is met anywhere.
UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """One language, and how far its words are."""

    code: str
    native_name: str
    english_name: str
    script: str  # its usual script; people write many of them in Latin letters as well
    direction: str = "ltr"
    catalogue: str = "none"  # none | draft | reviewed
    voice: str = ""  # how its sentences speak: pronoun, politeness, how no gender is forced
    reviewed_by: str | None = None
    reviewed_on: dt.date | None = None
    recognised_only: bool = False  # the line does not speak it


def languages() -> dict[str, Language]:
    """Return the languages of the line, by code."""
    return {code: language for code, language in recognised().items() if not language.recognised_only}


@cache
def recognised() -> dict[str, Language]:
    """Return every language that can be recognised: those of the line and the others."""
    file = _file()
    rows = {code: _language(code, row, recognised_only=False) for code, row in file["languages"].entries().items()}
    for code, row in file["recognised"].entries().items():
        if code in rows:
            raise row.error(f"{code} is a language of the line already", "keep one of the two rows")
        rows[code] = _language(code, row, recognised_only=True)
    return rows


@cache
def countries() -> dict[str, tuple[str, ...]]:
    """Return the languages likely on a phone of each country (ISO 3166 alpha-2), likeliest first."""
    known = recognised()
    rows: dict[str, tuple[str, ...]] = {}
    for country, row in _file()["countries"].entries().items():
        if not (len(country) == len("XX") and country.isupper()):
            raise row.error(f"found the country {country!r}", "two capital letters are expected, such as ID")
        rows[country] = row.all_of(known)
    return rows


@cache
def _file() -> dict[str, Node]:
    return load(FILE).mapping(required=("languages", "recognised", "countries"))


def _language(code: str, row: Node, *, recognised_only: bool) -> Language:
    fields = row.mapping(
        required=("native", "english", "script") if recognised_only else ("native", "english", "script", "catalogue"),
        optional=("direction",),
    )
    state, voice, by, on = _review(fields["catalogue"]) if "catalogue" in fields else ("none", "", None, None)
    return Language(
        code=code,
        native_name=fields["native"].str(),
        english_name=fields["english"].str(),
        script=fields["script"].one_of(SCRIPTS),
        direction=fields["direction"].one_of(("ltr", "rtl")) if "direction" in fields else "ltr",
        catalogue=state,
        voice=voice,
        reviewed_by=by,
        reviewed_on=on,
        recognised_only=recognised_only,
    )


def _review(row: Node) -> tuple[str, str, str | None, dt.date | None]:
    fields = row.mapping(required=("state",), optional=("voice", "by", "on"))
    state = fields["state"].one_of(STATES)
    if (state == "reviewed") != ("by" in fields and "on" in fields):
        raise row.error(f"the state is {state}", "reviewed needs by and on, the other states have neither")
    if (state != "none") != ("voice" in fields):
        raise row.error(
            f"the state is {state}", "a catalogue says in `voice` how it speaks: pronoun, politeness, gender"
        )
    voice = fields["voice"].str() if "voice" in fields else ""
    if state != "reviewed":
        return state, voice, None, None
    return state, voice, fields["by"].str(), fields["on"].date()
