"""Erase: everything that is kept about one contact, at once."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from lantern.management.commands._contact import add_channel, asked_contact
from lantern.start import open_database


class Command(BaseCommand):
    """`./run erase CHANNEL < address`"""

    help = "erase everything about one contact"
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare what can be asked for."""
        add_channel(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Erase; the keys first, then the rows."""
        from records.erasure.contact_export import erase_contact
        from records.states import Actor

        open_database(settings.LANTERN)
        contact = asked_contact(options["channel"])
        count = erase_contact(contact.pk, None, timezone.now(), actor=Actor.SYSTEM) if contact else 0
        self.stderr.write(f"{count} conversations are erased; backups lose them within 14 days.")
