"""Erases what was written while a hand-off stays open: the contact asked to delete, and staff still have to help.

Staff keep the level, the reasons, their notes and the address until they close. The words go, on both
sides, up to `erase_at`; what remains is sealed anew, so that every older copy of it is dead.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from records import audit
from records.erasure import traces
from records.errors import SealBroken
from records.messages.intake import day_key_of
from records.models import AssessmentRecord, Conversation, Draft, InboxMessage, Note, OutboxMessage, TrackerChunk
from records.sealing.keys import new_key, wrap_data_key
from records.states import Actor, InboxStatus, Owner

_LONGEST_ID = 100
_WORDS = "words"  # the name under which a finding keeps its evidence

Row = TypeVar("Row", bound=models.Model)


def erase_words_due(now: datetime) -> int:
    """Erase the words of every open hand-off whose contact asked for it. Return how many.

    A message that is still being heard or sent is erased by a later call, once it is finished.
    """
    touched = 0
    for conversation_id in list(_due(now).values_list("pk", flat=True)):
        with transaction.atomic():
            # Held, then judged again: staff may have closed it, or somebody else was faster.
            Conversation.objects.select_for_update().filter(pk=conversation_id).first()
            conversation = _due(now).select_related("day_key").filter(pk=conversation_id).first()
            if conversation is not None:
                _erase(conversation, now)
                touched += 1
    return touched


def without_words(value: Any) -> Any:
    """The value with ids and numbers only: evidence is emptied, and so is whatever else reads like a text."""
    if isinstance(value, dict):
        return {name: "" if name == _WORDS else without_words(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_words(item) for item in value]
    if isinstance(value, str) and (len(value) > _LONGEST_ID or any(letter.isspace() for letter in value)):
        return ""
    return value


def _due(now: datetime) -> QuerySet[Conversation]:
    of, until = OuterRef("pk"), OuterRef("erase_at")
    return Conversation.objects.filter(owner__in=(Owner.QUEUE, Owner.STAFF), erase_at__lte=now).filter(
        Exists(_heard(of, until)) | Exists(_said(of, until)) | Exists(_drafted(of, until))
    )


def _heard(conversation: Any, until: Any) -> QuerySet[InboxMessage]:
    return InboxMessage.objects.filter(
        conversation=conversation, received_at__lte=until, status__in=(InboxStatus.DONE, InboxStatus.FAILED)
    )


def _said(conversation: Any, until: Any) -> QuerySet[OutboxMessage]:
    return OutboxMessage.objects.filter(conversation=conversation, created_at__lte=until, unfinished=False)


def _drafted(conversation: Any, until: Any) -> QuerySet[Draft]:
    return Draft.objects.filter(conversation=conversation, written_at__lte=until)


def _erase(conversation: Conversation, now: datetime) -> None:
    heard = _heard(conversation, conversation.erase_at)
    said = _said(conversation, conversation.erase_at)
    counts: dict[str, audit.Detail] = {"in": heard.count(), "out": said.count()}
    traces.remember(conversation, heard, said, now)
    said.delete()
    if counts["in"]:
        # Only with a message of theirs: a line of ours that ends late must not take newer words along.
        TrackerChunk.objects.filter(conversation=conversation).delete()
        OutboxMessage.objects.filter(inbox__in=heard).update(inbox=None)  # not sent yet: it stays
        heard.delete()
    _drafted(conversation, conversation.erase_at).delete()
    _seal_anew(conversation, now, wordless=bool(counts["in"]))
    audit.record("words_erased", now, actor=Actor.SYSTEM, conversation_uid=conversation.uid, details=counts)


def _seal_anew(conversation: Conversation, now: datetime, *, wordless: bool) -> None:
    """Give the conversation a new key, and put what remains under it."""
    try:
        old = conversation.open_key()
    except SealBroken:
        old = new_key()  # opens nothing: what does not open today never will
    new, day_key = new_key(), day_key_of(now)
    for inbox in _rows(InboxMessage, conversation):
        _move(inbox, ("payload", "findings"), lambda row: _move_inbox(row, old, new))
    for outbox in _rows(OutboxMessage, conversation):
        _move(outbox, ("payload",), lambda row: row.seal_payload(new, *row.open_payload(old)))
    for chunk in _rows(TrackerChunk, conversation):
        _move(chunk, ("sealed",), lambda row: row.seal_events(new, row.open_events(old)))
    for jotting in (*_rows(Note, conversation), *_rows(Draft, conversation)):
        _move(jotting, ("sealed",), lambda row: row.seal_text(new, row.open_text(old)))
    for record in _rows(AssessmentRecord, conversation):
        _move(record, ("sealed",), lambda row: _move_assessment(row, old, new, wordless=wordless))
    # A turn made from what is gone is refused by the version.
    Conversation.objects.filter(pk=conversation.pk).update(
        wrapped_key=wrap_data_key(day_key.open(), new, conversation.uid),
        day_key=day_key,
        version=F("version") + 1,
    )


def _rows(model: type[Row], conversation: Conversation) -> list[Row]:
    return list(model._default_manager.filter(conversation=conversation))


def _move(row: Row, columns: tuple[str, ...], seal: Any) -> None:
    """Seal a row anew; one that did not open before stays as it is, and does not keep back the others."""
    try:
        seal(row)
    except SealBroken:
        return
    row.save(update_fields=columns)  # the rest of the row belongs to whoever works on it


def _move_inbox(row: InboxMessage, old: bytes, new: bytes) -> None:
    payload, findings = row.open_payload(old), row.open_findings(old)
    row.seal_payload(new, payload)
    if row.findings is not None:
        row.findings = row.sealed_findings(new, findings)


def _move_assessment(row: AssessmentRecord, old: bytes, new: bytes, *, wordless: bool) -> None:
    facts = row.open_facts(old)
    row.seal_facts(new, without_words(facts) if wordless else facts)
