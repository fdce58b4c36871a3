"""Audit rows and the list of erasures: both outlive the conversation and hold ids only."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any, ClassVar, NoReturn

from django.db import models

from records.errors import AppendOnly
from records.states import Actor


class AppendOnlyQuerySet(models.QuerySet[Any]):
    """Rows are added and read."""

    def update(self, **kwargs: Any) -> NoReturn:
        """Refuse."""
        raise AppendOnly("audit rows are not changed")

    def bulk_update(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse."""
        raise AppendOnly("audit rows are not changed")

    def delete(self) -> NoReturn:
        """Refuse."""
        raise AppendOnly("audit rows are not deleted")


class AuditEvent(models.Model):
    """Who did what to which conversation, when. Written through `records.audit.record`."""

    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=8, choices=Actor.choices)
    staff = models.ForeignKey("records.Staff", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    action = models.CharField(max_length=40)
    conversation_uid = models.UUIDField(null=True, blank=True)  # no foreign key: the row survives the erasure
    details = models.JSONField(default=dict, blank=True)

    objects: ClassVar[models.Manager[AuditEvent]] = models.Manager.from_queryset(AppendOnlyQuerySet)()

    class Meta:
        indexes = (models.Index(fields=["conversation_uid", "action", "at"], name="audit_by_conversation"),)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert; a row that exists is not changed."""
        if not self._state.adding:
            raise AppendOnly("audit rows are not changed")
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse."""
        raise AppendOnly("audit rows are not deleted")


class AuditLink(models.Model):
    """One link of the chain: the hash of an audit row and of the link before it (`records.audit_chain`)."""

    seq = models.BigIntegerField(primary_key=True)
    event_id = models.BigIntegerField(unique=True)  # no foreign key: a row that was taken away must be missed
    hash = models.BinaryField(max_length=32)

    objects: ClassVar[models.Manager[AuditLink]] = models.Manager.from_queryset(AppendOnlyQuerySet)()

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert; a link that exists is not changed."""
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse."""
        raise AppendOnly("audit rows are not deleted")


class ErasedConversation(models.Model):
    """A conversation that is gone; a restored backup must lose it again before the line answers."""

    uid = models.UUIDField(unique=True, default=uuid.uuid4)
    at = models.DateTimeField()
    reason = models.CharField(max_length=40)

    class Meta:
        indexes = (models.Index(fields=["at"], name="erased_newest"),)  # asked for every few seconds
