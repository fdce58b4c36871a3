"""On call: where staff are reached outside the desk, sealed, and the alerts that went there. No content in either."""

from __future__ import annotations

import uuid

from django.db import models

from records.models.conversation import Conversation
from records.models.staff import Staff
from records.sealing.keys import ON_CALL, open_address, seal_address
from records.states import AlertBy, AlertStatus


class OnCallAddress(models.Model):
    """One way to reach a member of staff; used only while they are on call or their shift runs."""

    uid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="on_call_addresses")
    by = models.CharField(max_length=8, choices=AlertBy.choices)
    address = models.BinaryField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["staff", "by"], name="one_address_a_way"),)

    def seal(self, address: str) -> None:
        """Put the address under a key derived from the master key; `save` is left to the caller."""
        self.address = seal_address(address, self.uid, ON_CALL)

    def open(self) -> str:
        """The address in clear. Raises SealBroken."""
        return open_address(bytes(self.address), self.uid, ON_CALL)


class Alert(models.Model):
    """One person told once, for one wait of one conversation, on one rung of the ladder."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="alerts")
    queued_at = models.DateTimeField()  # which wait: a conversation can come back to the queue
    rung = models.PositiveSmallIntegerField()
    by = models.CharField(max_length=8, choices=AlertBy.choices)
    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    status = models.CharField(max_length=8, choices=AlertStatus.choices, default=AlertStatus.WAITING)
    reason = models.CharField(max_length=60, blank=True)
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["conversation", "queued_at", "rung", "by", "staff"], name="one_alert_a_person_and_rung"
            ),
            models.UniqueConstraint(
                fields=["conversation", "queued_at", "rung", "by"],
                condition=models.Q(staff__isnull=True),
                name="one_alert_to_all_a_rung",
            ),
        )
        indexes = (
            models.Index(fields=["next_try_at"], condition=models.Q(status=AlertStatus.WAITING), name="alert_waiting"),
        )
