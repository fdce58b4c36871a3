"""Topics: what has one fixed answer, the secret word, and who should write with them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.act import Act, Assessment, Done, Say, Seen, see
from actions.people import Refused, hand_off, tell_numbers
from content.topics import FixedAnswer, fixed_answers
from screening.answers import TAKE_BACK
from screening.ask import SAID, ask_by_id, owe, thank
from screening.correct import about, back

_CODES = 90  # two digits, 10 to 99
_WISHES = {"woman": ("wants_woman",), "man": ("wants_man",)}  # why staff read them first, by the answer


def acknowledge(seen: Seen) -> Done:
    """Return the words for what was told: those of its topic where it has some, else a thank-you."""
    row = fixed_answers().get(str(seen.message.get("topic") or ""))
    if row is not None and row.acknowledges and seen.known.safe == "yes" and _fresh(row, seen):
        return _said(row, seen)
    return thank(seen.known)


def _fresh(row: FixedAnswer, seen: Seen) -> bool:
    """True while these words were not said yet in this conversation: a second time the usual thanks are kinder."""
    return not any(SAID + key in seen.known.told for key in row.say)


def _said(row: FixedAnswer, seen: Seen) -> Done:
    known = seen.known.with_(told=(*seen.known.told, *(SAID + key for key in row.say)))
    return tuple(Say(key=key) for key in row.say), known.flag(row.flag) if row.flag else known


class AnswerTopic(Act):
    """Something that has one fixed answer; a form then goes on with its own question."""

    def name(self) -> str:
        """Return the name under which rules ask for it."""
        return "action_answer_topic"

    def decide(self, seen: Seen) -> Done:
        """Say the answer, and do what little follows from it."""
        topic = str(seen.message.get("topic") or "")
        row = fixed_answers()[topic]
        if seen.known.safe != "yes" and seen.known.flow == "opening" and not row.before_safety:
            return (), self._owed(topic, row, seen)
        follow = getattr(self, f"_{topic}", None)
        if follow is None:
            return _said(row, seen)
        done: Done = follow(row, seen)
        return done

    def _owed(self, topic: str, row: FixedAnswer, seen: Seen) -> Assessment:
        """Return what is known with the answer waiting for the safety answer; what does more than answer does not."""
        if topic == "rest" or hasattr(self, f"_{topic}"):
            return seen.known
        known = owe(seen.known, row.say)
        return known.flag(row.flag) if row.flag else known

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        """Decide and say; where the talk goes on in another flow, the form that is open learns it at once."""
        before = see(tracker).known.flow
        events = await super().run(dispatcher, tracker, domain)
        flow = next(event["value"]["flow"] for event in events if event.get("name") == "assessment")
        moves = flow not in (before, "queue")
        return [*events, SlotSet("flow", flow)] if moves else events

    def _keep_nothing(self, row: FixedAnswer, seen: Seen) -> Done:
        known = seen.known.flag(str(row.flag))
        if known.handed_off:  # the helper decides what must be kept, and is told
            return (Say(key="handoff.noted"),), known
        known = known.with_(consent="no")
        if known.safe != "yes":
            return (Say(key="answer.confidential"),), known
        return Refused().decide(replace(seen, known=known.with_(flow="refused", pending=None)))

    def _only_write(self, row: FixedAnswer, seen: Seen) -> Done:
        return ((Say(key="handoff.noted"),), seen.known) if seen.known.handed_off else _said(row, seen)

    def _number(self, row: FixedAnswer, seen: Seen) -> Done:
        known = seen.known
        if known.country is None and "country" not in known.asked:
            return ask_by_id(known, "country")
        return tell_numbers(known, seen)

    def _no_person(self, row: FixedAnswer, seen: Seen) -> Done:
        lines, known = _said(row, seen)
        if not known.handed_off:
            return lines, known
        wishes = (*known.wishes, TAKE_BACK)
        return lines, known.with_(reasons=(), person="no", flow="closing", pending=None, pending_tries=0, wishes=wishes)

    def _later(self, row: FixedAnswer, seen: Seen) -> Done:
        return _with_person(row, seen, "asked_for_a_time")

    def _complaint(self, row: FixedAnswer, seen: Seen) -> Done:
        return _with_person(row, seen, "complaint")

    def _how_long(self, row: FixedAnswer, seen: Seen) -> Done:
        if seen.known.handed_off:
            return _said(row, seen)
        return (Say(key="answer.hello"),), seen.known

    def _anonymous(self, row: FixedAnswer, seen: Seen) -> Done:
        lines, known = _said(row, seen)
        skipped = tuple(dict.fromkeys((*known.skipped, "where")))
        pending = None if known.pending == "where" else known.pending
        return lines, known.with_(skipped=skipped, pending=pending)

    def _returning(self, row: FixedAnswer, seen: Seen) -> Done:
        return ask_by_id(seen.known, "return_word")

    def _other_person(self, row: FixedAnswer, seen: Seen) -> Done:
        lines, known = _said(row, seen)
        return lines, about(known, seen.message.get("role"))

    def _back(self, row: FixedAnswer, seen: Seen) -> Done:
        lines, known = _said(row, seen)
        return lines, back(known)


def _with_person(row: FixedAnswer, seen: Seen, reason: str) -> Done:
    lines, known = _said(row, seen)
    if known.handed_off:
        return lines, known
    asked, known = hand_off(known.with_(person="yes"), reason)
    return [*lines, *asked], known


class TakeHelper(Act):
    """Whether a woman or a man should write with them, or nothing."""

    def name(self) -> str:
        """Return the name under which rules ask for it."""
        return "action_take_helper"

    def decide(self, seen: Seen) -> Done:
        """Note it for staff, as a reason too: that is what their list shows before anybody has opened the talk."""
        wish = seen.answer or "any"
        known = seen.known.with_(answers={**seen.known.answers, "helper": wish}, pending=None)
        return (Say(key="ack.ok"), Say(key="handoff.wait")), known.because(*_WISHES.get(wish, ()))


class TakeWord(Act):
    """The secret word they chose, or none. The word itself was kept when the message was heard; it is never said."""

    def name(self) -> str:
        """Return the name under which rules ask for it."""
        return "action_take_word"

    def decide(self, seen: Seen) -> Done:
        """Say that it is kept, and once the code that says somebody makes them write."""
        known = seen.known.with_(pending=None)
        if seen.intent != "own_words" or known.word is None:
            return (Say(key="ack.ok"),), known
        # By its letters: the same word gives the same code, and nobody else can know it.
        code = str(10 + sum(map(ord, known.word)) % _CODES)
        lines = (Say(key="word.kept"), Say(key="word.danger", params={"code": code}))
        return lines, known.with_(danger_code=code)


class TakeReturnWord(Act):
    """The word of an earlier talk. A wrong one and none are answered alike: nobody learns whether there was a talk."""

    def name(self) -> str:
        """Return the name under which rules ask for it."""
        return "action_take_return_word"

    def decide(self, seen: Seen) -> Done:
        """Bring in staff, who see the earlier talk, or invite them to write."""
        known = seen.known.with_(pending=None)
        if seen.message.get("word_known"):
            return hand_off(known.with_(person="yes"), "returned_with_word", key="word.thanks")
        return (Say(key="return.hello"),), known
