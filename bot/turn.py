"""Turn: one message through safety, opt-out, owner, dialogue, triage and words, to one outcome.

Pure but for the model: reads the material, proposes an outcome, writes nothing. Safety rules see every
message, whoever owns the conversation. What it proposes becomes true in the runner's one commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from bot import fallback, hearing, unanswered
from bot.dialogue_types import Heard as HeardMessage
from bot.dialogue_types import Step
from bot.hearing import Hearing
from bot.intake import OPTED_OUT
from bot.overtaken import overtaken
from bot.understanding.model import Understanding
from bot.unseen import waiting_still
from bot.words import Line, Worded, look, speaks, word
from content.catalogue import SOURCE
from content.triage import triage
from records.messages.material import SESSION, SNAPSHOT, ConversationFacts, TurnMaterial
from records.messages.outcome import KEEP, AuditEntry, Changes, ContactMarks, OutboxDraft, TurnOutcome
from records.states import Consent, Level, Owner, Role, SafeAnswer
from screening.answers import TAKE_BACK
from screening.ask import ask_by_id, waits_for
from screening.assessment import ROLES, Assessment
from screening.levels import ORDER, grave, level

_ERASE_AFTER = timedelta(seconds=30)  # so that the line that says it is done goes out first
_QUIET = timedelta(seconds=6)  # without another message of theirs, and a flood (more than ten a minute) is over
_MOCKED = ("abuse.first", "abuse.pause")
_TELLS = ("ask_human", "ask_help", "disclose", "report_family", "report_concern", "risk_heard", "language_missing")
_NEUTRAL = ("ended.neutral", "ended.unsure", "ended.unsure.no_number")


class Talks(Protocol):
    """The dialogue: Rasa behind `bot.dialogue`, or nothing."""

    def step(self, heard: HeardMessage, events: Any, slots: dict[str, Any]) -> Step: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the bot wants to say, and what is known after it."""

    known: Assessment
    lines: tuple[Line, ...] = ()
    events: tuple[dict[str, Any], ...] = field(default=(), repr=False)
    before: tuple[dict[str, Any], ...] = field(default=(), repr=False)  # stand for all earlier events
    neutral: bool = False  # the one line that may go out although the contact is marked


class Turns:
    """Makes turns; one instance a lane."""

    def __init__(self, understanding: Understanding, dialogue: Talks | None) -> None:
        self.understanding = understanding
        self.dialogue = dialogue

    def take(self, material: TurnMaterial, now: datetime) -> TurnOutcome:
        """Return what this message makes true.

        Raises:
            DialogueFailed: the dialogue gave no usable answer; nothing of the turn may be used.
            Unsayable: a line has no words.
        """
        heard = hearing.hear(self.understanding, material, now)
        said = self._say(heard, material, now)
        return outcome(material, heard, said, now)

    def _say(self, heard: Hearing, material: TurnMaterial, now: datetime) -> Said:
        facts, known = material.conversation, heard.known
        if heard.provider_mark is not None:
            blocked = heard.provider_mark == "out" and facts.owner == Owner.BOT
            return Said(known=_blocked(known) if blocked else known)
        if heard.exits:
            ended = known.with_(flow="unsafe", pending=None, pending_tries=0)
            lines = () if facts.owner == Owner.STAFF else (Line(key="ended.neutral"),)
            return Said(known=ended, lines=lines, neutral=True)
        if facts.owner == Owner.STAFF:
            return Said(known=_told_staff(heard))
        if heard.silent:
            return Said(known=known)
        if facts.opted_out_at and _opted_out(heard, material) is None:
            return Said(known=_told_into_the_void(heard))
        if heard.late:
            asked, after = ask_by_id(known, known.pending or "")
            again = tuple(Line(**one.to_json()) for one in asked)
            return Said(known=after.with_(pending_tries=known.pending_tries), lines=again)
        if self.dialogue is None:
            return Said(known=known.because("bot_failed").with_(flow="queue"), lines=fallback.lines(known))
        return self._talk(self.dialogue, heard, material, now)

    def _talk(self, dialogue: Talks, heard: Hearing, material: TurnMaterial, now: datetime) -> Said:
        events = () if heard.new_session else this_session(material.events)
        step = dialogue.step(heard.message, events, slots_of(heard.known, heard.language, now, held=heard.held))
        after = Assessment.from_json(step.slots["assessment"])
        after = waiting_still(after, heard.held, heard.known.flow, material)
        lines = tuple(Line(**line) for line in step.lines)
        if lines and unanswered.waits(after) and not any(line.question == unanswered.QUESTION for line in lines):
            asked, after = ask_by_id(after, unanswered.QUESTION)
            lines = (*lines, *(Line(**one.to_json()) for one in asked))
        keys = {line.key for line in lines}
        if keys & set(_MOCKED):  # what follows is not taken at its word: see `bot.hearing`
            after = after.with_(abuse=after.abuse + 1, paused="abuse.pause" in keys)
        if not lines:
            raise fallback.NothingSaid
        if heard.offers_languages and "opening" in keys:
            options = tuple(f"language:{code}" for code in heard.offers_languages)
            lines = (*lines, Line(key="language.offer", options=options, question="language"))
        return Said(
            known=after, lines=lines, events=step.events, before=step.before, neutral=bool(keys & set(_NEUTRAL))
        )


