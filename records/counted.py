"""Counted: a number with its word, for the sentences of commands. What staff and contacts read is in the catalogues."""

from __future__ import annotations


def counted(count: int, one: str, many: str) -> str:
    """Both together: `1 row`, `2 rows`, `0 rows`."""
    return f"{count} {one if count == 1 else many}"
