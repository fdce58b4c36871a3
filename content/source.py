"""Source: reads a YAML file so that every value still knows its line.

Promises typed values or a `ContentError` with file, line, what was found and what
would be right. Knows nothing of what the content means: that is its readers' part.
Scalars are taken as written, so `no` is the text "no", never false.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import yaml

ROOT = Path(__file__).resolve().parent.parent
CONTENT = ROOT / "content"

# The C parser is ten times as fast and gives the same marks; a platform without libyaml still works.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# Inside Node, `str` and its kind are names of methods: annotations there use these.
_Text: TypeAlias = str
_Whole: TypeAlias = int
_Real: TypeAlias = float
_Truth: TypeAlias = bool
_NULL_TAG = "tag:yaml.org,2002:null"


class ContentError(Exception):
    """A content file says something that cannot be used."""

    def __init__(self, where: str, found: str, right: str) -> None:
        super().__init__(f"{where} {found}; {right}")
        self.where = where
        self.found = found
        self.right = right


def shown(path: Path) -> str:
    """Return the path as a reader of the project knows it: from the root, or its name alone."""
    try:
        return path.resolve().relative_to(ROOT).as_posix()
    except ValueError:
        return path.name


def load(path: Path) -> Node:
    """Return the root value of a YAML file.

    Raises:
        ContentError: the file is missing, empty, not UTF-8 or not YAML.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as missing:
        raise ContentError(f"{shown(path)}:1", "there is no such file", "create it") from missing
    except UnicodeDecodeError as broken:
        line = broken.object[: broken.start].count(b"\n") + 1
        raise ContentError(f"{shown(path)}:{line}", "a byte that is not UTF-8", "save the file as UTF-8") from broken
    return loads(text, path)


def loads(text: str, path: Path) -> Node:
    """Return the root value of YAML text; `path` only names it in errors."""
    try:
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as broken:
        mark = broken.problem_mark or broken.context_mark
        line = mark.line + 1 if mark else 1
        raise ContentError(
            f"{shown(path)}:{line}", f"not YAML: {broken.problem}", "check quotes and indents"
        ) from broken
    except (yaml.YAMLError, UnicodeEncodeError) as broken:  # the second: half a pair of UTF-16, from no file
        raise ContentError(f"{shown(path)}:1", "not YAML: a character it does not allow", "remove it") from broken
    if root is None:
        raise ContentError(f"{shown(path)}:1", "the file is empty", "write its fields")
    return Node(path, root)


@dataclass(frozen=True, slots=True)
class Node:
    """One value in a file: ask it for the type you need."""

    path: Path
    raw: yaml.Node

    @property
    def line(self) -> _Whole:
        """The line of this value, counted from one."""
        return int(self.raw.start_mark.line) + 1

    @property
    def where(self) -> _Text:
        """`content/safety/x.yml:47`, for messages."""
        return f"{shown(self.path)}:{self.line}"

    @property
    def is_null(self) -> _Truth:
        """True for `null`, `~` and nothing at all."""
        return self.raw.tag == _NULL_TAG

    @property
    def is_text(self) -> _Truth:
        """True for a text or a number; false for nothing, lists and fields."""
        return isinstance(self.raw, yaml.ScalarNode) and not self.is_null

    @property
    def is_list(self) -> _Truth:
        """True for a list, also an empty one."""
        return isinstance(self.raw, yaml.SequenceNode)

    def error(self, found: _Text, right: _Text) -> ContentError:
        """Return (not raise) the error that points at this value."""
        return ContentError(self.where, found, right)

    def entries(self) -> dict[_Text, Node]:
        """Return a mapping whose keys are free; a key that stands twice is refused."""
        if not isinstance(self.raw, yaml.MappingNode):
            raise self.error(f"found {self._kind()}", "fields with names are expected here")
        found: dict[_Text, Node] = {}
        for key_node, value_node in self.raw.value:
            key = Node(self.path, key_node)
            name = key.str()
            if name in found:
                raise key.error(f"the field {name} stands twice", "keep one of them")
            found[name] = Node(self.path, value_node)
        return found

    def mapping(self, required: Collection[_Text] = (), optional: Collection[_Text] = ()) -> dict[_Text, Node]:
        """Return a mapping with these fields and no others; optional ones may be absent."""
        found = self.entries()
        known = {*required, *optional}
        for name, node in found.items():
            if name not in known:
                raise node.error(f"unknown field {name}", f"known here: {', '.join(sorted(known))}")
        missing = sorted(set(required) - found.keys())
        if missing:
            raise self.error(f"the field {missing[0]} is missing", f"needed here: {', '.join(sorted(required))}")
        return found

    def list(self) -> tuple[Node, ...]:
        """Return the items of a list."""
        if not isinstance(self.raw, yaml.SequenceNode):
            raise self.error(f"found {self._kind()}", "a list is expected here")
        return tuple(Node(self.path, item) for item in self.raw.value)

    def __iter__(self) -> Iterator[Node]:
        return iter(self.list())

    def str(self) -> _Text:
        """Return a text that is not empty, as it is written."""
        text = self._scalar("a text")
        if not text.strip():
            raise self.error("found an empty text", "write the text")
        return text

    def strings(self) -> tuple[_Text, ...]:
        """Return a list of texts (an empty list is one)."""
        return tuple(item.str() for item in self.list())

    def one_of(self, allowed: Collection[_Text]) -> _Text:
        """Return a text that is one of these."""
        text = self.str()
        if text not in allowed:
            raise self.error(f"found {text!r}", f"known here: {', '.join(sorted(allowed))}")
        return text

    def all_of(self, allowed: Collection[_Text]) -> tuple[_Text, ...]:
        """Return a list of texts, each one of these."""
        return tuple(item.one_of(allowed) for item in self.list())

    def int(self) -> _Whole:
        """Return a whole number."""
        text = self._scalar("a whole number")
        try:
            return int(text)
        except ValueError as broken:
            raise self.error(f"found {text!r}", "a whole number is expected here") from broken

    def float(self) -> _Real:
        """Return a number."""
        text = self._scalar("a number")
        try:
            return float(text)
        except ValueError as broken:
            raise self.error(f"found {text!r}", "a number is expected here") from broken

    def bool(self) -> _Truth:
        """Return true or false, written as these words."""
        return self.one_of(("true", "false")) == "true"

    def date(self) -> dt.date:
        """Return a day, written 2026-01-31."""
        text = self._scalar("a day")
        try:
            return dt.date.fromisoformat(text)
        except ValueError as broken:
            raise self.error(f"found {text!r}", "a day is written 2026-01-31") from broken

    def _scalar(self, wanted: _Text) -> _Text:
        if not isinstance(self.raw, yaml.ScalarNode) or self.is_null:
            raise self.error(f"found {self._kind()}", f"{wanted} is expected here")
        return str(self.raw.value)

    def _kind(self) -> _Text:
        if self.is_null:
            return "nothing"
        if isinstance(self.raw, yaml.MappingNode):
            return "fields"
        return "a list" if isinstance(self.raw, yaml.SequenceNode) else f"the text {self.raw.value!r}"