def slots_of(known: Assessment, language: str, now: datetime, *, held: str | None = None) -> dict[str, Any]:
    """Return what the dialogue's rules and actions look at beside the message; what is `held` waits for no answer."""
    return {
        "assessment": known.to_json(),
        "flow": known.flow,
        "waits_for": "none" if held else waits_for(known),
        "today": now.date().isoformat(),
        "language": language,
    }


def outcome(material: TurnMaterial, heard: Hearing, said: Said, now: datetime) -> TurnOutcome:
    """Return the outcome: messages worded, level, owner, marks, and what is audited."""
    facts, known = material.conversation, said.known
    owner: Any = Owner.QUEUE if known.handed_off and facts.owner == Owner.BOT else KEEP
    if facts.owner == Owner.QUEUE and _wishes(material, known, TAKE_BACK):
        owner = Owner.BOT
    found = level(known).name
    raised = _more_urgent(facts.level, Level(found) if found else Level.OFFER if OPTED_OUT in known.reasons else None)
    unsafe = known.flow == "unsafe"
    record = {**known.to_json(), "language_memory": heard.memory, "language": heard.language}
    lines = drafts(said, facts, heard.language, raised, material.last_texts)
    return TurnOutcome(
        version=facts.version,
        next_seq=material.next_seq,
        outbox=lines if owner == Owner.QUEUE or said.neutral else _when_quiet(lines, material, heard, now),
        overtakes=_overtaken(material, heard, lines),
        events=_marked(heard, said),
        assessment=record,
        findings=heard.findings,
        changes=Changes(
            owner=owner,
            level=raised,
            language=heard.language,
            role=Role(known.role) if known.role in ROLES else KEEP,
            consent=Consent(known.consent) if known.consent in ("yes", "no") else KEEP,
            handoff_reasons=_reasons(facts, known),
            safe_answer=_safe(heard, known),
            doubt=heard.doubt or KEEP,
            erase_at=_erase_at(material, known, owner, now),
        ),
        marks=ContactMarks(
            ended=True if heard.exits or unsafe else False if facts.ended_at else None,
            not_safe=_not_safe(heard, facts, unsafe=unsafe),
            opted_out=_opted_out(heard, material),
        ),
        audit=_audit(facts, known, owner, raised),
    )


def _overtaken(material: TurnMaterial, heard: Hearing, lines: tuple[OutboxDraft, ...]) -> tuple[int, ...]:
    """Return the lines of before that these stand for; who says nothing stands for nothing."""
    said = [one.key for one in lines]
    return overtaken(material, said, hurries=heard.message.intent == "risk_heard") if said else ()


def _reasons(facts: ConversationFacts, known: Assessment) -> Any:
    """Why staff read it: with what is grave in it, also where that was heard after they were asked in."""
    if not known.reasons and facts.owner not in (Owner.QUEUE, Owner.STAFF):
        return KEEP
    return tuple(dict.fromkeys((*facts.handoff_reasons, *known.reasons, *grave(known))))


def _blocked(known: Assessment) -> Assessment:
    """Return what is known of who blocks our messages from now on: whoever told something before goes to a person."""
    told = known.indicators or known.risks or known.spoke or known.tellings
    return known.because(OPTED_OUT).with_(flow="queue", pending=None, pending_tries=0) if told else known


def _told_into_the_void(heard: Hearing) -> Assessment:
    """Return what is known of who cannot hear us: nothing is asked, and whoever told something goes to a person."""
    known = heard.known
    tells = known.indicators or known.risks or heard.message.intent in _TELLS
    return known.because(OPTED_OUT).with_(flow="queue", pending=None, pending_tries=0) if tells else known


def _told_staff(heard: Hearing) -> Assessment:
    """Return what is known while staff have it: their answer about safety; after the gap it is not known any more."""
    if heard.told_staff:
        return heard.known.with_(safe=heard.told_staff, pending=None)
    return heard.known.with_(safe=None) if heard.new_session else heard.known


def _not_safe(heard: Hearing, facts: ConversationFacts, *, unsafe: bool) -> bool | None:
    if (unsafe and not heard.exits) or heard.told_staff == "no":
        return True
    return False if facts.not_safe_at else None


