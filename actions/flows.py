"""Flows: each form takes the answer to its waiting question and asks the next; screening says which."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import FormValidationAction

from actions.act import Seen, carry, say, see
from actions.people import care_for_others
from content.questions import questions
from screening.answers import MOST_TRIES, pass_over, settle, take_answer
from screening.ask import OUTSIDE, ask_next, thank
from screening.assessment import Assessment
from screening.next_question import next_question

_TELLS = ("disclose", "report_family", "report_concern")
# Short answers by their label, where nobody read the message in the light of the question (`rasa shell`).
_PLAIN = {"affirm": "yes", "deny": "no", "skip": "skip"}
# Below these, what follows an open question is its answer and no question of theirs; a question mark lowers the bar.
_SURE_QUESTION, _SURE_WITH_MARK = 0.85, 0.5
_NO_NEED = ("need", "age_band")  # "no" to these means: nothing
_NO_ANSWER = (*_TELLS, "affirm", "deny", "skip", "greet", "thanks", "ask_help", "out_of_scope")
_OWN_WORDS = (*_TELLS, "affirm", "deny", "out_of_scope", "not_understood", "ask_help", "greet", "thanks")


def read(seen: Seen) -> Assessment | None:
    """Return the assessment after this message, or None when it does not answer the waiting question."""
    known, name = seen.known, seen.known.pending
    question = questions().get(name or "")
    if question is None or question.id not in _asked_by_forms():
        return None
    words = str(seen.message.get("text") or "")
    answer = _PLAIN.get(seen.intent) if "answer" not in seen.message else seen.answer
    if answer is not None and (answer in question.options or answer in ("skip", seen.answer)):
        return take_answer(known, answer, words)
    if question.kind == "choice" and question.fills in _NO_NEED and seen.intent == "deny":
        return take_answer(known, "skip", words)
    if question.fills == "role" and seen.intent in _TELLS and seen.message.get("role") in question.options:
        return take_answer(known, str(seen.message["role"]), words)
    if question.kind == "open" and (seen.intent in _OWN_WORDS or not _is_question(seen)):
        return take_answer(known, "told", words)
    if question.fills == "core" and seen.intent in _TELLS:
        return take_answer(known, "told", words)
    asked_enough = known.pending_tries >= MOST_TRIES and (question.id != "safe" or seen.intent in _TELLS)
    if asked_enough and seen.intent in _NO_ANSWER:
        return pass_over(known)
    return None


def _is_question(seen: Seen) -> bool:
    return seen.confidence >= (_SURE_WITH_MARK if seen.asks else _SURE_QUESTION)


def _told_a_story(seen: Seen) -> bool:
    """True when the open question was answered with something that weighs on them."""
    question = questions().get(seen.known.pending or "")
    return question is not None and question.fills == "story" and bool(seen.known.indicators)


def _asked_by_forms() -> set[str]:
    return {name for name in questions() if name not in OUTSIDE}


class Flow(FormValidationAction):
    """Reads answers until the flow has nothing more to ask."""

    flow = ""

    def name(self) -> str:
        """Return the name under which Rasa asks for it."""
        return f"validate_{self.flow}_form"

    @property
    def slot(self) -> str:
        """The form's one slot: it stays empty while there is something to ask."""
        return f"{self.flow}_answer"

    async def required_slots(
        self, domain_slots: list[str], dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[str]:
        """Return the form's slot while the flow is still this one and has a question, else nothing."""
        known = see(tracker).known
        return [self.slot] if known.flow == self.flow and next_question(known) is not None else []

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        """Take the answer if there is one; otherwise change nothing, so that the rules for interruptions apply."""
        seen = see(tracker)
        after = read(seen) if seen.known.flow == self.flow else None
        events: list[EventType] = []
        if after is not None:
            after = settle(after)
            if _told_a_story(seen) and after.flow != "risk":  # a risk has words of its own
                lines, after = thank(after)
                say(dispatcher, lines)
            events = [SlotSet(self.slot, None), *carry(after), SlotSet("flow", after.flow)]
            tracker.slots.update({event["name"]: event["value"] for event in events})
        wanted = await self.required_slots([self.slot], dispatcher, tracker, domain)
        return [*events, SlotSet("requested_slot", next(iter(wanted), None))]


class AskNext(Action):
    """Asks the flow's next question."""

    flow = ""

    def name(self) -> str:
        """Return the name under which Rasa asks for it."""
        return f"action_ask_{self.flow}_answer"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        """Say the question and note that it waits."""
        seen = see(tracker)
        if seen.known.pending in OUTSIDE:  # something else was asked just now: one question at a time
            return []
        care, known = care_for_others(seen.known) if seen.asks and seen.known.role == "community" else ((), seen.known)
        lines, known = ask_next(known)
        say(dispatcher, [*care, *lines])
        return carry(known)


class ValidateOpening(Flow):
    """Safety, then whom it is about."""

    flow = "opening"


class ValidateSelf(Flow):
    """Consent, age, the open question, up to four more, need, a person."""

    flow = "self"


class ValidateChild(Flow):
    """Short and gentle: alone, what is wrong, a person for children."""

    flow = "child"


class ValidateFamily(Flow):
    """What worries, age, danger, reach, a person."""

    flow = "family"


class ValidateCommunity(Flow):
    """Danger, what was seen, where, when, may we write back."""

    flow = "community"


class AskOpening(AskNext):
    """Asks within the opening."""

    flow = "opening"


class AskSelf(AskNext):
    """Asks within their own talk."""

    flow = "self"


class AskChild(AskNext):
    """Asks a child."""

    flow = "child"


class AskFamily(AskNext):
    """Asks a relative or friend."""

    flow = "family"


class AskCommunity(AskNext):
    """Asks a neighbour or colleague."""

    flow = "community"
