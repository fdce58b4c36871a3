"""Rasa's own commands in this process, so that our actions run without a server of their own."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings

from content.source import ROOT
from lantern.management.base import BaseCommand


class Command(BaseCommand):
    """`./run rasa ARGUMENTS`"""

    help = "Rasa's own commands with our actions in this process"

    def run_from_argv(self, argv: list[str]) -> None:
        """Hand every argument to Rasa; none is ours."""
        from lantern.model_store import ensure_model

        arguments = argv[2:]
        data = settings.LANTERN.data.resolve()
        needs_model = arguments[:1] == ["shell"] and not {"-h", "--help", "-m", "--model"} & set(arguments)
        model = ensure_model(data, self.stderr.write) if needs_model else None
        os.chdir(ROOT)
        sys.path.insert(0, str(ROOT))
        sys.argv = ["rasa", *with_defaults(arguments, model)]
        _rasa()

    def handle(self, *args: Any, **options: Any) -> None:
        """Nothing: `run_from_argv` has done it."""


def with_defaults(arguments: Sequence[str], model: Path | None) -> list[str]:
    """The arguments, with what `shell` should have: our model, and no door to other machines."""
    found = list(arguments)
    if found[:1] != ["shell"]:
        return found
    if model is not None:
        found += ["-m", str(model)]
    if not {"-i", "--interface"} & set(found):
        found += ["--interface", "127.0.0.1"]
    return found


def _rasa() -> None:
    import rasa.utils.train_utils  # noqa: F401 (with what networks learn with: our dialogue leaves that out)
    from rasa.__main__ import main

    from bot.dialogue.inprocess import use_in_process_actions

    use_in_process_actions()
    main()
