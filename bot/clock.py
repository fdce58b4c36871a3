"""Clock: what time alone brings: the truth about waiting, and erasing what need not be kept.

Each step is one commit of its own. A line told by time goes out only where the last safety answer is yes
and young; `records` checks that again when it is sent.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import structlog

from bot import signals
from bot.words import Line, look, speaks, word
from content.catalogue import SOURCE
from content.helplines import emergency, showable
from content.triage import triage
from records.errors import LostClaim, StaleTurn
from records.models import AssessmentRecord, Conversation
from records.outcome import AuditEntry, Changes, OutboxDraft, TurnOutcome
from records.retention import KeptFor, erase_due
from records.states import Owner, SafeAnswer
from records.turns import ConversationFacts, commit_step, load_conversation
from screening.assessment import Assessment

log = structlog.get_logger()
_AT_ONCE = 200  # conversations told in one tick


def wall_clock() -> datetime:
    """Return now."""
    return datetime.now(timezone.utc)


class Clock:
    """Does what is due."""

    def __init__(self, kept_for: KeptFor | None = None) -> None:
        days = triage().retention_days
        self._kept_for = kept_for or KeptFor(
            without_consent=timedelta(days=days["consent_refused"]),
            bot_only=timedelta(days=days["bot_only"]),
            case=timedelta(days=days["case"]),
        )

    def tick(self, now: datetime | None = None) -> int:
        """Do all that is due now; return how many conversations were touched."""
        now = now or wall_clock()
        return tell_waits(now) + erase_due(now, self._kept_for)


def next_wait(conversation: ConversationFacts) -> datetime | None:
    """Return when this conversation is told next that it waits, or None."""
    waits = triage().waits
    if conversation.owner != Owner.QUEUE or conversation.queued_at is None or conversation.waits_told >= len(waits):
        return None
    return conversation.queued_at + timedelta(minutes=waits[conversation.waits_told])


def tell_waits(now: datetime) -> int:
    """Tell those who wait in the queue the truth, where it is safe; return how many were told."""
    first = now - timedelta(minutes=triage().waits[0])
    waiting = Conversation.objects.filter(
        owner=Owner.QUEUE, queued_at__lte=first, waits_told__lt=len(triage().waits)
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
    drafts = _drafts(facts, now) if _may_be_told(facts, now) else ()
    outcome = TurnOutcome(
        version=facts.version,
        outbox=drafts,
        changes=Changes(waits_told=facts.waits_told + 1),
        audit=(AuditEntry(action="wait_told", details={"wait": facts.waits_told + 1, "sent": len(drafts)}),),
    )
    commit_step(conversation_id, outcome, now)
    signals.publish("desk", [conversation_id])
    log.info("wait_told", conversation=conversation_id, wait=facts.waits_told + 1, sent=len(drafts))
    return 1


def _may_be_told(facts: ConversationFacts, now: datetime) -> bool:
    young = timedelta(minutes=triage().valid_minutes[look(facts.channel)])
    return facts.safe_answer == SafeAnswer.YES and facts.safe_at is not None and now - facts.safe_at <= young


def _drafts(facts: ConversationFacts, now: datetime) -> tuple[OutboxDraft, ...]:
    language = facts.language if speaks(facts.language) else SOURCE
    lines = (Line(key="handoff.waiting"),) if facts.waits_told == 0 else (_numbers(facts, now),)
    valid_for_s = triage().valid_minutes[look(facts.channel)] * 60
    return tuple(
        OutboxDraft(text=one.text, key=one.key, valid_for_s=valid_for_s, timed=True)
        for one in word(lines, language=language, channel=facts.channel)
    )


def _numbers(facts: ConversationFacts, now: datetime) -> Line:
    known = _known(facts)
    numbers = [*showable(known.country, child=known.minor, today=now.date()), emergency(known.country, "police")]
    found = list(dict.fromkeys(number for number in numbers if number))
    if not found:
        return Line(key="handoff.waiting.long.no_number")
    return Line(key="handoff.waiting.long", params={"numbers": ", ".join(found)})


def _known(facts: ConversationFacts) -> Assessment:
    record = AssessmentRecord.objects.select_related("conversation__day_key").filter(conversation_id=facts.id).first()
    return Assessment.from_json(record.open_facts(record.conversation.open_key()) if record else None)