def drafts(
    said: Said, facts: ConversationFacts, language: str, now_level: Level | None, last_texts: tuple[str, ...]
) -> tuple[OutboxDraft, ...]:
    """Return the messages to write: worded, and never the same text twice in a row."""
    if not said.lines:
        return ()
    language = language if speaks(language) else SOURCE
    worded = word(said.lines, language=language, channel=facts.channel)
    if tuple(one.text for one in worded) == last_texts and not said.neutral:
        worded = word((Line(key="answer.reading"), *said.lines), language=language, channel=facts.channel)
    valid_for_s = triage().valid_minutes[look(facts.channel)] * 60
    return tuple(_draft(one, valid_for_s, said.neutral, now_level) for one in worded)


def _draft(one: Worded, valid_for_s: int, neutral: bool, now_level: Level | None) -> OutboxDraft:
    return OutboxDraft(
        text=one.text, key=one.key, buttons=one.buttons, valid_for_s=valid_for_s, urgent=now_level == Level.URGENT,
        always=neutral,
    )  # fmt: skip


def _when_quiet(
    lines: tuple[OutboxDraft, ...], material: TurnMaterial, heard: Hearing, now: datetime
) -> tuple[OutboxDraft, ...]:
    """Return the lines as they go in a flood: when it is over, so that one answers all of it; to a new risk at once."""
    if not material.flood or heard.message.intent == "risk_heard":
        return lines
    return tuple(replace(one, not_before=now + _QUIET) for one in lines)


def this_session(events: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    """Return the tracker's events since the last session began, the far ones as the last snapshot holds them."""
    since: list[dict[str, Any]] = []
    for event in events:
        if event.get("event") in (SESSION, SNAPSHOT):
            since = list(event.get("events", ()))
        else:
            since.append(event)
    return since


def _marked(heard: Hearing, said: Said) -> tuple[dict[str, Any], ...]:
    """Mark where a session or a snapshot begins: what the dialogue knew before is not read again."""
    if heard.new_session and said.events:
        return ({"event": SESSION}, *said.events)
    return ({"event": SNAPSHOT, "events": list(said.before)}, *said.events) if said.before else said.events


def _safe(heard: Hearing, known: Assessment) -> Any:
    if known.safe in ("yes", "no", "unsure"):
        # An old button says it, or their own words do, whatever was asked.
        late = heard.message.intent in ("not_safe_now", "risk_heard") and known.safe != "yes"
        fresh = heard.known.safe != known.safe or heard.new_session or late
        return SafeAnswer(known.safe) if fresh or heard.confirms_safety or heard.told_staff else KEEP
    return None if heard.new_session else KEEP


def _erase_at(material: TurnMaterial, known: Assessment, owner: Any, now: datetime) -> Any:
    """When to erase: with the bot soon, all; while a person is needed up to now, so that what comes later is kept."""
    facts = material.conversation
    if facts.owner == Owner.BOT and owner != Owner.QUEUE:
        return now + _ERASE_AFTER if "delete" in known.wishes else KEEP
    if _wishes(material, known, "delete"):
        return now
    asked_lately = facts.owner == Owner.BOT and facts.erase_at and facts.erase_at >= material.received_at
    return facts.last_in_at if asked_lately else KEEP  # up to the message before this one, which staff need


def _wishes(material: TurnMaterial, known: Assessment, wish: str) -> bool:
    """True where this message made the wish."""
    return known.wishes.count(wish) > Assessment.from_json(material.assessment).wishes.count(wish)


def _opted_out(heard: Hearing, material: TurnMaterial) -> bool | None:
    """Say what the provider says; on Telegram a new message also shows that the chat is open again."""
    if heard.provider_mark is not None:
        return heard.provider_mark == "out"
    since = material.conversation.opted_out_at
    open_again = look(material.conversation.channel) == "telegram" and since and material.received_at > since
    return False if open_again else None


def _more_urgent(known: Level | None, new: Level | None) -> Level | None:
    found = [one for one in (known, new) if one is not None]
    return min(found, key=lambda one: ORDER.index(one.value)) if found else None


def _audit(facts: ConversationFacts, known: Assessment, owner: Any, raised: Level | None) -> tuple[AuditEntry, ...]:
    rows = []
    if owner == Owner.QUEUE:
        rows.append(AuditEntry(action="handed_off", details={"reasons": list(known.reasons)}))
    if raised != facts.level and raised is not None:
        rows.append(AuditEntry(action="level_set", details={"level": raised.value, "rules": list(level(known).rules)}))
    return tuple(rows)


__all__ = ["Said", "Turns", "drafts", "outcome", "slots_of", "this_session"]
