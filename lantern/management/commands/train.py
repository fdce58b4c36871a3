"""Train the model (once; it is cached by the hash of its inputs)."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings

from lantern.management.base import BaseCommand


class Command(BaseCommand):
    """`./run train`"""

    help = "train the model; it is kept and named by the hash of all it was made from"

    def handle(self, *args: Any, **options: Any) -> None:
        """Train and say where the model is."""
        from lantern.model_store import model_path, train

        there = model_path(settings.LANTERN.data).exists()
        began = time.monotonic()
        made = train(settings.LANTERN.data)
        took = "was there already" if there else f"trained in {time.monotonic() - began:.0f} s"
        self.stderr.write(f"model {made.name}: {took}")
