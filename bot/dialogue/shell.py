"""Shell: the memory behind `rasa shell`, which sets for each line what our turn would set.

Named in endpoints.yml. The line itself never uses it: there the assessment lies in the records.
"""

from __future__ import annotations

from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker

from bot.dialogue.ready import make_ready
from content.catalogue import SOURCE
from screening.ask import waits_for
from screening.assessment import Assessment


class ShellTrackers(InMemoryTrackerStore):
    """Keeps the talk of a shell in memory and makes it ready for each line."""

    def __init__(self, domain: Domain, event_broker: EventBroker | None = None, **settings: Any) -> None:
        settings.pop("host", None)
        super().__init__(domain, event_broker)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker:
        """Return the talk so far, or a new one, ready for the next line.

        Rasa wraps this store in one that would make a new talk by itself, so a new one is made here.
        """
        tracker = await super().retrieve(sender_id) or self.init_tracker(sender_id)
        self._ready(tracker)
        return tracker

    def _ready(self, tracker: DialogueStateTracker) -> None:
        known = Assessment.from_json(tracker.get_slot("assessment"))
        slots = {"assessment": known.to_json(), "flow": known.flow, "waits_for": waits_for(known), "language": SOURCE}
        make_ready(tracker, self.domain, slots)
