"""About: words by which people say that they write about another person ("its about my sister"), a file a language.

Who tells what a relative does to them writes about themselves: `unless` and the examples that must not fire hold that.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from content.sayings import Saying, read_sayings
from content.source import CONTENT

FOLDER = CONTENT / "about"
WHOM = ("family", "community")  # roles; one who tells of a relative and of strangers is first of all a relative
_YES_AT_LEAST, _NO_AT_LEAST = 10, 12


@cache
def about() -> tuple[Saying, ...]:
    """Return the sayings of every language."""
    return tuple(saying for path in sorted(FOLDER.glob("*.yml")) for saying in read_about(path))


def read_about(path: Path) -> tuple[Saying, ...]:
    """Return the sayings in a file. Raises ContentError as `read_sayings` does."""
    return read_sayings(path, "about", WHOM, yes=_YES_AT_LEAST, no=_NO_AT_LEAST)
