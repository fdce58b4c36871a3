"""Context: words that mean something only where a talk has come to a point: "I took them" after a word about dying.

By themselves they say nothing, so they are no finding and no topic; `bot.nearby` says where they count.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from content.languages import languages
from content.safety import Near, phrases_of
from content.sayings import Saying
from content.source import CONTENT, Node, load

FILE = CONTENT / "context" / "words.yml"
HARMED = "harmed"  # has taken something, bleeds, feels sleepy: where suicide is known it is an emergency
NO_DANGER = "no_danger"  # the answer no to the question about danger, in own words
NO_BUT = "no_but"  # the answer no, with more after it
NOT_ME = "not_me"  # it is about another person than the one who writes
MYSELF = "myself"  # it is about the one who writes
DONT_TELL = "dont_tell"  # what they ask of us: no sign that somebody reads along
DONT_GO = "dont_go"  # they want us to stay: no end of the talk
MY_CHILD = "my_child"  # a parent speaks of a child of theirs
AT_WORK = "at_work"  # a nurse, a teacher, a clerk writes about somebody they met at work
RECENT = "recent"  # last night, this morning: where sexual violence was told, it is days ago at most
NO_TONGUE = "no_tongue"  # they do not know the language that they name
DIED = "died"  # somebody is no longer alive: by itself no word of the writer's own death
OWN_WORK = "own_work"  # the work they do, told of nobody: by itself they may be the one whom it is about
ADDRESS = "address"  # "brother, my passport": they speak to us as kin, of themselves
KINDS = (
    HARMED, NO_DANGER, NO_BUT, NOT_ME, MYSELF, DONT_TELL, DONT_GO, MY_CHILD, AT_WORK, RECENT, NO_TONGUE, DIED,
    OWN_WORK, ADDRESS,
)  # fmt: skip
_WITHIN = 4  # words between the two lists of a pair


@cache
def context_words() -> tuple[Saying, ...]:
    """Return the words of every kind and language. Raises ContentError where a kind or a language is missing."""
    return read_context(FILE)


def read_context(path: Path) -> tuple[Saying, ...]:
    """Return the words in a file."""
    kinds = load(path).mapping(required=KINDS)
    return tuple(
        _saying(kind, language, row)
        for kind, node in kinds.items()
        for language, row in node.mapping(required=tuple(languages())).items()
    )


def _saying(kind: str, language: str, node: Node) -> Saying:
    fields = node.mapping(required=("match",), optional=("any", "and", "unless"))
    near = (
        (Near(any_of=phrases_of(fields["any"]), and_of=phrases_of(fields["and"]), within=_WITHIN),)
        if "any" in fields
        else ()
    )
    match = phrases_of(fields["match"])
    return Saying(
        id=kind, language=language, match=match, near=near, unless=phrases_of(fields.get("unless")), yes=match, no=(),
        where=node.where,
    )  # fmt: skip
