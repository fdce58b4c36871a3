"""Urgent decisions that a supervisor looks at again, and the lines to test against that come of it.

A line is a pointer to the sealed message and what should have been found in it. The words are opened only in
memory, by `judged_lines`, and go with the conversation; what stays is the verdict in the audit, ids only.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from records import audit
from records.errors import LostClaim, SealBroken
from records.models import AuditEvent, Conversation, DecisionReview, InboxMessage, Staff
from records.states import DecisionVerdict, Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A conversation that was urgent, in a list: no word of it is opened."""

    conversation_id: int
    uid: uuid.UUID
    reasons: tuple[str, ...]
    language: str
    at: datetime | None  # when a person was asked in
    verdicts: tuple[DecisionVerdict, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One message of a contact, opened to be judged."""

    inbox_id: int
    at: datetime
    text: str = field(repr=False)
    risks: tuple[tuple[str, str], ...] = ()  # (risk, band) as they were found
    verdict: DecisionVerdict | None = None
    verdict_risks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedLine:
    """A sealed message with what should be found in it."""

    id: int
    language: str
    urgent: bool
    risks: tuple[str, ...]
    text: str = field(repr=False)


def decisions(now: datetime, *, days: int = 30, judged: bool = False) -> list[Decision]:
    """Urgent conversations of the last days, the newest first: those nobody has judged, or those judged."""
    reviewed = Exists(DecisionReview.objects.filter(conversation=OuterRef("pk")))
    rows = Conversation.objects.filter(started_at__gte=now - timedelta(days=days))
    rows = rows.filter(reviewed) if judged else rows.filter(~reviewed, level=Level.URGENT, queued_at__isnull=False)
    return [
        Decision(
            conversation_id=row.pk,
            uid=row.uid,
            reasons=tuple(row.handoff_reasons),
            language=row.language,
            at=row.queued_at,
            verdicts=tuple(DecisionVerdict(one.verdict) for one in row.reviews.all()),
        )
        for row in rows.prefetch_related("reviews").order_by("-queued_at", "-pk")[:200]
    ]


def said(conversation_id: int, staff: Staff, now: datetime) -> list[Said]:
    """What the contact wrote, opened for this person; leaves an audit row.

    Raises:
        Conversation.DoesNotExist: it was erased.
        SealBroken: something stored does not open.
    """
    conversation = Conversation.objects.select_related("day_key").get(pk=conversation_id)
    key = conversation.open_key()
    rows = InboxMessage.objects.filter(conversation=conversation).select_related("review").order_by("pk")
    opened = []
    for row in rows:
        review = getattr(row, "review", None)
        opened.append(
            Said(
                inbox_id=row.pk,
                at=row.received_at,
                text=row.open_payload(key)["text"],
                risks=tuple(
                    (str(one["id"]), str(one.get("band", "")))
                    for one in row.open_findings(key)
                    if one.get("kind") == "risk"
                ),
                verdict=DecisionVerdict(review.verdict) if review else None,
                verdict_risks=tuple(review.risks) if review else (),
            )
        )
    if not AuditEvent.objects.filter(
        action="decision_read", staff=staff, conversation_uid=conversation.uid, at__gt=now - timedelta(minutes=5)
    ).exists():
        audit.record("decision_read", now, staff=staff, conversation_uid=conversation.uid)
    return opened


def judge(
    conversation_id: int, inbox_id: int, verdict: DecisionVerdict, risks: Sequence[str], staff: Staff, now: datetime
) -> None:
    """Keep what a supervisor says of one message; a later answer takes the place of an earlier one.

    Raises:
        LostClaim: the message is gone.
    """
    with transaction.atomic():
        rows = InboxMessage.objects.select_related("conversation")
        inbox = rows.filter(pk=inbox_id, conversation_id=conversation_id).first()
        if inbox is None:
            raise LostClaim
        found = [] if verdict == DecisionVerdict.FALSE else sorted(set(risks))
        DecisionReview.objects.update_or_create(
            inbox=inbox,
            defaults={
                "conversation": inbox.conversation, "verdict": verdict, "risks": found, "staff": staff, "at": now,
            },
        )  # fmt: skip
        audit.record(
            "decision_judged",
            now,
            staff=staff,
            conversation_uid=inbox.conversation.uid,
            details={"inbox": inbox.pk, "verdict": str(verdict.value), "risks": found},
        )


def judged_lines() -> Iterator[JudgedLine]:
    """Every judged message that is still there, opened one by one. Nothing of it may be written anywhere."""
    rows = DecisionReview.objects.select_related("inbox", "conversation__day_key").order_by("pk")
    for row in rows.iterator():
        try:
            text = row.inbox.open_payload(row.conversation.open_key())["text"]
        except SealBroken:
            continue
        yield JudgedLine(
            id=row.pk,
            language=row.conversation.language,
            urgent=row.verdict != DecisionVerdict.FALSE,
            risks=tuple(row.risks),
            text=text,
        )


def verdicts() -> dict[str, int]:
    """How many of each verdict the audit knows, conversations that are gone included; the last one of a message."""
    last: dict[tuple[uuid.UUID | None, object], str] = {}
    for row in AuditEvent.objects.filter(action="decision_judged").order_by("pk"):
        last[row.conversation_uid, row.details.get("inbox")] = str(row.details.get("verdict"))
    counts = dict.fromkeys(DecisionVerdict.values, 0)
    for verdict in last.values():
        counts[verdict] = counts.get(verdict, 0) + 1
    return counts
