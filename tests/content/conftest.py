"""A copy of the project's data to plant faults in: the check reads the copy and not the project."""

from __future__ import annotations

import importlib
import pkgutil
import shutil
from dataclasses import dataclass, field
from functools import cache
from inspect import isfunction
from pathlib import Path

import pytest

import content
from bot.understanding import check_data, examples, phrases
from content import about, answers, catalogue, corrections, denials, details, safety, tellings, topics, training
from content.check import code, forbidden, run
from content.source import ROOT

FOLDERS = ("content", "nlu_data", "stories", "bot", "actions", "screening", "desk", "lantern")
KINDS = (".py", ".yml", ".po")
_READERS = (
    about.read_about, answers.read_lexicon, catalogue._read_file, check_data._example_lines_of, code._parsed, code._read, code._takes_key,
    corrections.read_corrections, denials.read_denials, details.read_detail_words, details.read_places,
    examples._read_file, forbidden.read_list, safety._read_file, tellings.read_tellings, topics.read_topics,
    training._dialogue,
)  # fmt: skip
_read: dict[tuple, object] = {}


@dataclass
class Tree:
    """The copy."""

    root: Path
    before: dict[Path, str] = field(default_factory=dict)

    def read(self, path: str) -> str:
        return (self.root / path).read_text(encoding="utf-8")

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        self.before.setdefault(file, file.read_text(encoding="utf-8") if file.exists() else "")
        file.write_text(text, encoding="utf-8")

    def drop(self, path: str) -> None:
        self.write(path, "")
        (self.root / path).unlink()

    def mend(self) -> None:
        """Put back what was there."""
        for file, text in self.before.items():
            file.write_text(text, encoding="utf-8") if text else file.unlink(missing_ok=True)

    def plant(self, path: str, old: str, new: str) -> str:
        """Replace a text that stands once or more, where it stands first; return the `path:line` it had."""
        text = self.read(path)
        assert old in text, f"{path} does not hold {old!r}: the test needs a new place"
        self.write(path, text.replace(old, new, 1))
        return f"{path}:{text[: text.index(old)].count(chr(10)) + 1}"

    def entry(self, language: str, key: str, *, msgstr: str | None = None, msgid: str | None = None) -> str:
        """Change an entry of a catalogue; return the `path:line` of its key."""
        path = f"content/locales/{language}/LC_MESSAGES/bot.po"
        blocks = self.read(path).split("\n\n")
        place = next(n for n, block in enumerate(blocks) if f'msgctxt "{key}"\n' in block)
        head, _, rest = blocks[place].partition("\nmsgid ")
        source, _, text = rest.partition("\nmsgstr ")
        source = f'"{msgid}"' if msgid is not None else source
        text = f'"{msgstr}"' if msgstr is not None else text
        blocks[place] = f"{head}\nmsgid {source}\nmsgstr {text}"
        self.write(path, "\n\n".join(blocks))
        return self.line(path, f'msgctxt "{key}"\n')

    def line(self, path: str, text: str) -> str:
        """Return the `path:line` where a text stands."""
        whole = self.read(path)
        return f"{path}:{whole[: whole.index(text)].count(chr(10)) + 1}"

    def lines(self, *rules) -> list[str]:
        """Return what the rules print."""
        forget()
        return [str(problem) for problem in run(rules)]


@pytest.fixture(scope="session")
def copy(tmp_path_factory):
    """Copy the data once."""
    root = tmp_path_factory.mktemp("tree")
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, root / folder, ignore=_only_words)
    return root


@pytest.fixture
def tree(copy, monkeypatch):
    """Turn every path of the loaders to the copy, and mend the copy afterwards."""
    for module in _modules():
        for name, value in list(vars(module).items()):
            if isinstance(value, Path) and value.is_relative_to(ROOT):
                monkeypatch.setattr(module, name, copy / value.relative_to(ROOT))
    once = {read: _read_once(read) for read in _READERS}
    for module in _modules():
        for name, value in list(vars(module).items()):
            if isfunction(value) and value in once:
                monkeypatch.setattr(module, name, once[value])
    monkeypatch.setattr(phrases, "misjudged", _judge_once(phrases.misjudged))
    forget()
    planted = Tree(copy)
    yield planted
    planted.mend()
    monkeypatch.undo()
    forget()


def _read_once(read):
    """Read a file anew only where a test changed it: reading them all takes seconds, and a test changes one."""

    def again(*given):
        known = (read, *given, *(one.exists() and one.read_bytes() for one in given if isinstance(one, Path)))
        if known not in _read:
            _read[known] = read(*given)
        return _read[known]

    return again


def _judge_once(misjudged):
    """Judge a rule anew only where a test changed it, for the same reason."""

    def again(rules, examples):
        for rule in rules:
            if (misjudged, rule) not in _read:
                _read[misjudged, rule] = tuple(misjudged([rule], examples))
            yield from _read[misjudged, rule]

    return again


def forget() -> None:
    """Empty what the loaders remember."""
    for module in _modules():
        for value in list(vars(module).values()):
            if hasattr(value, "cache_clear") and value.__module__.startswith(
                ("content.", "bot.understanding.check_data")
            ):
                value.cache_clear()


def _only_words(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if (Path(folder) / name).is_file() and Path(name).suffix not in KINDS]


@cache
def _modules():
    names = [found.name for found in pkgutil.walk_packages(content.__path__, "content.")]
    names += ["bot.understanding.check_data", "bot.understanding.examples"]
    return tuple(importlib.import_module(name) for name in names)
