"""People: risks, hand-off, the queue, and what happens when a person is declined."""

from __future__ import annotations

from dataclasses import replace

from actions.act import Act, Assessment, Done, Say, Seen
from content.helplines import with_who
from content.triage import triage
from screening.answers import pass_over, take_answer
from screening.ask import SAID, ask_by_id
from screening.levels import certain, urgent
from screening.next_question import careful_question
from screening.rights import tell_rights
from screening.risk_words import gravest, risk_words

# What is said with a hand-off to each role, unless the second key was said already.
_CARE = {"community": {"community.dont": "community.dont"}, "family": {"family.advice": "family.advice"}}
# After an offer these want somebody, however little was told.
_AT_A_LOSS = ("ask_help", "not_understood", "media_received")
_NOTED = ("handoff.noted", "handoff.noted.more", "handoff.noted.stay")


def offer_person(known: Assessment, key: str, *, reason: str | None = None) -> Done:
    """Return the offer of a person outside of a form; without a clear no the next message brings one."""
    lines = (Say(key=key, options=("yes", "no"), question="outside_person"),)
    told = (*known.told, f"offer.{reason}") if reason else known.told
    return lines, known.with_(told=told, offered=known.offered + 1, offered_at=known.tellings).ask("outside_person")


def care_for_others(known: Assessment) -> Done:
    """Return what somebody who worries about another person must know before a helper joins, once."""
    for key, earlier in _CARE.get(known.role or "", {}).items():
        if SAID + key not in known.told and SAID + earlier not in known.told:
            return (Say(key=key),), known.with_(told=(*known.told, SAID + key))
    return (), known


def hand_off(known: Assessment, *reasons: str, key: str | None = None) -> Done:
    """Return the words of a hand-off; the country is asked where no number could be shown without it."""
    person = "yes" if known.person is None else known.person
    known = known.because(*reasons).with_(flow="queue", pending=None, pending_tries=0, person=person)
    care, known = care_for_others(known)
    lines = [Say(key=key or ("handoff.urgent" if urgent(known) else "handoff.asked")), *care]
    if known.country is None and "country" not in known.asked:
        asked, known = ask_by_id(known, "country")
        return [*lines, *asked], known
    helper, known = _ask_helper(known)
    return [*lines, *(helper or (Say(key="handoff.wait"),))], known


def _ask_helper(known: Assessment) -> Done:
    """Return the question whether a woman or a man should write, where there is time: safe, not urgent, not asked."""
    if known.safe != "yes" or urgent(known) or "helper" in known.asked:
        return (), known
    return ask_by_id(known, "helper")


class AnswerRisk(Act):
    """The words of the gravest risk that was not answered yet, and a person now."""

    ends_flow = True

    def name(self) -> str:
        """Return the name under which rules ask for it."""
        return "action_answer_risk"

    def decide(self, seen: Seen) -> Done:
        """Say the risk's words, hand off, and ask only what help needs."""
        known = seen.known
        fresh = [name for name in triage().risks if name in known.fresh_risks]
        name = gravest(tuple(fresh)) or "minor_at_risk"
        words, lines = triage().risks[name], risk_words(known, name)
        known = known.with_(answered_risks=tuple(dict.fromkeys((*known.answered_risks, *fresh))), pending=None)
        known = known.because(*(f"risk.{risk}" for risk in fresh))
        if words.silent:
            return lines, known.with_(flow="unsafe", safe="no")
        care, known = care_for_others(known.with_(flow="queue"))
        follow, known = self._follow(known, ask_call=words.then == "ask_call" and not known.about_other)
        return [*lines, *care, *follow], known

    def _follow(self, known: Assessment, *, ask_call: bool) -> Done:
        if known.country is None and "country" not in known.asked:
            return ask_by_id(known, "country")
        if ask_call and "call" not in known.answers:
            return ask_by_id(known, "call")
        return (), known


