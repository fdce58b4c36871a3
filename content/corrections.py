"""Corrections: words by which people take back what they wrote just before ("no wait, i found it"), a file a language.

Who corrects themselves is not held to the slip.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from content.sayings import Saying, read_sayings
from content.source import CONTENT

FOLDER = CONTENT / "corrections"
SLIP = "slip"
_YES_AT_LEAST, _NO_AT_LEAST = 6, 6


@cache
def corrections() -> tuple[Saying, ...]:
    """Return the corrections of every language."""
    return tuple(saying for path in sorted(FOLDER.glob("*.yml")) for saying in read_corrections(path))


def read_corrections(path: Path) -> tuple[Saying, ...]:
    """Return the corrections in a file. Raises ContentError as `read_sayings` does."""
    return read_sayings(path, "corrections", (SLIP,), yes=_YES_AT_LEAST, no=_NO_AT_LEAST)
