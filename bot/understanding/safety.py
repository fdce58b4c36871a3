"""Safety net: the safety rules held against every message, without Rasa and without a model.

Promises a finding for every rule that fires; how a phrase meets a text is `phrases`' part.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from bot.understanding import phrases
from bot.understanding.clean import Cleaned
from bot.understanding.findings import Finding
from bot.understanding.phrases import Misjudged, PhraseNet
from content.safety import Band, SafetyRule, Status

_CONFIDENCE = {Band.SURE: 0.95, Band.GREY: 0.5}


class SafetyNet:
    """Holds the rules of one status (live ones, unless told otherwise) against messages."""

    def __init__(self, rules: Iterable[SafetyRule], status: Status = Status.LIVE) -> None:
        self._net = PhraseNet([rule for rule in rules if rule.status is status])

    def find(self, cleaned: Cleaned, languages: Collection[str] | None = None) -> tuple[Finding, ...]:
        """Return a finding for each rule that fires; `languages` are the likely ones, None if nothing is known."""
        return tuple(
            Finding(rule.risk, "risk", _CONFIDENCE[rule.band], words, rule.id, rule.band.value)
            for rule, words in self._net.fired(cleaned, languages)
        )


def misjudged(rules: Iterable[SafetyRule]) -> Iterator[Misjudged[SafetyRule]]:
    """Yield every example that its own rule gets wrong, whatever the status of the rule."""
    return phrases.misjudged(rules, lambda rule: (rule.must_fire, rule.must_not_fire))
