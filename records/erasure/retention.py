"""Erases what need not be kept: destroys the key, deletes the rows, and remembers only that it did.

Without consent a conversation lives a day after its last message, unless an urgent
hand-off is open. What is kept otherwise, and for how long, is `KEPT_FOR`. What goes while a
hand-off is open is `records.erasure.erase_words`.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest

from records import audit
from records.casework.cases import OVER
from records.erasure import traces
from records.erasure.case_retention import erase_case_of, erase_cases_again, erase_cases_due
from records.erasure.erase_words import erase_words_due
from records.figures import tallies
from records.models import (
    AssessmentRecord,
    CaseLink,
    Contact,
    Conversation,
    DayKey,
    Draft,
    ErasedConversation,
    InboxMessage,
    Note,
    OutboxMessage,
    Staff,
    TrackerChunk,
)
from records.sealing.readers import destroy_boxes
from records.states import Actor, Consent, InboxStatus, Level, Owner

# Children before parents: an outgoing message points to the incoming one that it answers.
_ROWS = (OutboxMessage, InboxMessage, TrackerChunk, AssessmentRecord, Note, Draft)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFor:
    """How long conversations are kept after their last message, a case after its close."""

    without_consent: timedelta = timedelta(hours=24)
    bot_only: timedelta = timedelta(days=30)
    case: timedelta = timedelta(days=90)


KEPT_FOR = KeptFor()


def erase_due(now: datetime, kept_for: KeptFor = KEPT_FOR) -> int:
    """Erase every conversation whose time is over, and the words of open hand-offs. Return how many it touched."""
    erased = erase_words_due(now) + erase_cases_due(now, kept_for.without_consent, kept_for.case)
    for conversation_id in _candidates(now, kept_for):
        with transaction.atomic():
            # Held, then judged again: a message may have come in since.
            Conversation.objects.select_for_update().filter(pk=conversation_id).first()
            conversation = _due(now, kept_for).filter(pk=conversation_id).first()
            if conversation is not None:
                _erase(conversation, _reason(conversation, now), now, Actor.SYSTEM, None)
                erased += 1
    if erased:
        _forget(now)
    return erased


def erase_conversation(
    conversation_id: int, reason: str, actor: Actor, now: datetime | None = None, *, staff: Staff | None = None
) -> bool:
    """Erase one conversation at once, whatever its state. False when there is none any more."""
    now = now or datetime.now(timezone.utc)
    with transaction.atomic():
        conversation = Conversation.objects.select_for_update().filter(pk=conversation_id).first()
        if conversation is None:
            return False
        _erase(conversation, reason, now, actor, staff)
    _forget(now)
    return True


def erase_again(now: datetime) -> int:
    """Erase what a restored backup brought back. Return how many; run it before the line answers."""
    gone = ErasedConversation.objects.filter(uid=OuterRef("uid"))
    back = list(Conversation.objects.filter(Exists(gone)).values_list("pk", flat=True))
    again = sum(erase_conversation(conversation_id, "restored", Actor.SYSTEM, now) for conversation_id in back)
    return again + erase_cases_again(now)


def remember_erased(erased: dict[uuid.UUID, datetime]) -> None:
    """Take over a list of erasures kept outside the backup that was restored."""
    rows = [ErasedConversation(uid=uid, at=at, reason="restored_list") for uid, at in erased.items()]
    ErasedConversation.objects.bulk_create(rows, ignore_conflicts=True)


def _candidates(now: datetime, kept_for: KeptFor) -> list[int]:
    """What may be due, in order; each part by an index, as this is asked every few seconds among a million.

    No last word is older than its conversation, so the time at which that began narrows whatever counts from there.
    """
    due = _due(now, kept_for)
    parts = (
        due.filter(consent__isnull=True, started_at__lte=now - kept_for.without_consent),
        due.filter(consent=Consent.NO, started_at__lte=now - kept_for.without_consent),
        due.filter(consent=Consent.YES, claimed_at__isnull=True, started_at__lte=now - kept_for.bot_only),
        due.filter(owner=Owner.BOT, claimed_at__isnull=False, started_at__lte=now - kept_for.case),
        due.filter(owner=Owner.CLOSED, closed_at__lte=now - kept_for.case),
        due.filter(erase_at__lte=now),
    )
    return sorted({pk for part in parts for pk in part.values_list("pk", flat=True)})


def _due(now: datetime, kept_for: KeptFor) -> QuerySet[Conversation]:
    messages = InboxMessage.objects.filter(conversation=OuterRef("pk"))
    unheard = messages.filter(status=InboxStatus.NEW)
    unsent = OutboxMessage.objects.filter(conversation=OuterRef("pk"), unfinished=True, not_before__lte=now)
    in_open_case = Q(Exists(CaseLink.objects.filter(conversation=OuterRef("pk")).exclude(case__state__in=OVER)))
    open_handoff = Q(owner__in=(Owner.QUEUE, Owner.STAFF))
    consented = Q(consent=Consent.YES)
    never_with_staff = Q(claimed_at__isnull=True)
    closed_case = Q(owner=Owner.CLOSED) & ~never_with_staff
    return (
        Conversation.objects.alias(
            last=Greatest(
                "started_at",
                Coalesce("last_in_at", "started_at"),
                Coalesce("last_out_at", "started_at"),
            )
        )
        .filter(~Exists(unheard))
        .filter(
            Q(~consented, ~(open_handoff & Q(level=Level.URGENT)), last__lte=now - kept_for.without_consent)
            | Q(consented, ~open_handoff, never_with_staff, last__lte=now - kept_for.bot_only)
            | Q(consented, closed_case, ~in_open_case, closed_at__lte=now - kept_for.case)
            | Q(consented, ~never_with_staff, owner=Owner.BOT, last__lte=now - kept_for.case)
            | Q(~open_handoff, ~Exists(unsent), erase_at__lte=now)
        )
    )


def _reason(conversation: Conversation, now: datetime) -> str:
    if conversation.erase_at is not None and conversation.erase_at <= now:
        return "asked"
    return "kept_long_enough" if conversation.consent == Consent.YES else "no_consent"


def _erase(conversation: Conversation, reason: str, now: datetime, actor: Actor, staff: Staff | None) -> None:
    contact_id = conversation.contact_id
    if reason == "asked":
        erase_case_of(conversation.pk, now)
    else:
        tallies.keep_count(conversation)
    # The key first, in its own statement: secure_delete then overwrites the bytes that opened everything.
    Conversation.objects.filter(pk=conversation.pk).update(wrapped_key=b"", kept_word=None)
    destroy_boxes([conversation.uid])
    traces.remember(conversation, _heard(conversation), _said(conversation), now)
    for model in _ROWS:
        model.objects.filter(conversation=conversation).delete()
    conversation.delete()
    Contact.objects.filter(pk=contact_id, conversations__isnull=True).delete()
    ErasedConversation.objects.update_or_create(uid=conversation.uid, defaults={"at": now, "reason": reason})
    audit.record("erased", now, actor=actor, staff=staff, conversation_uid=conversation.uid, details={"reason": reason})


def _heard(conversation: Conversation) -> QuerySet[InboxMessage]:
    return InboxMessage.objects.filter(conversation=conversation).only("provider_id", "message_id")


def _said(conversation: Conversation) -> QuerySet[OutboxMessage]:
    return OutboxMessage.objects.filter(conversation=conversation).only("provider_id")


def _forget(now: datetime) -> None:
    """Destroy the keys of days that seal nothing any more, and empty the write-ahead log."""
    today = now.astimezone(timezone.utc).date()
    for day in DayKey.objects.filter(date__lt=today):
        # Each looks by an index whether anything is left; a join would read all that is kept, for each that is erased.
        if not (day.conversations.exists() or day.cases.exists()):
            day.delete()
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
