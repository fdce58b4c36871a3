"""Act: what all actions share: the assessment comes in as a slot and goes out as a slot."""

from __future__ import annotations

import datetime
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, EventType, SlotSet, UserUtteranceReverted
from rasa_sdk.executor import CollectingDispatcher

from screening.answers import settle
from screening.ask import Say
from screening.assessment import Assessment

_QUESTION_MARKS = "?？؟¿"
_OPENS = "opening"  # the flow whose form is opened by whatever is written
Done = tuple[Sequence[Say], Assessment]


@dataclass(frozen=True, slots=True)
class Seen:
    """What an action may look at."""

    known: Assessment
    message: dict[str, Any]
    today: datetime.date
    loop: str | None
    answered: bool = False  # the line has said something to the message of this turn already

    @property
    def intent(self) -> str:
        """The label of the message that this turn answers."""
        return str((self.message.get("intent") or {}).get("name") or "")

    @property
    def answer(self) -> str | None:
        """A short answer, read in the light of the last question."""
        return (self.message.get("answer") or {}).get("value")

    @property
    def confidence(self) -> float:
        """How sure the label is."""
        return float((self.message.get("intent") or {}).get("confidence") or 0.0)

    @property
    def asks(self) -> bool:
        """True when the message is a question."""
        return any(mark in str(self.message.get("text") or "") for mark in _QUESTION_MARKS)


def see(tracker: Tracker) -> Seen:
    """Return what the tracker tells an action."""
    today = tracker.get_slot("today")
    return Seen(
        known=Assessment.from_json(tracker.get_slot("assessment")),
        message=tracker.latest_message,
        today=datetime.date.fromisoformat(today) if today else datetime.date.min,
        loop=(tracker.active_loop or {}).get("name"),
        answered=spoke_since(tracker),
    )


def say(dispatcher: CollectingDispatcher, lines: Sequence[Say]) -> None:
    """Hand the lines to the words."""
    for line in lines:
        dispatcher.utter_message(response="say", say=line.to_json())


def carry(known: Assessment) -> list[EventType]:
    """Return the event that carries the assessment out of an action.

    `flow` and `waits_for` stay as the turn began: a rule that moved under its own feet would not be recognised
    at its last step. Only a form moves `flow`, because the next rule hangs on it.
    """
    return [SlotSet("assessment", known.to_json())]


def spoke_since(tracker: Tracker) -> bool:
    """True when the line has answered the message of this turn already."""
    kinds = (event["event"] for event in reversed(tracker.events))
    return next((kind == "bot" for kind in kinds if kind in ("bot", "user")), False)


class Act(Action, ABC):
    """An action that decides from what is known and says keys."""

    ends_flow = False  # True: no form goes on after it
    takes_back = False  # True: the message leaves no trace in the dialogue

    @abstractmethod
    def decide(self, seen: Seen) -> Done:
        """Return the lines to say and the assessment after them."""

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        """Decide, say, and carry the assessment out; where no form goes on, something is always said."""
        seen = see(tracker)
        lines, known = self.decide(seen)
        if not lines and not seen.loop and seen.known.flow != _OPENS and not spoke_since(tracker):
            lines = (Say(key="return.hello"),)
        say(dispatcher, lines)
        events: list[EventType] = [UserUtteranceReverted()] if self.takes_back else []
        events += carry(known)
        return [*events, ActiveLoop(None), SlotSet("requested_slot", None)] if self.ends_flow else events


__all__ = ["Act", "Assessment", "Done", "Say", "Seen", "carry", "say", "see", "settle", "spoke_since"]
