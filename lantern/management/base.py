"""The base of our commands: their help names `./run` and hides what only Django's own developers set."""

from __future__ import annotations

from typing import Any

from django.core.management import base


class BaseCommand(base.BaseCommand):
    """A command of the operator."""

    suppressed_base_arguments = {  # noqa: RUF012 (as Django declares it)
        "--version", "--verbosity", "--settings", "--pythonpath", "--traceback", "--no-color", "--force-color",
        "--skip-checks",
    }  # fmt: skip

    writes_audit = False  # it leaves rows; the line whose clock links them may not be running

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Do it, and link the audit rows it wrote."""
        done = super().execute(*args, **options)
        if self.writes_audit:
            from records.audit_chain import link_new

            link_new()
        return done

    def add_base_argument(self, parser: base.CommandParser, *args: str, **kwargs: Any) -> None:
        """Add one of Django's; the first of them comes before ours, so sub-commands take over the name."""
        parser.prog = parser.prog if parser.prog.startswith("./") else f"./{parser.prog}"
        super().add_base_argument(parser, *args, **kwargs)
