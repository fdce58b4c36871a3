"""What a message says: JSON lines in, JSON lines out, one answer a line, whatever the line."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.conf import settings

from lantern.management.base import BaseCommand


class Command(BaseCommand):
    """`./run parse`"""

    help = "read {id, text, country?} a line from standard input, write what each message says"

    def handle(self, *args: Any, **options: Any) -> None:
        """Answer every line of standard input."""
        from bot.understanding.model import Understanding
        from bot.understanding.parse import parse_line
        from lantern.model_store import ensure_model

        model = ensure_model(settings.LANTERN.data, self.stderr.write)
        understanding = Understanding.load(model, settings.LANTERN.data.resolve() / "understanding")
        for raw in sys.stdin.buffer:
            line = raw.decode("utf-8", "replace").rstrip("\r\n")
            answer = parse_line(line, understanding)
            sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
            sys.stdout.buffer.flush()
