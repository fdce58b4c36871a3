"""Topics: which of the things that have a fixed answer a message asks or says, by phrases alone.

Promises the topics in the order of their list, without a model. A topic is no finding: it only picks a sentence.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from bot.understanding import phrases
from bot.understanding.clean import Cleaned
from bot.understanding.phrases import Misjudged, PhraseNet
from content.topics import Topic, fixed_answers


class TopicNet:
    """Holds all topics against messages."""

    def __init__(self, topics: Iterable[Topic]) -> None:
        self._net = PhraseNet(topics)

    def find(self, cleaned: Cleaned, languages: Collection[str] | None = None) -> tuple[str, ...]:
        """Return the ids of the topics that a message touches; `languages` are the likely ones."""
        found = {topic.id for topic, _ in self._net.fired(cleaned, languages)}
        return tuple(name for name in fixed_answers() if name in found)


def misjudged(topics: Iterable[Topic]) -> Iterator[Misjudged[Topic]]:
    """Yield every example that its own topic gets wrong."""
    return phrases.misjudged(topics, lambda topic: (topic.yes, topic.no))
