"""Code: which keys of the catalogue the program names, read from its source without importing it.

A key that is *named* must exist: it stands as `key=...`, or where a parameter called key takes it. A key that is
*mentioned* is in use: it stands as any text, or fits a text with holes such as `f"right.{name}"`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TypeAlias

from content.source import ROOT, ContentError, shown

ROOMS = ("actions", "bot", "screening", "desk", "lantern")
_KEY = "key"
_Takers: TypeAlias = tuple[tuple[str, int], ...]  # a function, and which of its arguments is the key


@dataclass(slots=True)
class Mentions:
    """What the source of the program says about keys."""

    named: dict[str, str] = field(default_factory=dict)  # key -> where
    texts: set[str] = field(default_factory=set)
    starts: set[str] = field(default_factory=set)  # f"right.{name}": right.
    ends: set[str] = field(default_factory=set)  # f"{key}.no_number": .no_number

    def add(self, more: Mentions) -> None:
        """Take in what another file says; a key keeps the place where it stood first."""
        for key, where in more.named.items():
            self.named.setdefault(key, where)
        self.texts |= more.texts
        self.starts |= more.starts
        self.ends |= more.ends


@cache
def mentions() -> Mentions:
    """Return what the rooms say about keys.

    Raises:
        ContentError: a file is not Python.
    """
    trees = {path: _parsed(path) for room in ROOMS for path in _files(ROOT / room)}
    takers = tuple(taker for tree in trees.values() for taker in _takes_key(tree))
    found = Mentions()
    for path, tree in trees.items():
        found.add(_read(tree, path, takers))
    return found


def _files(folder: Path) -> Iterator[Path]:
    yield from sorted(path for path in folder.rglob("*.py") if "migrations" not in path.parts)


def _parsed(path: Path) -> ast.Module:
    try:
        return ast.parse(path.read_text(encoding="utf-8"))
    except SyntaxError as broken:
        raise ContentError(f"{shown(path)}:{broken.lineno or 1}", "not Python", "mend the line") from broken


def _takes_key(tree: ast.Module) -> _Takers:
    """Return functions with a parameter called key, and its place among the arguments of a call."""
    found: list[tuple[str, int]] = []
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            names = [argument.arg for argument in node.args.args if argument.arg not in ("self", "cls")]
            if _KEY in names:
                found.append((node.name, names.index(_KEY)))
    return tuple(found)


def _read(tree: ast.Module, path: Path, taking: _Takers) -> Mentions:
    found, takers = Mentions(), dict(taking)
    constants = {
        target.id: node.value
        for node in tree.body if isinstance(node, ast.Assign)
        for target in node.targets if isinstance(target, ast.Name)
    }  # fmt: skip
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.texts.add(node.value)
        for value in _values_for_key(node, takers):
            for part in ast.walk(value):
                if isinstance(part, ast.JoinedStr):
                    _read_holes(part, found)
            for key, line in _texts(value, constants):
                found.named.setdefault(key, f"{shown(path)}:{line}")
    return found


def _values_for_key(node: ast.AST, takers: dict[str, int]) -> Iterator[ast.expr]:
    if isinstance(node, ast.Call):
        called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if called in ("Say", "Line", *takers):
            yield from (given.value for given in node.keywords if given.arg == _KEY)
        if called in takers and takers[called] < len(node.args):
            yield node.args[takers[called]]
        if called == "text" and node.args:  # what a catalogue is asked for
            yield node.args[0]
        # The assessment carries keys to say under a name of its own.
        yield from (given.value for given in node.keywords if given.arg == "say_first")
    elif isinstance(node, ast.Assign) and any(isinstance(one, ast.Name) and one.id == _KEY for one in node.targets):
        yield node.value


def _texts(value: ast.expr, constants: dict[str, ast.expr]) -> Iterator[tuple[str, int]]:
    """Yield the texts that an expression may come to, as far as that stands in the same file."""
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value, value.lineno
    elif isinstance(value, ast.IfExp):
        for one in (value.body, value.orelse):
            yield from _texts(one, constants)
    elif isinstance(value, ast.BoolOp):
        for one in value.values:
            yield from _texts(one, constants)
    elif isinstance(value, (ast.Tuple, ast.List)):
        for one in value.elts:
            yield from _texts(one, constants)
    elif isinstance(value, ast.Subscript):
        yield from _texts(value.value, constants)
    elif isinstance(value, ast.Name) and value.id in constants and value.id.isupper():
        yield from _texts(constants[value.id], {})


def _read_holes(text: ast.JoinedStr, found: Mentions) -> None:
    first, last = text.values[0], text.values[-1]
    if isinstance(first, ast.Constant):
        found.starts.add(str(first.value))
    elif isinstance(last, ast.Constant):
        found.ends.add(str(last.value))
