"""Practice: what a member of staff does with a simulated contact. It points to nobody real, and nothing real to it."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.db import models

from records.models.staff import Staff
from records.sealing.keys import open_for, seal_for
from records.sealing.seal import place

PRACTICE = "practice seal"  # the sub-key: somebody may write of somebody real after all


class Practice(models.Model):
    """One practice talk of one person; only they see it, and it is gone a day after they touched it last."""

    uid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="practices")
    dialogue = models.CharField(max_length=40)
    touched_at = models.DateTimeField(db_index=True)
    sealed = models.BinaryField()

    def seal(self, state: dict[str, Any]) -> None:
        """Put what was said under a key derived from the master key; `save` is left to the caller."""
        self.sealed = seal_for(
            PRACTICE, json.dumps(state, ensure_ascii=False).encode("utf-8", "surrogatepass"), practice_place(self)
        )

    def open(self) -> dict[str, Any]:
        """What was said. Raises SealBroken."""
        opened = open_for(PRACTICE, bytes(self.sealed), practice_place(self))
        state: dict[str, Any] = json.loads(opened.decode("utf-8", "surrogatepass"))
        return state


def practice_place(row: Practice) -> str:
    """Where it lies."""
    return place("practice", "sealed", row.uid)
