"""Ask: turns the next question into the lines to say, so that no line is said twice in a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from content.questions import Question, questions
from content.rights import rights
from content.triage import triage
from screening.answers import CHECK, MOST_TRIES, pass_over
from screening.assessment import Assessment
from screening.next_question import next_question

# What somebody who worries about another person hears first, once their messages may be kept.
_HELLO = {"family": "family.hello", "community": "community.hello"}
_BEFORE_HELLO = ("safe", "role", "consent", "check_controller_present")
SAID = "said."  # before the key of a line that is said once in a conversation
_SKIP_HINT = f"{SAID}ask.skip_hint"
# Questions that no form asks.
OUTSIDE = (
    "country", "call", "numbers", "delete", "outside_person", "language", "helper", "word", "return_word",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """One line to send: a key of the catalogue, what fills its braces, and the answers offered with it."""

    key: str
    params: Mapping[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    question: str | None = None
    spare: bool = False  # left out where the turn would take more messages than one may bear

    def to_json(self) -> dict[str, Any]:
        """Return plain data for Rasa's message."""
        return asdict(self)


def ask_next(known: Assessment) -> tuple[tuple[Say, ...], Assessment]:
    """Return the lines that ask what the flow wants to know now; no lines when it wants nothing.

    What was asked enough, and came up again because something else was answered in between, gives way to the next
    question. The last one of a flow is not repeated: it waits in silence for whatever they write.
    """
    question = next_question(known)
    if question is None:
        return (), known.with_(pending=None, pending_tries=0)
    if not _asked_enough(known, question):
        return ask(known, question)
    passed = pass_over(known)
    following = next_question(passed)
    return ((), known) if following is None else ask(passed, following)


def _asked_enough(known: Assessment, question: Question) -> bool:
    """True for a question asked as often as it may be; safety, and words of despair, are asked till answered."""
    never = question.id == "safe" or (known.despair and question.id == f"{CHECK}suicide_self_harm")
    return known.pending == question.id and known.pending_tries >= MOST_TRIES and not never


def ask(known: Assessment, question: Question) -> tuple[tuple[Say, ...], Assessment]:
    """Return the lines that ask this question; while it waits, the two ways to ask it take turns."""
    again = known.pending == question.id
    in_other_words = again and known.pending_tries % 2 == 1
    told = list(known.told)
    # What they asked before it was safe waits for that; between danger and help nothing else is said.
    goes_first = known.flow != "queue" and question.id not in ("safe", *OUTSIDE)
    first = known.say_first if goes_first else owed_on_any_phone(known) if again and question.id == "safe" else ()
    lines = [Say(key=key, params=_PARAMS.get(key, dict)(), spare=key in first[1:] and _adds(key)) for key in first]
    hello = _HELLO.get(known.flow) if question.id not in _BEFORE_HELLO else None
    for key in () if again else ((hello,) if hello else ()) + question.before:
        if SAID + key not in told:
            lines.append(Say(key=key))
            told.append(SAID + key)
    key = question.again if in_other_words and question.again else question.key
    if question.id == "safe" and not again:
        key = "opening"
    if question.indicator and not again and _SKIP_HINT not in told:
        lines.append(Say(key="ask.skip_hint"))
        told.append(_SKIP_HINT)
    lines.append(Say(key=key, options=question.options, question=question.id))
    return tuple(lines), known.with_(
        told=tuple(told), say_first=tuple(one for one in known.say_first if one not in first)
    ).ask(question.id)


def _adds(key: str) -> bool:
    """True for an owed line that only adds to the one before it, and gives way where too much would be said at once."""
    return not key.startswith("right.") or key in _on_any_phone()


def _on_any_phone() -> set[str]:
    return {f"right.{name}" for name in rights().on_any_phone}


def owed_on_any_phone(known: Assessment) -> tuple[str, ...]:
    """Return what is owed to a question of theirs and harmless on a phone that others read, if anything."""
    if "controller_present" in (*known.checks, *known.risks):
        return ()
    return tuple(key for key in known.say_first if key in _on_any_phone())


def owe(known: Assessment, keys: Sequence[str]) -> Assessment:
    """Return the assessment of who asked something before it is known to be safe: it is answered once it is."""
    return known.with_(say_first=tuple(dict.fromkeys((*known.say_first, *keys))))


def thank(known: Assessment) -> tuple[tuple[Say, ...], Assessment]:
    """Return a thank-you for what was told, not in the last one's words; nothing before the safety answer."""
    if known.safe != "yes":
        return (), known
    turns = _THANKS_CHILD if known.minor else _THANKS
    key = "ack.other" if known.about_other else turns[known.thanked % len(turns)]
    return (Say(key=key),), known.with_(thanked=known.thanked + 1)


def waits_for(known: Assessment) -> str:
    """Return which question outside of the forms waits for an answer, as the rules name it."""
    if known.flow == "queue" and (known.pending or "").startswith("check_"):
        return "check"
    if known.pending not in OUTSIDE or known.pending == "language":
        return "none"
    return "person" if known.pending == "outside_person" else str(known.pending)


def _days() -> dict[str, str]:
    return {"days": str(triage().retention_days["bot_only"])}


_PARAMS = {"consent.more": _days}
_THANKS, _THANKS_CHILD = ("ack.thanks", "ack.sorry"), ("ack.child", "ack.thanks")


def ask_by_id(known: Assessment, name: str) -> tuple[tuple[Say, ...], Assessment]:
    """Return the lines that ask the question of this id."""
    return ask(known, questions()[name])
