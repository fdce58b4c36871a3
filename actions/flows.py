"""Flows: each form takes the answer to its waiting question and asks the next; screening says which."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import FormValidationAction

from actions.act import Done, Seen, carry, say, see, spoke_since
from actions.people import care_for_others, offer_person, tell_numbers
from actions.topics import acknowledge
from content.questions import Question, questions
from screening.answers import MOST_TRIES, pass_over, settle, take_answer
from screening.ask import OUTSIDE, ask_by_id, ask_next
from screening.assessment import Assessment
from screening.levels import certain, level
from screening.next_question import next_question

_TELLS = ("disclose", "report_family", "report_concern")
# Short answers by their label, where nobody read the message in the light of the question (`rasa shell`).
_PLAIN = {"affirm": "yes", "deny": "no", "skip": "skip"}
# Below these, what follows an open question is its answer and no question of theirs; a question mark lowers the bar.
_SURE_QUESTION, _SURE_WITH_MARK = 0.85, 0.5
_NEVER_AN_ANSWER = ("fixed_question", "ask_human")  # answered first, whatever waits
_TOLD_AGAIN = 2  # messages that told something
_NO_NEED = ("need", "age_band")  # "no" to these means: nothing
_NO_ANSWER = (*_TELLS, "affirm", "deny", "skip", "greet", "thanks", "ask_help", "out_of_scope")
_OWN_WORDS = (*_TELLS, "affirm", "deny", "out_of_scope", "not_understood", "ask_help", "greet", "thanks")


def read(seen: Seen) -> Done | None:
    """Return what follows from this message, or None when it does not answer the waiting question."""
    if seen.known.pending == "country":
        return _where(seen)
    question = questions().get(seen.known.pending or "")
    if question is None or question.id not in _asked_by_forms() or seen.intent in _NEVER_AN_ANSWER:
        return None
    after = _answered(seen, question)
    if after is not None:
        return (), after
    asked_enough = seen.known.pending_tries >= MOST_TRIES and (question.id != "safe" or seen.intent in _TELLS)
    return _left_alone(seen.known) if asked_enough and seen.intent in _NO_ANSWER else None


def _where(seen: Seen) -> Done | None:
    """Return the numbers of the country they named, who asked for one; what else they say waits for nothing more."""
    country = seen.message.get("country_said")
    if country is None:
        return ((), seen.known.with_(pending=None)) if seen.intent in _OWN_WORDS else None
    return tell_numbers(seen.known.with_(country=str(country), pending=None), seen)


def _answered(seen: Seen, question: Question) -> Assessment | None:
    known = seen.known
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
    return None


def _left_alone(known: Assessment) -> Done:
    """Return what follows when a question was left unanswered: where much was told, a person instead of more.

    What was told once, or only guessed, may have been misread: then a person is offered.
    """
    after = pass_over(known)
    found = level(after).name
    if found not in ("urgent", "priority") or after.handed_off or after.person is not None:
        return (), after
    if found == "urgent" or after.minor or (after.tellings >= _TOLD_AGAIN and (after.about_other or certain(after))):
        return (), after.with_(person="yes")
    return offer_person(after, "ask.person.again")


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
        done = read(seen) if seen.known.flow == self.flow else None
        events: list[EventType] = []
        if done is not None:
            lines, after = done[0], settle(done[1])
            say(dispatcher, lines)
            acknowledged = _told_a_story(seen) or bool(seen.message.get("topic"))
            if acknowledged and after.flow != "risk":  # a risk has words of its own
                lines, after = acknowledge(replace(seen, known=after))
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
        if seen.known.pending in OUTSIDE:
            if spoke_since(tracker):  # something else was asked just now: one question at a time
                return []
            lines, known = ask_by_id(seen.known, seen.known.pending)
            say(dispatcher, lines)
            return carry(known)
        told_to_rest = seen.intent == "fixed_question" and seen.message.get("topic") == "rest" and spoke_since(tracker)
        if told_to_rest:  # they need a moment
            return []
        care, known = care_for_others(seen.known) if seen.asks and seen.known.role == "community" else ((), seen.known)
        lines, known = ask_next(known)
        if known.pending and not (lines or care or spoke_since(tracker)):  # nobody is left without a word
            lines, known = ask_by_id(known, known.pending)
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
