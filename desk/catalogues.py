"""Catalogues of the desk itself: gathers its strings, brings the .po files up to date, compiles them.

Templates are read by Django's own `templatize`, Python by Babel: no gettext tools are needed. Scripts have no
strings of their own: their words stand in the page.
Titles that staff read but that stand in content (indicators, picklists) are gathered too. What contacts read is
not here: that is `content/locales`.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from polib import POFile

DESK = Path(__file__).resolve().parent
LOCALE = DESK / "locale"
LANGUAGES = ("es", "id", "th", "vi")  # English is the source
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]")
_KEYWORDS = {
    "_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None, "ngettext": (1, 2),
    "ngettext_lazy": (1, 2), "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip


@dataclass(frozen=True, slots=True, order=True)
class Text:
    """One string of the desk."""

    context: str
    one: str
    many: str  # empty where there is no plural
    where: str
    note: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return self.context, self.one


def texts() -> dict[tuple[str, str], Text]:
    """Every string of the desk, by context and source text, each with the first place it stands in."""
    return {text.key: text for text in reversed([*_from_code(), *_from_content()])}


def update(language: str) -> tuple[int, int]:
    """Bring a .po file up to date: new strings empty, old ones out. Returns how many came and went."""
    import polib  # noqa: PLC0415 - only for whoever changes strings

    path, wanted = po_path(language), texts()
    file = polib.pofile(str(path)) if path.exists() else _fresh(language)
    known = {(entry.msgctxt or "", entry.msgid): entry for entry in file}
    gone = [entry for key, entry in known.items() if key not in wanted]
    for entry in gone:
        file.remove(entry)
    for key, text in wanted.items():
        entry = known.get(key) or polib.POEntry(msgctxt=text.context or None, msgid=text.one)
        if text.many and not entry.msgid_plural:
            entry.msgid_plural, entry.msgstr = text.many, ""
            entry.msgstr_plural = dict.fromkeys(range(_plurals(language)), "")
        entry.occurrences, entry.comment = [(text.where, "")], text.note
        entry.flags = ["python-format"] if "%(" in text.one else []
        if key not in known:
            file.append(entry)
    file.sort(key=lambda entry: (entry.occurrences[0][0], entry.msgid))
    path.parent.mkdir(parents=True, exist_ok=True)
    file.save(str(path))
    return len(wanted.keys() - known.keys()), len(gone)


def missing(language: str) -> list[str]:
    """Strings of the desk that have no translation, or one that lost a placeholder."""
    import polib  # noqa: PLC0415 - as above

    path = po_path(language)
    entries = polib.pofile(str(path)) if path.exists() else ()
    done = {(entry.msgctxt or "", entry.msgid): [entry.msgstr, *entry.msgstr_plural.values()] for entry in entries}
    found = []
    for key, text in texts().items():
        said = [words for words in done.get(key, []) if words]
        wanted = {frozenset(_PLACEHOLDER.findall(one)) for one in (text.one, text.many) if one}
        if not said or any(frozenset(_PLACEHOLDER.findall(words)) not in wanted for words in said):
            found.append(text.one)
    return found


def compile_all(target: Path) -> None:
    """Compile every catalogue whose .po differs from the one compiled last. Safe for several processes at once."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)  # the data folder, where nobody made it before
    for source in sorted(LOCALE.glob("*/LC_MESSAGES/*.po")):
        compiled = target / source.relative_to(LOCALE).with_suffix(".mo")
        mark = compiled.with_suffix(".from")
        digest = hashlib.sha256(source.read_bytes()).hexdigest()
        if compiled.exists() and mark.exists() and mark.read_text("ascii") == digest:
            continue
        import polib  # noqa: PLC0415 - as above

        compiled.parent.mkdir(parents=True, exist_ok=True)
        _put(compiled, polib.pofile(str(source)).to_binary())
        _put(mark, digest.encode("ascii"))


def po_path(language: str) -> Path:
    """Where the catalogue of a language stands."""
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def _put(path: Path, content: bytes) -> None:
    partial = path.with_name(f"{path.name}.{os.getpid()}")
    partial.write_bytes(content)
    partial.replace(path)


def _from_code() -> Iterator[Text]:
    from babel.messages.extract import extract  # noqa: PLC0415 - as above
    from django.utils.translation.template import templatize  # noqa: PLC0415

    for path in sorted([*DESK.rglob("*.py"), *DESK.glob("templates/**/*.html")]):
        source = path.read_text(encoding="utf-8")
        if path.suffix == ".html":
            # What it makes is read by line: indented as in the page, it would be no Python.
            source = "\n".join(line.strip() for line in templatize(source, origin=str(path)).splitlines())
        found = extract("python", io.BytesIO(source.encode()), _KEYWORDS, ("Translators:",), {"encoding": "utf-8"})
        yield from (_text(path, *row[1:]) for row in found)


def _from_content() -> Iterator[Text]:
    from desk.content_words import content_words  # noqa: PLC0415 - reads the content

    yield from (Text("", words, "", where) for words, where in content_words())


def _text(path: Path, message: str | tuple[str | None, ...], notes: list[str], context: str | None) -> Text:
    one, many = (message, "") if isinstance(message, str) else (str(message[0]), str(message[1] or ""))
    return Text(context or "", one, many, path.relative_to(DESK.parent).as_posix(), " ".join(notes))


def _fresh(language: str) -> POFile:
    import polib  # noqa: PLC0415 - as above

    file = polib.POFile(wrapwidth=110)
    forms = {"es": "nplurals=2; plural=(n != 1);"}.get(language, "nplurals=1; plural=0;")
    file.metadata = {
        "Project-Id-Version": "lantern desk",
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": forms,
    }
    return file


def _plurals(language: str) -> int:
    return 2 if language == "es" else 1
