"""Desk words: bring the desk's own catalogues up to date with its templates and code."""

from __future__ import annotations

from typing import Any

from lantern.management.base import BaseCommand


class Command(BaseCommand):
    """`./run desk_words`"""

    help = "bring the catalogues of the desk itself up to date: new strings empty, old ones out"
    requires_system_checks: list[str] = []  # noqa: RUF012 (Django's own form)

    def handle(self, *args: Any, **options: Any) -> None:
        """Say for each language what came, what went, what waits for a translator."""
        from desk.catalogues import LANGUAGES, missing, update

        for language in LANGUAGES:
            came, went = update(language)
            waiting = len(missing(language))
            self.stdout.write(f"{language}: {came} new, {went} gone, {waiting} without a translation")
