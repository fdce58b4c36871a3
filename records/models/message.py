"""Inbox and outbox: each message once, sealed, with its state and who works on it.

`claimed_by` and `claim_until` say who holds a row and until when; an unheld row with
`claim_until` in the future waits for its next try.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.db.models import ExpressionWrapper, Q

from records.models.conversation import Conversation
from records.sealing.seal import open_json, place, seal_json
from records.states import UNFINISHED, Author, InboxStatus, OutboxStatus


class InboxMessage(models.Model):
    """One message as its provider delivered it. The payload is {text, button, media, hint_language}."""

    uid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="inbox")
    channel = models.CharField(max_length=32)
    provider_id = models.CharField(max_length=200)
    kind = models.CharField(max_length=16)
    payload = models.BinaryField()
    received_at = models.DateTimeField()
    written_at = models.DateTimeField(null=True, blank=True)  # the provider's time, where it tells
    message_id = models.CharField(max_length=64, blank=True)  # under which it is erased, if not `provider_id`
    flood = models.BooleanField(default=False)  # one of very many in a minute: heard after everybody else's
    status = models.CharField(max_length=8, choices=InboxStatus.choices, default=InboxStatus.NEW)
    attempts = models.IntegerField(default=0)
    claimed_by = models.CharField(max_length=100, blank=True)
    claim_until = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    findings = models.BinaryField(null=True, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["channel", "provider_id"], name="inbox_message_once"),)
        indexes = (
            models.Index(fields=["conversation", "id"], condition=Q(status=InboxStatus.NEW), name="inbox_new"),
            models.Index(fields=["id"], condition=Q(status=InboxStatus.NEW), name="inbox_oldest_new"),
        )

    def seal_payload(self, key: bytes, payload: dict[str, Any]) -> None:
        """Put the payload under the conversation's key; `save` is left to the caller."""
        self.payload = seal_json(key, payload, place("inbox", "payload", self.uid))

    def open_payload(self, key: bytes) -> dict[str, Any]:
        """What was written. Raises SealBroken."""
        payload: dict[str, Any] = open_json(key, bytes(self.payload), place("inbox", "payload", self.uid))
        return payload

    def sealed_findings(self, key: bytes, findings: list[dict[str, Any]]) -> bytes:
        """What was found in the message, sealed for the column `findings`."""
        return seal_json(key, findings, place("inbox", "findings", self.uid))

    def open_findings(self, key: bytes) -> list[dict[str, Any]]:
        """What was found in the message; empty when nobody has looked. Raises SealBroken."""
        if self.findings is None:
            return []
        found: list[dict[str, Any]] = open_json(key, bytes(self.findings), place("inbox", "findings", self.uid))
        return found


class OutboxMessage(models.Model):
    """One message to a contact. The payload is {text, buttons}; buttons are [id, label] pairs.

    In a conversation messages go in the order of (not_before, id).
    """

    uid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="outbox")
    inbox = models.ForeignKey(InboxMessage, on_delete=models.CASCADE, null=True, blank=True, related_name="answers")
    n = models.IntegerField(default=0)
    channel = models.CharField(max_length=32)
    author = models.CharField(max_length=8, choices=Author.choices)
    staff = models.ForeignKey("records.Staff", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    key = models.CharField(max_length=100, blank=True)
    payload = models.BinaryField()
    created_at = models.DateTimeField()
    not_before = models.DateTimeField()
    valid_for_s = models.IntegerField()
    urgent = models.BooleanField(default=False)
    timed = models.BooleanField(default=False)
    always = models.BooleanField(default=False)  # goes whoever owns the conversation: the neutral end line
    status = models.CharField(max_length=10, choices=OutboxStatus.choices, default=OutboxStatus.WAITING)
    # Named in full as the condition of the index: SQLite takes a partial index only where no parameter is in between.
    unfinished = models.GeneratedField(
        expression=ExpressionWrapper(Q(status__in=UNFINISHED), models.BooleanField()),
        output_field=models.BooleanField(),
        db_persist=True,
    )
    reason = models.CharField(max_length=60, blank=True)  # a code; the desk has the sentence
    provider_id = models.CharField(max_length=200, blank=True, db_index=True)
    attempts = models.IntegerField(default=0)
    claimed_by = models.CharField(max_length=100, blank=True)
    claim_until = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    client_token = models.CharField(max_length=100, null=True, blank=True, unique=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["inbox", "n"], condition=Q(inbox__isnull=False), name="one_answer_a_place"),
        )
        indexes = (
            models.Index(
                fields=["conversation", "not_before", "id"],
                condition=Q(unfinished=True),
                name="outbox_unfinished",
            ),
        )

    def seal_payload(self, key: bytes, text: str, buttons: tuple[tuple[str, str], ...]) -> None:
        """Put text and buttons under the conversation's key; `save` is left to the caller."""
        self.payload = seal_json(key, {"text": text, "buttons": buttons}, place("outbox", "payload", self.uid))

    def open_payload(self, key: bytes) -> tuple[str, tuple[tuple[str, str], ...]]:
        """Text and buttons. Raises SealBroken."""
        payload = open_json(key, bytes(self.payload), place("outbox", "payload", self.uid))
        return payload["text"], tuple((str(button), str(label)) for button, label in payload["buttons"])
