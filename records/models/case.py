"""Case: what the line keeps about one person it helps, under a key of its own.

The case's key hangs on the key of the day it was opened, as a conversation's does. What can tell who
somebody is or what happened is sealed; lists and clocks use the columns in clear: states, times, ids.
"""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db import models

from records.models.conversation import Conversation, DayKey
from records.models.directory import Service
from records.models.staff import Staff
from records.sealing.keys import open_case_key
from records.sealing.seal import open_json, place, seal_json
from records.states import CaseState, ConsentKind, ReferralState, Role


class Case(models.Model):
    """One case. `about` says who wrote to us: a person about themselves, or somebody about another."""

    uid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    about = models.CharField(max_length=10, choices=Role.choices)
    state = models.CharField(max_length=10, choices=CaseState.choices, default=CaseState.ACTIVE)
    language = models.CharField(max_length=16, blank=True)
    kept = models.BooleanField(null=True)  # the last answer to "may we keep a record"; None: not asked
    holder = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    opened_by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    opened_at = models.DateTimeField()
    touched_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    wrapped_key = models.BinaryField()
    day_key = models.ForeignKey(DayKey, on_delete=models.PROTECT, related_name="cases")
    sealed = models.BinaryField()
    sealed_at = models.DateTimeField(null=True, blank=True)  # over, and its key went to those who may read it
    version = models.IntegerField(default=0)

    class Meta:
        indexes = (
            models.Index(fields=["holder", "state"], name="case_by_holder"),
            models.Index(fields=["state", "closed_at"], name="case_by_end"),
        )

    def open_key(self) -> bytes:
        """The key that opens everything in this case.

        Raises:
            SealedToReaders: it is over, and nobody who may read it is being served here.
            SealBroken: it does not open.
        """
        if self.sealed_at is not None:
            from records.sealing.readers import open_box  # noqa: PLC0415 (readers know their tables, which lie beside this one)

            return open_box(self.uid)
        return open_case_key(self.day_key.open(), bytes(self.wrapped_key), self.uid)

    def seal_facts(self, key: bytes, facts: dict[str, Any]) -> None:
        """Put what is known under the case's key; `save` is left to the caller."""
        self.sealed = seal_json(key, facts, place("case", "sealed", self.uid))

    def open_facts(self, key: bytes) -> dict[str, Any]:
        """What is known. Raises SealBroken."""
        facts: dict[str, Any] = open_json(key, bytes(self.sealed), place("case", "sealed", self.uid))
        return facts


class CaseLink(models.Model):
    """A conversation that a worker put into a case. A conversation is in one case at most."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="links")
    conversation = models.OneToOneField(Conversation, on_delete=models.CASCADE, related_name="case_link")
    staff = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()


class _CasePart(models.Model):
    """Something in a case with a sealed text or a few sealed fields."""

    table: ClassVar[str]

    uid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="%(class)ss")
    staff = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    sealed = models.BinaryField()
    client_token = models.CharField(max_length=100, null=True, blank=True, unique=True)

    class Meta:
        abstract = True

    def seal(self, key: bytes, words: dict[str, str]) -> None:
        """Put the words under the case's key; `save` is left to the caller."""
        self.sealed = seal_json(key, words, place(self.table, "sealed", self.uid))

    def opened(self, key: bytes) -> dict[str, str]:
        """The words. Raises SealBroken."""
        words: dict[str, str] = open_json(key, bytes(self.sealed), place(self.table, "sealed", self.uid))
        return words


class CaseNote(_CasePart):
    """What a worker writes down. `share` marks a note that may go into an export."""

    table = "casenote"
    share = models.BooleanField(default=False)


class CaseTask(_CasePart):
    """Something to do, by whom and until when."""

    table = "casetask"
    due_at = models.DateTimeField(null=True, blank=True)
    assigned_to = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        indexes = (models.Index(fields=["assigned_to", "done_at", "due_at"], name="task_by_person"),)


class CaseConsent(_CasePart):
    """An answer about consent: to what, when, how, and which limits were told first. Never changed, only followed."""

    table = "caseconsent"
    kind = models.CharField(max_length=12, choices=ConsentKind.choices)
    given = models.BooleanField()
    how = models.CharField(max_length=12)
    limits = models.JSONField(default=list, blank=True)  # ids of what was told
    service = models.ForeignKey(Service, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")


class CaseReferral(_CasePart):
    """A service that the person was told of or sent to, and what became of it."""

    table = "casereferral"
    service = models.ForeignKey(Service, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    consent = models.ForeignKey(CaseConsent, on_delete=models.RESTRICT, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=10, choices=ReferralState.choices, default=ReferralState.OFFERED)
    reason = models.CharField(max_length=40, blank=True)
    follow_up_on = models.DateField(null=True, blank=True)
    changed_at = models.DateTimeField()
