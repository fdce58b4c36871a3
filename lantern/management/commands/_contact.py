"""What `export` and `erase` share: one contact, named by an address on standard input, never by an argument.

Arguments stand in the history of the shell and in the list of processes.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import TYPE_CHECKING

from django.utils import timezone

from channels.simulator import SIMULATED
from channels.sms_webhook import SMS
from channels.telegram_updates import TELEGRAM
from channels.whatsapp import WHATSAPP

if TYPE_CHECKING:
    from records.models import Contact

CHANNELS = (SMS, TELEGRAM, WHATSAPP, *SIMULATED)


def add_channel(parser: ArgumentParser) -> None:
    """Declare the channel; the address is read from standard input."""
    parser.add_argument("channel", choices=CHANNELS)


def asked_contact(channel: str) -> Contact | None:
    """The contact whose address stands on standard input, or None. That somebody asked is audited."""
    from records.erasure.contact_export import find_contact

    if sys.stdin.isatty():
        print("Number with + and country code, or Telegram id: ", end="", file=sys.stderr, flush=True)  # noqa: T201
    return find_contact(channel, sys.stdin.readline().strip(), None, timezone.now())
