"""Who works when, and what a supervisor has said is right: words, helplines, urgent decisions.

None of these rows holds what a contact wrote: a decision that was judged points to the sealed message
and goes with it.
"""

from __future__ import annotations

import uuid

from django.db import models

from records.models.conversation import Conversation
from records.models.message import InboxMessage
from records.models.staff import Staff
from records.states import DecisionVerdict, ShiftKind, WordsState


class Shift(models.Model):
    """A time in which a person is at the desk, or on call."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="shifts")
    kind = models.CharField(max_length=8, choices=ShiftKind.choices, default=ShiftKind.DESK)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="shift_ends_later"),
        )
        indexes = (models.Index(fields=["starts_at", "ends_at"], name="shift_by_time"),)


class CannedReply(models.Model):
    """A sentence of the organisation that workers put into the reply box: never sent by itself."""

    uid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    title = models.CharField(max_length=80)
    language = models.CharField(max_length=16)
    text = models.TextField()
    state = models.CharField(max_length=8, choices=WordsState.choices, default=WordsState.DRAFT)
    changed_by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField()
    reviewed_by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["title", "language"], name="canned_reply_once"),)


class WordsReview(models.Model):
    """A person has read the line's words in a language, as they were then (`mark` changes with the words)."""

    language = models.CharField(max_length=16)
    mark = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=WordsState.choices)
    staff = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["language", "at"], name="words_review_newest"),)


class HelplineCheck(models.Model):
    """A person has tried a number of the list: it is right, or it is not. The newest row counts."""

    country = models.CharField(max_length=2)
    number = models.CharField(max_length=40)
    right = models.BooleanField()
    how = models.CharField(max_length=12)  # called, official, partner
    staff = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["country", "number", "at"], name="helpline_check_newest"),)


class DecisionReview(models.Model):
    """Was it right that this message was urgent, or was not? The answer is a line to test against.

    It points to the sealed message and holds ids only, so it lives no longer than the message.
    """

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="reviews")
    inbox = models.OneToOneField(InboxMessage, on_delete=models.CASCADE, related_name="review")
    verdict = models.CharField(max_length=8, choices=DecisionVerdict.choices)
    risks = models.JSONField(default=list, blank=True)  # the risks that a reader finds in it
    staff = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
