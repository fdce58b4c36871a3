"""Registers the desk with Django, and compiles its catalogues."""

from __future__ import annotations

from django.apps import AppConfig
from django.conf import settings


class DeskConfig(AppConfig):
    """The staff console."""

    name = "desk"

    def ready(self) -> None:
        """Compile what translators changed, before anything is translated; hear who signs in."""
        from desk import sessions  # noqa: F401, PLC0415 - its receivers need the models
        from desk.catalogues import compile_all  # noqa: PLC0415 - polib is needed only where something changed

        compile_all(settings.LOCALE_PATHS[0])
