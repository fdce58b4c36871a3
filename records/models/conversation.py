"""Contact, conversation, and the key of the day that the conversation's key is wrapped with.

`Conversation.owner` says who answers and `version` grows with each change of facts, so
that a change made on old facts is refused.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from records.sealing.keys import open_address, open_data_key, open_day_key
from records.states import Consent, Level, Owner, Role, SafeAnswer


class DayKey(models.Model):
    """The key of one day, sealed by the master key; new conversations of the day hang on it."""

    date = models.DateField(unique=True)
    wrapped = models.BinaryField()
    created_at = models.DateTimeField()

    def open(self) -> bytes:
        """The key itself. Raises SealBroken."""
        return open_day_key(bytes(self.wrapped), self.date)


class Contact(models.Model):
    """One address on one channel. Who is behind it, nobody knows."""

    uid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    channel = models.CharField(max_length=32)
    address_hash = models.BinaryField(max_length=32)
    address = models.BinaryField()
    opted_out_at = models.DateTimeField(null=True, blank=True)  # the provider's own opt-out, such as STOP
    ended_at = models.DateTimeField(null=True, blank=True)  # exit word; the runner clears it when they write
    not_safe_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["channel", "address_hash"], name="contact_once_a_channel"),)

    def open_address(self) -> str:
        """The address in clear. Raises SealBroken."""
        return open_address(bytes(self.address), self.uid)


class People(models.Manager["Conversation"]):
    """Conversations with people: the canary of the self-test is seen by nobody who does not ask for it."""

    def get_queryset(self) -> models.QuerySet[Conversation]:
        """Everything but the canary."""
        return super().get_queryset().filter(canary=False)


class Conversation(models.Model):
    """From a first message to its close. A contact has at most one that is not closed."""

    uid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="conversations")
    owner = models.CharField(max_length=8, choices=Owner.choices, default=Owner.BOT)
    level = models.CharField(max_length=8, choices=Level.choices, null=True, blank=True)
    language = models.CharField(max_length=16, blank=True)
    role = models.CharField(max_length=10, choices=Role.choices, null=True, blank=True)
    consent = models.CharField(max_length=4, choices=Consent.choices, null=True, blank=True)
    wrapped_key = models.BinaryField()
    day_key = models.ForeignKey(DayKey, on_delete=models.PROTECT, related_name="conversations")
    line = models.CharField(max_length=64, blank=True)  # which of our own numbers they wrote to
    lane_hash = models.BigIntegerField()  # crc32 of uid
    version = models.IntegerField(default=0)
    started_at = models.DateTimeField()
    last_in_at = models.DateTimeField(null=True, blank=True)
    last_out_at = models.DateTimeField(null=True, blank=True)
    queued_at = models.DateTimeField(null=True, blank=True)
    # Since when no person has answered them: a hand-back begins another wait, and not this one anew.
    unanswered_since = models.DateTimeField(null=True, blank=True)
    handoff_reasons = models.JSONField(default=list, blank=True)  # ids only
    claimed_by = models.ForeignKey(
        "records.Staff", on_delete=models.PROTECT, null=True, blank=True, related_name="held"
    )
    claimed_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=40, blank=True)
    safe_answer = models.CharField(max_length=8, choices=SafeAnswer.choices, null=True, blank=True)
    safe_at = models.DateTimeField(null=True, blank=True)
    # The risk heard since, after which that answer does not stand. A default of the database, as of `canary`.
    doubt = models.CharField(max_length=40, blank=True, default="", db_default="")
    doubt_at = models.DateTimeField(null=True, blank=True)
    waits_told = models.IntegerField(default=0)
    erase_at = models.DateTimeField(null=True, blank=True)  # the contact asked to delete
    sealed_at = models.DateTimeField(null=True, blank=True)  # closed, and its key went to those who may read it
    kept_word = models.BinaryField(null=True, blank=True)  # the safe word after that, under the master key
    # The self-test's own. A default of the database, so that processes from before this column still write.
    canary = models.BooleanField(default=False, db_default=False)

    # As `records.messages.step.locked` read it: of a row only what differs is written.
    as_read: Mapping[str, Any] = MappingProxyType({})

    every: ClassVar[models.Manager[Conversation]] = models.Manager()  # first: what belongs to a row finds it
    objects: ClassVar[People] = People()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["contact"], condition=~Q(owner=Owner.CLOSED), name="one_open_conversation_a_contact"
            ),
        )
        indexes = (
            models.Index(fields=["queued_at"], condition=Q(owner=Owner.QUEUE), name="conversation_queue"),
            models.Index(fields=["claimed_by"], condition=Q(owner=Owner.STAFF), name="conversation_held"),
            models.Index(fields=["owner", "closed_at", "id"], name="conversation_newest_of_owner"),
            models.Index(
                fields=["id"], condition=Q(owner=Owner.CLOSED, sealed_at__isnull=True), name="conversation_to_seal"
            ),
            # What retention asks for every few seconds (records.erasure.retention).
            models.Index(fields=["consent", "started_at"], name="conversation_by_consent"),
            models.Index(
                fields=["started_at"],
                condition=Q(consent=Consent.YES, claimed_at__isnull=True),
                name="conversation_bot_only",
            ),
            models.Index(
                fields=["started_at"],
                condition=Q(owner=Owner.BOT, claimed_at__isnull=False),
                name="conversation_given_back",
            ),
            models.Index(fields=["erase_at"], condition=Q(erase_at__isnull=False), name="conversation_to_erase"),
        )

    def open_key(self) -> bytes:
        """The data key that opens everything in this conversation.

        Raises:
            SealedToReaders: it is closed, and nobody who may read it is being served here.
            SealBroken: it does not open.
        """
        if self.sealed_at is not None:
            from records.sealing.readers import open_box  # noqa: PLC0415 (readers know their tables, which lie beside this one)

            return open_box(self.uid)
        return open_data_key(self.day_key.open(), bytes(self.wrapped_key), self.uid)
