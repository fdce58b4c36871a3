"""Key pairs of staff, the organisation's recovery key, and the boxes that hold data keys of what is closed.

Only public halves stand here in clear. A private half opens with its person's password,
or with the recovery key that the organisation keeps on paper.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from records.models.staff import Staff


class RecoveryKey(models.Model):
    """The public half; the private one was printed once. The newest without `retired_at` is the one in use."""

    public = models.BinaryField(max_length=32)
    made_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)


class StaffKey(models.Model):
    """The key pair of one person."""

    staff = models.OneToOneField(Staff, on_delete=models.CASCADE, related_name="key")
    uid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    public = models.BinaryField(max_length=32)
    salt = models.BinaryField(max_length=16)
    by_password = models.BinaryField()  # sealed by the password, and that by the master key
    by_recovery = models.BinaryField(null=True, blank=True)  # a sealed box
    recovery = models.ForeignKey(RecoveryKey, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField()


class KeyBox(models.Model):
    """The data key of something closed (a conversation, a case), in a box that one private key opens."""

    subject = models.UUIDField()  # its uid; no foreign key: conversations and cases share the table
    reader = models.ForeignKey(StaffKey, on_delete=models.CASCADE, null=True, blank=True, related_name="boxes")
    recovery = models.ForeignKey(RecoveryKey, on_delete=models.PROTECT, null=True, blank=True, related_name="boxes")
    sealed = models.BinaryField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["subject", "reader"], name="one_box_a_reader"),
            models.UniqueConstraint(fields=["subject", "recovery"], name="one_box_a_recovery_key"),
            models.CheckConstraint(
                condition=Q(reader__isnull=True, recovery__isnull=False)
                | Q(reader__isnull=False, recovery__isnull=True),
                name="a_box_has_one_key",
            ),
        )


class KeptSecret(models.Model):
    """A secret of the line itself, sealed under the master key: the key of the audit chain."""

    name = models.CharField(max_length=40, unique=True)
    sealed = models.BinaryField()
