"""Closing: moves the key of a closed conversation from the master key to those who may read it.

Runs when nothing of it waits to be heard or sent any more. After that the line itself cannot open
it; what it still needs (the ids for erasing, the address, the safe word that links) it has.
"""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from records import audit
from records.errors import LostClaim, SealBroken
from records.messages.step import locked
from records.models import AssessmentRecord, Case, Conversation, Draft, InboxMessage, OutboxMessage
from records.sealing.keys import open_for, seal_for
from records.sealing.readers import readers, seal_to_readers
from records.sealing.seal import place
from records.states import Actor, CaseState, InboxStatus, Owner

SAFE_WORD = "safe word"
_AT_ONCE = 50  # in one tick of the clock


def seal_closed(now: datetime, at_once: int = _AT_ONCE) -> int:
    """Seal what is closed and finished to those who may read it. Return how many.

    Without anybody who has a key, nothing is: it waits for the first one.
    """
    if not readers().exists():
        return 0
    sealed = 0
    for conversation_id in list(_due().values_list("pk", flat=True)[:at_once]):
        with transaction.atomic():
            sealed += _seal(conversation_id, now)
    for case_id in list(_cases_due().values_list("pk", flat=True)[:at_once]):
        with transaction.atomic():
            sealed += _seal_case(case_id, now)
    if sealed and connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:  # the key that was wrapped by the master key must not stay in the log
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return sealed


def _due() -> QuerySet[Conversation]:
    unheard = InboxMessage.objects.filter(conversation=OuterRef("pk"), status=InboxStatus.NEW)
    unsent = OutboxMessage.objects.filter(conversation=OuterRef("pk"), unfinished=True)
    closed = Conversation.objects.filter(owner=Owner.CLOSED, sealed_at__isnull=True)
    return closed.filter(~Exists(unheard), ~Exists(unsent)).order_by("pk")


def _seal(conversation_id: int, now: datetime) -> bool:
    try:
        conversation = locked(conversation_id)
        # Held, then judged again: something may have come in since.
        if not _due().filter(pk=conversation_id).exists():
            return False
        data_key = conversation.open_key()
    except LostClaim:
        return False
    except SealBroken:
        Conversation.objects.filter(pk=conversation_id).update(sealed_at=now)  # opens for nobody, today or later
        return False
    people = seal_to_readers(conversation.uid, data_key)
    if not people:
        return False
    Draft.objects.filter(conversation=conversation).delete()
    # The word first, the wrapped key in its own statement: secure_delete then overwrites the bytes.
    Conversation.objects.filter(pk=conversation_id).update(kept_word=_kept_word(conversation, data_key))
    Conversation.objects.filter(pk=conversation_id).update(wrapped_key=b"", sealed_at=now)
    details: dict[str, audit.Detail] = {"readers": people}
    audit.record("conversation_sealed", now, actor=Actor.SYSTEM, conversation_uid=conversation.uid, details=details)
    return True


def _cases_due() -> QuerySet[Case]:
    return Case.objects.filter(state__in=(CaseState.CLOSED, CaseState.REFERRED), sealed_at__isnull=True).order_by("pk")


def _seal_case(case_id: int, now: datetime) -> bool:
    Case.objects.select_for_update(of=("self",)).filter(pk=case_id).first()
    case = _cases_due().select_related("day_key").filter(pk=case_id).first()
    if case is None:
        return False
    try:
        people = seal_to_readers(case.uid, case.open_key())
    except SealBroken:
        Case.objects.filter(pk=case_id).update(sealed_at=now)  # opens for nobody, today or later
        return False
    if not people:
        return False
    Case.objects.filter(pk=case_id).update(wrapped_key=b"", sealed_at=now)
    audit.record("case_sealed", now, actor=Actor.SYSTEM, details={"case": case_id, "readers": people})
    return True


def safe_word(conversation: Conversation) -> str:
    """The safe word of a conversation that is sealed to its readers, or nothing. Raises SealBroken."""
    if conversation.kept_word is None:
        return ""
    sealed = bytes(conversation.kept_word)
    return open_for(SAFE_WORD, sealed, word_place(conversation)).decode("utf-8", "surrogatepass")


def word_place(conversation: Conversation) -> str:
    """Where the safe word lies after closing."""
    return place("conversation", "kept_word", conversation.uid)


def _kept_word(conversation: Conversation, data_key: bytes) -> bytes | None:
    record = AssessmentRecord.objects.filter(conversation=conversation).first()
    word = record.open_facts(data_key).get("word") if record else None
    if not word:
        return None
    return seal_for(SAFE_WORD, str(word).encode("utf-8", "surrogatepass"), word_place(conversation))
