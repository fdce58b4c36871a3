"""Sentences: every language says the same things, for the English text of today, with the same braces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from content.catalogue import LOCALES, PLACEHOLDER, SOURCE, catalogue, gettext_file, written
from content.check.problem import Problem
from content.languages import languages
from content.source import shown

_KEY = 'msgctxt "'
SHORTER = ".sms"  # a key with this ending is a variant for SMS; a language may have one where it needs it


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a catalogue as its translator sees it."""

    key: str
    source: str  # the English it was made from
    text: str
    fuzzy: bool
    where: str

    @property
    def base(self) -> str:
        """The key without the ending of its variant."""
        return self.key.removesuffix(SHORTER)


@cache
def entries(language: str) -> dict[str, Entry]:
    """Return the entries of a language by key.

    Raises:
        ContentError: the catalogue cannot be read.
    """
    path = catalogue(language).path
    lines, name = _lines_of_keys(path), shown(path)
    return {
        entry.msgctxt: Entry(
            entry.msgctxt, entry.msgid, entry.msgstr, entry.fuzzy, f"{name}:{lines.get(entry.msgctxt, entry.linenum)}"
        )
        for entry in gettext_file(language)
        if entry.msgctxt and not entry.obsolete
    }


def _lines_of_keys(path: Path) -> dict[str, int]:
    """Return the line of each key; the parser names the line where the notes above it begin."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return {line[len(_KEY) : -1]: number for number, line in enumerate(lines, 1) if line.startswith(_KEY)}


def every_language() -> Iterator[tuple[str, dict[str, Entry]]]:
    """Yield each written language with its entries, English first."""
    for language in sorted(written(), key=lambda code: code != SOURCE):
        yield language, entries(language)


def every_language_has_every_key() -> Iterator[Problem]:
    """Yield missing, extra and empty entries."""
    english = entries(SOURCE)
    for language, own in every_language():
        path = f"{shown(catalogue(language).path)}:1"
        for key in sorted(english.keys() - own.keys()):
            yield Problem(path, f"no entry for {key}", f'translate "{english[key].text}"')
        for entry in own.values():
            if entry.base not in english:
                yield Problem(entry.where, f"unknown key {entry.key}", "remove it, or add it to English first")
            elif not entry.text.strip():
                yield Problem(entry.where, f"{entry.key} has no text", f'translate "{english[entry.base].text}"')
            elif entry.text != entry.text.strip():
                yield Problem(entry.where, f"{entry.key} begins or ends with a space", "remove it")


def no_translation_is_stale() -> Iterator[Problem]:
    """Yield entries marked fuzzy, and those made from an English text that has changed since."""
    english = entries(SOURCE)
    for entry in english.values():
        if entry.source != entry.text:
            right = "in English msgid and msgstr are the same text"
            yield Problem(entry.where, f"{entry.key} says one thing in msgid and another in msgstr", right)
    for language, own in every_language():
        for entry in own.values():
            if entry.fuzzy:
                yield Problem(
                    entry.where, f"{entry.key} is marked fuzzy", "check the translation and take the mark off"
                )
            now = english.get(entry.key) or english.get(entry.base)
            if language != SOURCE and now and entry.source != now.text:
                yield Problem(
                    entry.where, f'stale translation: {entry.key} was made from "{entry.source}"',
                    f'English now says "{now.text}"; translate that and copy it to msgid',
                )  # fmt: skip


def braces_are_those_of_english() -> Iterator[Problem]:
    """Yield placeholders that English does not have, or that got lost."""
    english = entries(SOURCE)
    for _, own in every_language():
        for entry in own.values():
            now = english.get(entry.base)
            if now is None or not entry.text:
                continue
            known, found = set(PLACEHOLDER.findall(now.text)), set(PLACEHOLDER.findall(entry.text))
            names = ", ".join(f"{{{name}}}" for name in sorted(known)) or "none"
            for name in sorted(found - known):
                yield Problem(entry.where, f"{entry.key} has an unknown placeholder {{{name}}}", f"known here: {names}")
            for name in sorted(known - found):
                yield Problem(entry.where, f"{entry.key} lost its placeholder {{{name}}}", f"needed here: {names}")
            if PLACEHOLDER.sub("", entry.text).count("{") + PLACEHOLDER.sub("", entry.text).count("}"):
                yield Problem(entry.where, f"{entry.key} has a brace that holds no name", f"known here: {names}")


def catalogues_match_the_list_of_languages() -> Iterator[Problem]:
    """Yield languages whose state and file disagree, and catalogues of languages that the line does not have."""
    known = languages()
    for code in written():
        path = LOCALES / code / "LC_MESSAGES" / "bot.po"
        where = f"{shown(path)}:1"
        if code not in known:
            yield Problem(where, f"a catalogue for {code}", "give the language a row in content/languages.yml")
            continue
        if known[code].catalogue == "none":
            yield Problem(where, f"languages.yml says that {code} has no catalogue", "set its state to draft")
        header = gettext_file(code).metadata.get("Language")
        if header != code:
            yield Problem(where, f"the header says Language: {header}", f"write Language: {code}")
    for code, language in known.items():
        if language.catalogue != "none" and code not in written():
            path = LOCALES / code / "LC_MESSAGES" / "bot.po"
            yield Problem(
                f"{shown(path)}:1", f"no catalogue, but {code} is {language.catalogue}", "write it, or say none"
            )
