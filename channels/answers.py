"""Answers of a provider, taken only as the types that we count on; anything else is a failure with a name.

A proxy, a page of something in between or a new version of an API may answer anything. Whoever asked is told so.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from channels.errors import FateUnknown

SHAPE = "shape"  # the code of such a failure: somebody answered, and not as the provider's reference says


@contextmanager
def as_answered() -> Iterator[None]:
    """Name what goes wrong while an answer is taken apart.

    Raises:
        FateUnknown: with SHAPE; whatever was asked for may have been done.
    """
    try:
        yield
    except (TypeError, ValueError, AttributeError, LookupError, RecursionError):
        raise FateUnknown(SHAPE) from None  # their texts may quote the answer


def text(found: Any) -> str:
    """A text that may be left out. Raises FateUnknown."""
    if found is None:
        return ""
    if not isinstance(found, str):
        raise FateUnknown(SHAPE)
    return found


def full_text(found: Any) -> str:
    """A text that is always there. Raises FateUnknown."""
    if not text(found):
        raise FateUnknown(SHAPE)
    return text(found)


def whole(found: Any) -> int:
    """A whole number that may be left out. Raises FateUnknown."""
    if found is None:
        return 0
    if not isinstance(found, int):
        raise FateUnknown(SHAPE)
    return found


def mapping(found: Any) -> dict[str, Any]:
    """An object that may be left out. Raises FateUnknown."""
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise FateUnknown(SHAPE)
    return found


def listed(found: Any) -> list[Any]:
    """A list that may be left out. Raises FateUnknown."""
    if found is None:
        return []
    if not isinstance(found, (list, tuple)):
        raise FateUnknown(SHAPE)
    return list(found)