class HandOff(Act):
    """They want a person."""

    ends_flow = True

    def name(self) -> str:
        """Return the name under which rules ask for it."""
        return "action_hand_off"

    def decide(self, seen: Seen) -> Done:
        """Bring a person in."""
        asked = "ask_human" if seen.intent == "ask_human" else "wants_person"
        return hand_off(seen.known.with_(person="yes"), asked)


class LanguageMissing(Act):
    """No catalogue in their language: to staff at once, and the truth about it."""

    ends_flow = True

    def name(self) -> str:
        """Return the name under which rules ask for it."""
        return "action_language_missing"

    def decide(self, seen: Seen) -> Done:
        """Say so once; afterwards their messages are noted."""
        if "language_missing" in seen.known.reasons:
            return (Say(key=_NOTED[seen.known.thanked % 3]),), seen.known.with_(thanked=seen.known.thanked + 1)
        known = seen.known.because("language_missing").with_(flow="queue", pending=None)
        return (Say(key="language.missing"),), known


class NoteForStaff(Act):
    """In the queue: what they write is kept for the helper, and they are told so in turning words."""

    def name(self) -> str:
        """Return the name under which rules ask for it."""
        return "action_note_for_staff"

    def decide(self, seen: Seen) -> Done:
        """Say that it was passed on; who asks whether to step in is told again not to."""
        known = seen.known
        if known.role == "community" and seen.asks and known.thanked % 2 == 0:
            return (Say(key="community.dont"),), known.with_(thanked=known.thanked + 1, pending=None)
        careful = careful_question(known)
        if careful and careful != "check_minor_at_risk":
            return ask_by_id(known, careful)
        key = _NOTED[seen.known.thanked % len(_NOTED)]
        return (Say(key=key),), seen.known.with_(thanked=seen.known.thanked + 1, pending=None)


class TakeCheck(Act):
    """In the queue: the answer to the one careful question for a risk that was only possible."""

    def name(self) -> str:
        """Return the name under which rules ask for it."""
        return "action_take_check"

    def decide(self, seen: Seen) -> Done:
        """A yes brings the words of the risk; anything else is kept for the helper, and nothing is asked twice."""
        answer = seen.answer
        known = take_answer(seen.known, answer) if answer else pass_over(seen.known)
        if any(risk in triage().urgent_alone for risk in known.fresh_risks):
            return AnswerRisk().decide(replace(seen, known=known))
        return NoteForStaff().decide(replace(seen, known=known))


class TakeCountry(Act):
    """The country, or nothing, after it was asked."""

    def name(self) -> str:
        """Return the name under which rules ask for it."""
        return "action_take_country"

    def decide(self, seen: Seen) -> Done:
        """Show numbers of the country they named; otherwise go on without."""
        country = seen.message.get("country_said")
        known = seen.known.with_(country=country or seen.known.country, pending=None)
        if not known.handed_off:
            return tell_numbers(known, seen)
        if not country:
            return NoteForStaff().decide(Seen(known, seen.message, seen.today, seen.loop))
        lines, known = tell_numbers(known, seen)
        asked, known = _ask_helper(known)
        return [*lines, *asked], known


def tell_numbers(known: Assessment, seen: Seen) -> Done:
    """Return the line with the numbers that may be shown in their country, or the line that there are none."""
    found = with_who(known.country, child=known.minor, today=seen.today)
    line = Say(key="numbers", params={"numbers": ", ".join(found)}) if found else Say(key="numbers.none")
    return (line,), known.with_(told=(*known.told, "numbers"))


def close(known: Assessment) -> Done:
    """Return the end of a talk; who told something may choose a word to go on with another time, once."""
    if known.safe == "yes" and known.spoke and known.consent == "yes" and "word" not in known.asked:
        asked, known = ask_by_id(known, "word")
        return (Say(key="close"), *asked), known
    return (Say(key="close"),), known


class TakeCall(Act):
    """Whether we should call for help; a no is respected."""

    def name(self) -> str:
        """Return the name under which rules ask for it."""
        return "action_take_call"

    def decide(self, seen: Seen) -> Done:
        """Note the answer for staff."""
        answer = "yes" if seen.intent == "affirm" else "no"
        known = seen.known.with_(pending=None, answers={**seen.known.answers, "call": answer})
        return (Say(key=f"risk.call.{answer}"),), known


