"""What is known about the providers: pauses, budgets, who leads, what they still have to erase, and notices to staff.

Nothing here holds what people wrote; the one address is sealed, and goes when it is not needed any more.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from records.models.conversation import Conversation


class ProviderState(models.Model):
    """One channel as all processes see it: a provider that is down is left alone by all of them."""

    channel = models.CharField(max_length=32, unique=True)
    paused_until = models.DateTimeField(null=True, blank=True)
    failures = models.IntegerField(default=0)  # one after another
    cause = models.CharField(max_length=60, blank=True)  # the name of the last one
    failing_since = models.DateTimeField(null=True, blank=True)
    reconciled_to = models.DateTimeField(null=True, blank=True)  # nothing before this is missing


class Budget(models.Model):
    """How far ahead one sender of ours has spent its time (used while there is no Redis)."""

    name = models.CharField(max_length=100, unique=True)
    spent_to = models.DateTimeField()


class Lease(models.Model):
    """Work that one process at a time does, and until when it may."""

    name = models.CharField(max_length=64, unique=True)
    holder = models.CharField(max_length=128)
    until = models.DateTimeField()


class ProviderTrace(models.Model):
    """An erased message that its provider may still have.

    The rows stay for a while after: a message that is delivered again must not bring an erased one back.
    """

    uid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    conversation_uid = models.UUIDField()  # no foreign key: it is gone
    channel = models.CharField(max_length=32)
    provider_id = models.CharField(max_length=200)  # under which it came or went
    message_id = models.CharField(max_length=200, blank=True)  # under which it is erased, if another
    address = models.BinaryField(null=True, blank=True)  # sealed; only where erasing needs it, and until then
    erased_at = models.DateTimeField()
    attempts = models.IntegerField(default=0)
    next_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    gone = models.BooleanField(default=False)  # False when settled: the provider keeps it for good

    class Meta:
        indexes = (
            models.Index(fields=["channel", "next_at"], condition=Q(settled_at__isnull=True), name="trace_due"),
            models.Index(fields=["channel", "provider_id"], name="trace_by_id"),
            models.Index(fields=["conversation_uid"], name="trace_by_conversation"),
        )


class Notice(models.Model):
    """Something that a person must look at now; gone with its conversation."""

    at = models.DateTimeField()
    kind = models.CharField(max_length=40)  # a code; the desk has the sentence
    reason = models.CharField(max_length=60, blank=True)
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, null=True, blank=True, related_name="notices"
    )
    seen_at = models.DateTimeField(null=True, blank=True)
    seen_by = models.ForeignKey("records.Staff", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        indexes = (models.Index(fields=["at"], condition=Q(seen_at__isnull=True), name="notice_unseen"),)
