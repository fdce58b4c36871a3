"""What the line knows of itself: when a process was last seen alive, how the self-test went, since when a key serves.

Numbers and codes only; nothing here is about a contact.
"""

from __future__ import annotations

from django.db import models


class Beat(models.Model):
    """One process that says it is alive."""

    name = models.CharField(max_length=32)  # runner, delivery, clock
    holder = models.CharField(max_length=128)
    at = models.DateTimeField()
    figures = models.JSONField(default=list, db_default=[])  # [name, labels, value]: what it counts of itself

    class Meta:
        """One row a process."""

        constraints = (models.UniqueConstraint(fields=["name", "holder"], name="one_beat_a_process"),)

    def __str__(self) -> str:
        return f"{self.name} {self.holder}"


class SelfTest(models.Model):
    """The one row about the canary: where it is now, and what became of the last."""

    name = models.CharField(max_length=16, unique=True)
    began_at = models.DateTimeField(null=True, blank=True)  # one is on its way since
    step = models.IntegerField(default=0)  # messages that it has written
    ended_at = models.DateTimeField(null=True, blank=True)
    came_back_at = models.DateTimeField(null=True, blank=True)  # the last that did
    took_ms = models.IntegerField(null=True, blank=True)  # to its last answer
    cause = models.CharField(max_length=40, blank=True)  # where the last one was lost; empty: it came back
    alarmed_at = models.DateTimeField(null=True, blank=True)


class KeyInUse(models.Model):
    """A master key by a mark that tells nothing about it, and since when it seals."""

    mark = models.CharField(max_length=16, unique=True)
    since = models.DateTimeField()
