"""Sayings: which of the things that are told by phrases alone a message says: topics, tellings, denials.

Promises them in the order in which they are looked at, without a model.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from bot.understanding import phrases
from bot.understanding.clean import Cleaned
from bot.understanding.phrases import Misjudged, PhraseNet
from content.sayings import Saying


class SayingNet:
    """Holds all sayings against messages."""

    def __init__(self, sayings: Iterable[Saying], order: Sequence[str]) -> None:
        self._net = PhraseNet(sayings)
        self._order = order

    def find(self, cleaned: Cleaned, languages: Collection[str] | None = None) -> tuple[str, ...]:
        """Return the ids of those that a message says; `languages` are the likely ones."""
        return tuple(name for name, _ in self.said(cleaned, languages))

    def told_in(self, cleaned: Cleaned, languages: Collection[str]) -> tuple[str, ...]:
        """Return the ids of those that a message says in one of these languages; words of others are no word of it."""
        found = {saying.id for saying, _ in self._net.fired(cleaned, languages) if saying.language in languages}
        return tuple(name for name in self._order if name in found)

    def said(self, cleaned: Cleaned, languages: Collection[str] | None = None) -> tuple[tuple[str, str], ...]:
        """Return them with the words that say them."""
        found = {saying.id: words for saying, words in self._net.fired(cleaned, languages)}
        return tuple((name, found[name]) for name in self._order if name in found)


def misjudged(sayings: Iterable[Saying]) -> Iterator[Misjudged[Saying]]:
    """Yield every example that its own saying gets wrong."""
    return phrases.misjudged(sayings, lambda saying: (saying.yes, saying.no))
