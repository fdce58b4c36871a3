"""Beat: when a process was last seen alive, by the kind of its work."""

from __future__ import annotations

from django.db import models


class Beat(models.Model):
    """One process that says it is alive."""

    name = models.CharField(max_length=32)  # runner, delivery, clock
    holder = models.CharField(max_length=128)
    at = models.DateTimeField()

    class Meta:
        """One row a process."""

        constraints = (models.UniqueConstraint(fields=["name", "holder"], name="one_beat_a_process"),)

    def __str__(self) -> str:
        return f"{self.name} {self.holder}"
