"""Doctor: checks, each of them one part of the installation judged in an operator's words.

A check is an object with a name and a `judge` that yields findings; `run` prints them, mends what can
be mended when asked to, and says whether anything is wrong. A new check is a module here and a line in `checks`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One sentence for the operator: where, what was found, what would be right."""

    sentence: str
    wrong: bool = True  # False: worth knowing, and no reason for an exit code
    mend: Callable[[], str] | None = field(default=None, repr=False)  # does it, and returns what it did


# Of a check that has to read tables, where they cannot be read: one check says why, and what to do.
UNREAD = Finding(sentence="not judged, for the database cannot be read or is not whole: see Line", wrong=False)


class CannotMend(Exception):
    """The repair did not work; the message is a sentence for the operator."""


class Check(Protocol):
    """One part of the installation."""

    @property
    def name(self) -> str: ...

    def judge(self) -> Iterable[Finding]: ...


def run(checks: Sequence[Check], *, fix: bool, say: Callable[[str], None]) -> int:
    """Judge everything, mend what can be mended if `fix`; return how many findings remain wrong."""
    wrong = 0
    for check in checks:
        remaining = _judge(check, fix=fix, say=say)
        wrong += remaining
    return wrong


def _judge(check: Check, *, fix: bool, say: Callable[[str], None]) -> int:
    try:
        found = list(check.judge())
    except Exception as problem:  # a check that breaks must not hide what the others find
        say(f"{check.name}: wrong: this check itself broke off ({type(problem).__name__})")
        return 1
    if not found:
        say(f"{check.name}: in order")
    wrong = 0
    for finding in found:
        if fix and finding.mend is not None:
            try:
                say(f"{check.name}: mended: {finding.mend()}")
                continue
            except CannotMend as problem:
                say(f"{check.name}: not mended: {problem}")
        mark = "wrong" if finding.wrong else "note"
        hint = " (`./run doctor --fix` mends this)" if finding.mend is not None and not fix else ""
        say(f"{check.name}: {mark}: {finding.sentence}{hint}")
        wrong += finding.wrong
    return wrong
