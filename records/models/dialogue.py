"""The state of the dialogue: tracker chunks, appended turn by turn, and the assessment."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models

from records.models.conversation import Conversation
from records.sealing.seal import open_json, open_packed, place, seal_json, seal_packed


class TrackerChunk(models.Model):
    """The events of one turn. `seq` is the position of the first, `n` how many there are."""

    uid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="chunks")
    seq = models.IntegerField()
    n = models.IntegerField()
    sealed = models.BinaryField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["conversation", "seq"], name="chunk_once"),)

    def _place(self) -> str:
        return place("trackerchunk", f"sealed.{self.seq}", self.uid)

    def seal_events(self, key: bytes, events: list[dict[str, Any]]) -> None:
        """Put the events under the conversation's key, bound to their position."""
        self.sealed = seal_packed(key, events, self._place())

    def open_events(self, key: bytes) -> list[dict[str, Any]]:
        """The events of this chunk. Raises SealBroken, also when it was moved to another position."""
        events: list[dict[str, Any]] = open_packed(key, bytes(self.sealed), self._place())
        return events


class AssessmentRecord(models.Model):
    """What screening knows about the conversation: one a conversation, replaced turn by turn."""

    uid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    conversation = models.OneToOneField(Conversation, on_delete=models.CASCADE, related_name="assessment")
    sealed = models.BinaryField()
    version = models.IntegerField(default=1)

    def seal_facts(self, key: bytes, facts: dict[str, Any]) -> None:
        """Put the assessment under the conversation's key."""
        self.sealed = seal_json(key, facts, place("assessment", "sealed", self.uid))

    def open_facts(self, key: bytes) -> dict[str, Any]:
        """The assessment. Raises SealBroken."""
        facts: dict[str, Any] = open_json(key, bytes(self.sealed), place("assessment", "sealed", self.uid))
        return facts
