"""Catalogues: every sentence the bot can send, by key and language, with its review state.

Reads the gettext files under `locales/`. Promises whole sentences with known placeholders; never
falls back to another language by itself, because a sentence in the wrong language can expose someone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import polib

from content.languages import recognised
from content.source import CONTENT, ContentError, shown

LOCALES = CONTENT / "locales"
SOURCE = "en"
PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_PARTS = re.compile(r"sms-parts: (\d)(?:/(\d))?")


class UnknownKey(KeyError):
    """A sentence was asked for that no catalogue holds."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One entry of a catalogue."""

    key: str
    text: str
    note: str
    line: int
    parts_gsm: int  # how many SMS it may take in GSM-7
    parts_unicode: int

    @property
    def placeholders(self) -> frozenset[str]:
        """Names that stand in braces."""
        return frozenset(PLACEHOLDER.findall(self.text))


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All sentences of one language."""

    language: str
    path: Path
    state: str  # draft | reviewed
    sentences: Mapping[str, Sentence] = field(repr=False)

    def text(self, key: str, channel: str = "telegram") -> str:
        """Return the sentence; on SMS its shorter variant `<key>.sms` where there is one.

        Raises:
            UnknownKey: no such key in this language.
        """
        if channel == "sms" and f"{key}.sms" in self.sentences:
            return self.sentences[f"{key}.sms"].text
        try:
            return self.sentences[key].text
        except KeyError:
            raise UnknownKey(f"{shown(self.path)} has no key {key}") from None


@cache
def written() -> tuple[str, ...]:
    """Return the codes of the languages that have a catalogue."""
    return tuple(sorted(path.parent.parent.name for path in LOCALES.glob("*/LC_MESSAGES/bot.po")))


@cache
def catalogue(language: str) -> Catalogue:
    """Return the catalogue of a language.

    Raises:
        ContentError: the file is missing, is not gettext, or holds a key twice.
    """
    path = _path(language)
    sentences: dict[str, Sentence] = {}
    for entry in gettext_file(language):
        if entry.obsolete:
            continue
        key = entry.msgctxt or ""
        if not key or key in sentences:
            found = f"the key {key} stands twice" if key else "an entry without a key"
            raise ContentError(f"{shown(path)}:{entry.linenum}", found, "every entry has its own msgctxt")
        parts = _PARTS.search(entry.comment)
        gsm = int(parts.group(1)) if parts else 2
        sentences[key] = Sentence(
            key=key,
            text=entry.msgstr,
            note=entry.comment,
            line=entry.linenum or 1,
            parts_gsm=gsm,
            parts_unicode=int(parts.group(2)) if parts and parts.group(2) else gsm,
        )
    known = recognised().get(language)
    return Catalogue(language, path, known.catalogue if known else "draft", sentences)


@cache
def gettext_file(language: str) -> polib.POFile:
    """Return the file of a language as translators' tools see it.

    Raises:
        ContentError: it is missing or is not gettext.
    """
    return _read_file(_path(language))


def _read_file(path: Path) -> polib.POFile:
    try:
        return polib.pofile(str(path))
    except (OSError, ValueError, UnicodeDecodeError) as broken:
        raise ContentError(f"{shown(path)}:1", "not a gettext catalogue", "save it as a .po file in UTF-8") from broken


def _path(language: str) -> Path:
    return LOCALES / language / "LC_MESSAGES" / "bot.po"
