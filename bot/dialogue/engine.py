"""Engine: Rasa's MessageProcessor, loaded once, fed with one message and one tracker at a time.

Opens no database, no socket, no clock: the tracker's events come in and the new ones go out. `Agent` is
not used: with a failing store it would answer from an empty memory.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import structlog
from rasa.core.channels.channel import OutputChannel, UserMessage
from rasa.core.lock_store import InMemoryLockStore
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker

from bot.dialogue import speed
from bot.dialogue.compact import Sight, compacted
from bot.dialogue.inprocess import InProcessActions
from bot.dialogue.lean import without_networks
from bot.dialogue.ready import make_ready
from bot.dialogue_types import DialogueFailed, Heard, Step
from bot.nlg import CatalogueNLG

os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
_SENDER = "conversation"  # the tracker never learns who writes
COMPACT_OVER = 100  # events, some ten turns: fewer cost little to read again, and each compaction costs two readings
_FULL_SLOTS = ("assessment",)  # kept once, in the assessment row; a tracker of 200 turns would hold it 400 times


class _Lines(OutputChannel):
    """Collects the lines of one step."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []
        self.missing: list[str] = []

    @classmethod
    def name(cls) -> str:
        return "lines"

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        custom = message.get("custom") or {}
        if custom.get("missing") or "say" not in custom:
            self.missing.append(str((custom.get("say") or {}).get("key")))
        else:
            self.lines.append(custom["say"])


class _OneTracker(TrackerStore):
    """Holds the tracker of the step that is running and saves nothing."""

    def __init__(self, domain: Domain) -> None:
        super().__init__(domain)
        self.tracker: DialogueStateTracker | None = None

    async def save(self, tracker: DialogueStateTracker) -> None:
        self.tracker = tracker

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        return self.tracker

    async def keys(self) -> Iterable[str]:
        return [_SENDER]


class Dialogue:
    """A loaded model that answers one message at a time."""

    def __init__(self, model: Path, *, patched: bool = True, compact_over: int | None = COMPACT_OVER) -> None:
        self.compact_over = compact_over  # None: never
        logging.getLogger("rasa").setLevel(logging.ERROR)
        if not structlog.is_configured():  # a process that has set its logs up must not lose its own lines to Rasa's
            structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
        (speed.apply if patched else speed.undo)()
        self._actions = InProcessActions()
        self._store = _OneTracker(Domain.empty())
        with without_networks():  # a model names all that it was trained by
            self._processor = MessageProcessor(
                str(model), self._store, InMemoryLockStore(), CatalogueNLG(), action_endpoint=self._actions
            )
        self._store.domain = self._processor.domain
        self._sight = Sight.of(self._processor.graph_runner)

    def step(self, heard: Heard, events: Sequence[dict[str, Any]], slots: Mapping[str, Any]) -> Step:
        """Return the lines, new events and slots that follow this message.

        Args:
            events: the tracker so far, oldest first, as earlier steps returned them.
            slots: facts of now that rules and actions look at; they win over what the tracker remembers.

        Raises:
            DialogueFailed: nothing of this step may be used.
        """
        tracker = DialogueStateTracker(_SENDER, self._processor.domain.slots)
        for event in (Event.from_parameters(dict(item)) for item in events):
            if event is not None:
                tracker.update(event, self._processor.domain)
        short = self._shorter(tracker)
        tracker = short or tracker
        before = len(tracker.events)
        stand_for_all = _stored(tracker.events) if short else ()
        make_ready(tracker, self._processor.domain, slots)
        channel = _Lines()
        self._actions.errors.clear()
        self._store.tracker = tracker
        message = UserMessage(
            heard.text, channel, _SENDER, parse_data=heard.parse_data(), input_channel="lantern", message_id="m"
        )
        _run(self._processor.handle_message(message))
        self._judge(channel, heard)
        done = self._store.tracker
        return Step(
            lines=tuple(channel.lines),
            events=_stored(list(done.events)[before:]),
            slots=dict(done.current_slot_values()),
            before=stand_for_all,
        )

    def _shorter(self, tracker: DialogueStateTracker) -> DialogueStateTracker | None:
        if self.compact_over is None or len(tracker.events) <= self.compact_over:
            return None
        return compacted(tracker, self._processor.domain, self._sight)

    def _judge(self, channel: _Lines, heard: Heard) -> None:
        if self._actions.errors:
            raise DialogueFailed(
                f"an action failed: {type(self._actions.errors[0]).__name__}"
            ) from self._actions.errors[0]
        if channel.missing:
            raise DialogueFailed(f"no catalogue holds {', '.join(channel.missing)}")


def _run(step: Coroutine[Any, Any, object]) -> None:
    """Run a step to its end without a loop: nothing in it waits, and each run of a loop opens two sockets.

    Raises:
        DialogueFailed: something in it would wait.
    """
    try:
        step.send(None)
    except StopIteration:
        return
    step.close()
    raise DialogueFailed("the dialogue waits for something")


def _stored(events: Iterable[Event]) -> tuple[dict[str, Any], ...]:
    return tuple(slim(event) for event in (one.as_dict() for one in events) if _kept(event))


def _kept(event: Mapping[str, Any]) -> bool:
    if event["event"] == "user_featurization":
        return False
    return not (event["event"] == "slot" and event["name"] in _FULL_SLOTS)


def slim(event: dict[str, Any]) -> dict[str, Any]:
    """Return the event without what no later step reads: text lives in the inbox row, words in the outbox rows."""
    if event["event"] == "user":
        parse = event.get("parse_data") or {}
        event = {**event, "text": "", "parse_data": {"intent": parse.get("intent"), "entities": [], "text": ""}}
    if event["event"] == "bot":
        event = {**event, "text": None, "data": {}}
    return {key: value for key, value in event.items() if key not in ("metadata", "message_id", "timestamp")}
