"""Thread: thanking, picking up again, not understanding, rights, and the end of a talk."""

from __future__ import annotations

from actions.act import Act, Done, Say, Seen
from actions.people import offer_person
from actions.topics import acknowledge
from content.catalogue import written
from content.languages import countries
from content.triage import triage
from screening.ask import ask_next, owed_on_any_phone
from screening.rights import tell_rights

_OPENING, _OPENS = "opening_form", "opening"
_WIDELY = ("en", "ar", "es", "fr", "ru", "zh", "hi", "id")  # read in many countries
_OFFERED = 8
_BRIEF = {
    "ask_services": "answer.services", "ask_help": "help.here", "out_of_scope": "answer.out_of_scope",
    "media_received": "answer.media", "thanks": "answer.thanks", "greet": "answer.hello",
}  # fmt: skip


class PickUp(Act):
    """A short answer that no question waits for: in a form the form asks again, elsewhere they are invited to write."""

    def name(self) -> str:
        """Return the name under which rules ask for it."""
        return "action_pick_up"

    def decide(self, seen: Seen) -> Done:
        """Say nothing where a form goes on."""
        return ((), seen.known) if seen.loop else ((Say(key="return.hello"),), seen.known)


class AnswerBriefly(Act):
    """A short word of theirs, or a question with one fixed answer; before the safety answer nothing is said of it."""

    def name(self) -> str:
        """Return the name under which rules ask for it."""
        return "action_answer_briefly"

    def decide(self, seen: Seen) -> Done:
        """Answer by the label; a form then goes on with its own question."""
        if seen.loop == _OPENING and seen.known.safe != "yes":
            return (), seen.known
        if (
            seen.intent == "out_of_scope" and seen.known.spoke
        ):  # who is telling is not asked whether they are right here
            return Thank().decide(seen)
        return (Say(key=_BRIEF[seen.intent]),), seen.known


class Goodbye(Act):
    """They say goodbye: nothing more is asked."""

    ends_flow = True

    def name(self) -> str:
        """Return the name under which rules ask for it."""
        return "action_goodbye"

    def decide(self, seen: Seen) -> Done:
        """Take leave; the door stays open."""
        flow = "queue" if seen.known.handed_off else "closing"
        owed = tuple(Say(key=key) for key in owed_on_any_phone(seen.known)) if seen.known.flow == _OPENS else ()
        return (*owed, Say(key="answer.goodbye")), seen.known.with_(flow=flow, pending=None, pending_tries=0)


class Thank(Act):
    """Something hard was told while another question waits."""

    def name(self) -> str:
        """Return the name under which rules ask for it."""
        return "action_thank"

    def decide(self, seen: Seen) -> Done:
        """Thank without repeating the last thanks; before the safety check nothing is said about what was told."""
        return acknowledge(seen)


class ChangeLanguage(Act):
    """Another language: the one they named, or a choice of those that have words."""

    def name(self) -> str:
        """Return the name under which rules ask for it."""
        return "action_change_language"

    def decide(self, seen: Seen) -> Done:
        """Confirm in the new language, or offer what there is, each in its own name."""
        if seen.loop == _OPENING and seen.known.safe != "yes":
            return (), seen.known
        if seen.message.get("language_said"):
            return (Say(key="language.changed"),), seen.known
        # The likely ones first; whoever needs another writes its name.
        likely = (*countries().get(seen.known.country or "", ()), *_WIDELY, *written())
        offered = [code for code in dict.fromkeys(likely) if code in written()][:_OFFERED]
        options = tuple(f"language:{code}" for code in offered)
        return (Say(key="language.offer", options=options, question="language"),), seen.known


class NotUnderstood(Act):
    """Once: in other words, please. Twice: a person is offered.

    Also Rasa's own fallback, where no rule and no story says anything: the message is then taken back, as
    Rasa's fallback does, or it would be predicted again and again.
    """

    takes_back = True

    def name(self) -> str:
        """Return the name under which rules ask for it."""
        return "action_not_understood"

    def decide(self, seen: Seen) -> Done:
        """Ask once more, then offer a person; the waiting question stays open in between."""
        known = seen.known.with_(unclear_in_row=seen.known.unclear_in_row + 1)
        if known.flow == "queue":  # an answer that has just brought a person in is not followed by another
            return (() if seen.answered else (Say(key="handoff.noted"),)), known
        if known.unclear_in_row < triage().stop_after_unclear:
            lines, known = ask_next(known) if seen.loop else ((), known)
            return (Say(key="unclear.first"), *lines), known
        return offer_person(known, "unclear.offer", reason="unclear_twice")


class TellRights(Act):
    """Up to three rights that fit, between a first and a last line."""

    def name(self) -> str:
        """Return the name under which rules ask for it."""
        return "action_tell_rights"

    def decide(self, seen: Seen) -> Done:
        """Say the rights that fit what is known so far; nothing before the safety answer."""
        if seen.loop == _OPENING and seen.known.safe != "yes":
            return (), seen.known
        return tell_rights(seen.known)


class EndUnsafe(Act):
    """Not safe, not sure, or stop: one neutral line and nothing else."""

    ends_flow = True

    def name(self) -> str:
        """Return the name under which rules ask for it."""
        return "action_end_unsafe"

    def decide(self, seen: Seen) -> Done:
        """Say the neutral line; someone unsure also learns how to end."""
        unsure = seen.known.safe == "unsure"
        known = seen.known.with_(flow="unsafe", pending=None, pending_tries=0)
        return (Say(key="ended.unsure.no_number" if unsure else "ended.neutral"),), known
