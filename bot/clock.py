"""Clock: what time alone brings: workers who are away, alerts and the truth about waiting, erasing, sealing.

Each step is one commit of its own. A line told by time goes out only where the last safety answer is yes
and young; `records` checks that again when it is sent.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from bot import oncall, signals
from bot.now import wall_clock
from bot.words import Line, look, speaks, word
from content.catalogue import SOURCE
from content.helplines import checked_by, emergency, showable, with_who
from content.triage import Wait, triage
from records.audit_chain import link_new
from records.erasure.retention import KeptFor, erase_due
from records.errors import LostClaim, StaleTurn
from records.messages.law8 import erased_their_chat
from records.messages.material import assessment_of
from records.messages.outcome import AuditEntry, Changes, OutboxDraft, TurnOutcome
from records.messages.turns import ConversationFacts, commit_step, load_conversation
from records.models import Conversation
from records.sealing.closing import seal_closed
from records.staff import alerts, practice, seats
from records.staff.helpline_checks import checks
from records.staff.staff_access import forget_old_sessions
from records.states import NOT_ALONE, Owner, SafeAnswer
from screening.assessment import Assessment

log = structlog.get_logger()
WAITING, LONG = "handoff.waiting", "handoff.waiting.long"
CLOSED = "handoff.closed"  # in place of the first wait: nobody is there who could join
STILL_HERE = "stay.here"  # to whom a person wrote before: "no helper has joined yet" would not be true
_AT_ONCE = 200  # conversations told in one tick


class Clock:
    """Does what is due."""

    def __init__(self, times: KeptFor | None = None) -> None:
        self._kept_for = times or kept_for()

    def tick(self, now: datetime | None = None) -> int:
        """Do all that is due now; return how many conversations were touched."""
        now = now or wall_clock()
        touched = oncall.rest(now) + oncall.climb(now) + tell_waits(now)
        touched += erase_due(now, self._kept_for) + seal_closed(now)
        forget_old_sessions(now)
        link_new(now)
        practice.forget_old(now)
        return touched


def kept_for() -> KeptFor:
    """Return how long what is kept: as the content says."""
    days = triage().retention_days
    return KeptFor(
        without_consent=timedelta(days=days["consent_refused"]),
        bot_only=timedelta(days=days["bot_only"]),
        case=timedelta(days=days["case"]),
    )


def next_wait(conversation: ConversationFacts) -> datetime | None:
    """Return when this conversation is told next that it waits, or None."""
    waits = _waits(conversation)
    if conversation.owner != Owner.QUEUE or conversation.queued_at is None or conversation.waits_told >= len(waits):
        return None
    return _due_at(conversation.queued_at, waits[conversation.waits_told])


def _due_at(queued_at: datetime, wait: Wait) -> datetime:
    return queued_at + timedelta(minutes=wait.after)


def _waits(conversation: ConversationFacts) -> tuple[Wait, ...]:
    """Return what this conversation is told while it waits: more often where somebody needs company."""
    rules = triage()
    needs_company = any(f"risk.{risk}" in conversation.handoff_reasons for risk in rules.company_for)
    return rules.waits_with_company if needs_company else rules.waits


def tell_waits(now: datetime) -> int:
    """Tell those who wait in the queue the truth, where it is safe; return how many were told."""
    lists = (triage().waits, triage().waits_with_company)
    first = now - timedelta(minutes=min(waits[0].after for waits in lists))
    waiting = Conversation.objects.filter(
        owner=Owner.QUEUE, queued_at__lte=first, waits_told__lt=max(map(len, lists))
    ).values_list("pk", flat=True)
    told = 0
    for conversation_id in list(waiting[:_AT_ONCE]):
        try:
            told += _tell(conversation_id, now)
        except (StaleTurn, LostClaim, Conversation.DoesNotExist):
            continue  # it moved while we looked: the next tick sees it as it is then
    if told:
        signals.wake("delivery")
    return told


def _tell(conversation_id: int, now: datetime) -> int:
    facts = load_conversation(conversation_id)
    due = next_wait(facts)
    if due is None or due > now:
        return 0
    place = _newest_due(facts, now)
    drafts = _drafts(facts, now, _waits(facts)[place].say) if _may_be_told(facts, now) else ()
    outcome = TurnOutcome(
        version=facts.version,
        outbox=drafts,
        changes=Changes(waits_told=place + 1),
        audit=(AuditEntry(action="wait_told", details={"wait": place + 1, "sent": len(drafts)}),),
    )
    commit_step(conversation_id, outcome, now)
    signals.publish("desk", [conversation_id])
    log.info("wait_told", conversation=conversation_id, wait=place + 1, sent=len(drafts))
    return 1


def _newest_due(facts: ConversationFacts, now: datetime) -> int:
    """Return the place of the newest wait that is due: after an outage those before it are not told in a burst."""
    queued = facts.queued_at or now
    due = [place for place, one in enumerate(_waits(facts)) if _due_at(queued, one) <= now]
    return max(facts.waits_told, *due)


def _may_be_told(facts: ConversationFacts, now: datetime) -> bool:
    young = timedelta(minutes=triage().valid_minutes[look(facts.channel)])
    said_yes = facts.safe_answer == SafeAnswer.YES and facts.doubt != NOT_ALONE and not erased_their_chat(facts)
    return said_yes and facts.safe_at is not None and now - facts.safe_at <= young


def _drafts(facts: ConversationFacts, now: datetime, say: str) -> tuple[OutboxDraft, ...]:
    language = facts.language if speaks(facts.language) else SOURCE
    lines = _lines(facts, say, now)
    valid_for_s = triage().valid_minutes[look(facts.channel)] * 60
    return tuple(
        OutboxDraft(text=one.text, key=one.key, valid_for_s=valid_for_s, timed=True)
        for one in word(lines, language=language, channel=facts.channel)
    )


def _lines(facts: ConversationFacts, say: str, now: datetime) -> tuple[Line, ...]:
    """Return what is told at this wait: where nobody is on duty, that it may take until somebody is, with numbers."""
    if say == LONG:
        return (_long(facts, now),)
    if say != WAITING:
        return (Line(key=say),)
    if facts.had_person:
        return (Line(key=STILL_HERE),)
    if seats.anyone_here() or alerts.on_duty(now):
        return (Line(key=WAITING),)
    found = _numbers(facts, now, who=True)
    return (Line(key=CLOSED), *((Line(key="numbers", params={"numbers": found}),) if found else ()))


def _long(facts: ConversationFacts, now: datetime) -> Line:
    found = _numbers(facts, now, who=facts.had_person)
    if facts.had_person:  # "still nobody could join" would not be true: somebody was there
        return Line(key="numbers", params={"numbers": found}) if found else Line(key=STILL_HERE)
    return Line(key=LONG, params={"numbers": found}) if found else Line(key=f"{LONG}.no_number")


def _numbers(facts: ConversationFacts, now: datetime, *, who: bool) -> str:
    """Return the numbers that may be shown where they are; `who` answers each, where a sentence has room for it."""
    known = Assessment.from_json(assessment_of(facts.id))
    with checked_by(checks):
        if who:
            return ", ".join(with_who(known.country, child=known.minor, today=now.date()))
        numbers = [*showable(known.country, child=known.minor, today=now.date()), emergency(known.country, "police")]
    return ", ".join(dict.fromkeys(number for number in numbers if number))