class TakePerson(Act):
    """No clear no to the offer of a person: one is brought in where what was told is certain, and they are told."""

    ends_flow = True

    def name(self) -> str:
        """Return the name under which rules ask for it."""
        return "action_take_person"

    def decide(self, seen: Seen) -> Done:
        """Bring a person in, but not to who wants nothing kept and has not asked for one, and not on a guess.

        Who was perhaps misheard, and tells nothing more, is asked about numbers instead. Who worries about another is
        not asked to tell more than they can know.
        """
        if seen.known.consent == "no":
            return Decline().decide(seen)
        known = seen.known
        asked_for = seen.intent in _AT_A_LOSS or known.about_other or "offer.unclear_twice" in known.told
        if asked_for or known.tellings > known.offered_at or certain(known):
            return hand_off(known, "no_answer_to_offer")
        return ask_by_id(known.with_(flow="closing", pending=None), "numbers")


class Decline(Act):
    """They said no to a person: no reason is asked, no second try; two numbers may be left."""

    ends_flow = True

    def name(self) -> str:
        """Return the name under which rules ask for it."""
        return "action_decline"

    def decide(self, seen: Seen) -> Done:
        """Accept it and ask whether numbers are welcome."""
        known = seen.known.with_(person="no", flow="closing", pending=None)
        asked, known = ask_by_id(known, "numbers")
        return (Say(key="decline.ok"), *asked), known


class TakeNumbers(Act):
    """Two numbers if they want them, then the end of the talk."""

    def name(self) -> str:
        """Return the name under which rules ask for it."""
        return "action_take_numbers"

    def decide(self, seen: Seen) -> Done:
        """Say the numbers and close."""
        known = seen.known.with_(pending=None, flow="closing")
        if seen.intent != "affirm":
            return close(known)
        numbers, known = tell_numbers(known, seen)
        lines, known = close(known)
        return [*numbers, *lines], known


class FlowDone(Act):
    """A flow has nothing more to ask: a person if wanted, otherwise rights and the door left open."""

    def name(self) -> str:
        """Return the name under which rules ask for it."""
        return "action_flow_done"

    def decide(self, seen: Seen) -> Done:
        """Hand off, accept a no, or close; nothing where a fixed answer has just brought a person in."""
        known = seen.known
        if known.flow == "queue":
            return (), known
        if known.person == "yes":
            return hand_off(known, "wants_person")
        if known.person == "no":
            return Decline().decide(seen)
        if known.about_other:
            return (Say(key="close.community"),), known.with_(flow="closing", pending=None)
        lines, known = tell_rights(known)
        end, known = close(known.with_(flow="closing", pending=None))
        return [*lines, *end], known


class Refused(Act):
    """No to keeping anything: no questions, numbers, and the offer of a person."""

    ends_flow = True

    def name(self) -> str:
        """Return the name under which rules ask for it."""
        return "action_refused"

    def decide(self, seen: Seen) -> Done:
        """Say that it is fine and offer a person."""
        first = f"{SAID}consent.no" not in seen.known.told
        known = seen.known.with_(told=(*seen.known.told, f"{SAID}consent.no"))
        offer, known = offer_person(known, "ask.person" if first else "ask.person.again")
        return ((Say(key="consent.no"),) if first else ()) + tuple(offer), known


class Reopen(Act):
    """They write again after an end, or after safety in the queue: the open question, nothing about earlier."""

    def name(self) -> str:
        """Return the name under which rules ask for it."""
        return "action_reopen"

    def decide(self, seen: Seen) -> Done:
        """Invite them to write, or offer a person when they already did."""
        known = seen.known
        if known.flow == "closing" and known.spoke and known.person is None:
            return offer_person(known, "ask.person.again")
        return (Say(key="return.hello" if known.flow == "closing" else "ask.story"),), known.with_(pending=None)
