"""Check: judge all content and data; one line a problem, exit code 1 if there is any."""

from __future__ import annotations

import sys
from typing import Any

from lantern.management.base import BaseCommand


class Command(BaseCommand):
    """`./run check`"""

    help = "judge all content and data: file, line, what was found, what would be right"
    requires_system_checks: list[str] = []  # noqa: RUF012 (Django's own form)

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the problems on standard output, progress and the count on standard error."""
        from content.check import run
        from lantern.judge import areas, counts

        found: set[object] = set()  # a file that cannot be read is one line, however many rules need it
        for name, rules in areas().items():
            problems = [problem for problem in run(rules) if problem not in found]
            found.update(problems)
            for problem in problems:
                self.stdout.write(str(problem))
            self.stderr.write(f"{name}: {f'{len(problems)} to mend' if problems else 'in order'}")
        if found:
            self.stderr.write(f"{len(found)} to mend")
            sys.exit(1)
        self.stdout.write(f"in order: {counts()}")
