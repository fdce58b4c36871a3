"""Keys: every sentence that something asks for exists, and every sentence is asked for by something."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator

from content.catalogue import SOURCE, catalogue
from content.check.code import mentions
from content.check.problem import Problem
from content.check.sentences import SHORTER, entries
from content.check.unused import unused_keys
from content.questions import OPTIONS
from content.rights import IDS
from content.source import CONTENT, ROOT, Node, load, shown

_OPTION, _RIGHT = "option.", "right."
_WORDS = ROOT / "bot" / "domain" / "words.yml"
_PHRASES = ROOT / "desk" / "phrases.yml"
_NUMBERED = "number"


def every_key_asked_for_exists() -> Iterator[Problem]:
    """Yield keys that data (questions to phrasebook), Rasa's domain or the program name and no catalogue holds."""
    known = catalogue(SOURCE).sentences.keys()
    for key, where in _asked_for():
        if key not in known:
            yield Problem(where, f"no sentence has the key {key}", _nearest(key, known))


def every_key_is_used() -> Iterator[Problem]:
    """Yield sentences that nothing sends, unless the list of waiting keys says why; and rows of it that are over."""
    known = {key for key in catalogue(SOURCE).sentences if not key.endswith(SHORTER)}
    used, waiting = used_keys(known), unused_keys()
    for key in sorted(known - used - waiting.keys()):
        right = f"remove it, or say in {shown(CONTENT / 'unused_keys.yml')} what it waits for"
        yield Problem(entries(SOURCE)[key].where, f"nothing sends {key}", right)
    for key, reason in waiting.items():
        if key not in known:
            yield Problem(reason.where, f"{key} is no key", "remove the row")
        elif key in used:
            yield Problem(reason.where, f"{key} is in use", "remove the row")


def sentences_with_a_number_have_a_twin_without() -> Iterator[Problem]:
    """Yield risk words that name a number and have no words for a country whose number is not known."""
    sentences = catalogue(SOURCE).sentences
    for key, sentence in sentences.items():
        needs = _NUMBERED in sentence.placeholders and not key.endswith(SHORTER)
        if needs and f"{key}.no_number" not in sentences:
            where = entries(SOURCE)[key].where
            yield Problem(where, f"{key} names a number that may be unknown", f"write {key}.no_number too")


def used_keys(known: set[str]) -> set[str]:
    """Return the keys that data or program ask for."""
    said = mentions()
    used = {key for key, _ in _asked_for()} | said.texts
    used |= {key for key in known if any(key.startswith(start) for start in said.starts)}
    used |= {key for key in known for end in said.ends if key.endswith(end) and key.removesuffix(end) in used}
    return used & known


def _asked_for() -> Iterator[tuple[str, str]]:
    """Yield each key with the place that asks for it."""
    yield from _asked_in_data()
    for group in load(_PHRASES).entries()["groups"]:
        for phrase in group.entries()["phrases"]:
            yield phrase.entries()["key"].str(), phrase.where
    for response in _fields(load(_WORDS).entries()["responses"]):
        yield from ((text.str(), text.where) for one in response for text in _fields(one))
    where = f"{shown(CONTENT / 'rights.py')}:1"
    yield from ((_RIGHT + name, where) for name in IDS)
    where = f"{shown(CONTENT / 'questions.py')}:1"
    yield from ((_OPTION + name, where) for name in OPTIONS)
    yield from mentions().named.items()


def _asked_in_data() -> Iterator[tuple[str, str]]:
    for node in _fields(load(CONTENT / "questions.yml").mapping(required=("questions",))["questions"]):
        row = node.entries()
        yield from ((row[name].str(), row[name].where) for name in ("key", "again") if name in row)
        yield from _listed(row.get("before"))
        yield from _listed(row.get("also"))
        yield from ((_OPTION + one.str(), one.where) for one in row["options"])
    for node in _fields(load(CONTENT / "triage.yml").entries()["risks"]):
        row = node.entries()
        yield from _listed(row["say"])
        yield from _listed(row["say_other"])
    for waits in ("waits", "waits_with_company"):
        for node in load(CONTENT / "triage.yml").entries()[waits]:
            yield node.entries()["say"].str(), node.where
    for node in _fields(load(CONTENT / "topics.yml").entries()["topics"]):
        yield from _listed(node.entries()["say"])
    for place in ("by_indicator", "by_need"):
        for node in _fields(load(CONTENT / "rights.yml").entries()[place]):
            yield from ((_RIGHT + one.str(), one.where) for one in node)
    for place in ("child", "otherwise"):
        yield from ((_RIGHT + one.str(), one.where) for one in load(CONTENT / "rights.yml").entries()[place])


def _fields(node: Node) -> list[Node]:
    return list(node.entries().values())


def _listed(node: Node | None) -> Iterator[tuple[str, str]]:
    for one in node.list() if node else ():
        yield one.str(), one.where


def _nearest(key: str, known: Iterable[str]) -> str:
    """Return advice: the keys that differ least, if any are near."""
    near = difflib.get_close_matches(key, list(known), n=2, cutoff=0.7)
    return f"did you mean {' or '.join(near)}" if near else "add it to the English catalogue"
