"""Ready: a tracker made ready for one message: the facts of now in its slots, its form open to the message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker


def make_ready(tracker: DialogueStateTracker, domain: Domain, slots: Mapping[str, Any]) -> None:
    """Prepare a tracker for the next message of its contact.

    Args:
        slots: facts of now that rules and actions look at; they win over what the tracker remembers.
    """
    if not tracker.events:  # policies only act on someone who was listened to
        tracker.update(ActionExecuted(ACTION_LISTEN_NAME), domain)
    for name, value in slots.items():
        tracker.update(SlotSet(name, value), domain)
    loop = tracker.active_loop
    if loop and (loop.rejected or loop.is_interrupted):
        # Every message is offered to the form first, also after a story that left it aside.
        loop.rejected = loop.is_interrupted = False
        tracker.opened = True  # its events do not tell: a copy is made as Rasa makes it (see `speed`)
