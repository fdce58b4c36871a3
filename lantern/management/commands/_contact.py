"""What `export` and `erase` share: one contact, named by an address on standard input, never by an argument.

Arguments stand in the history of the shell and in the list of processes. What was typed is shown nowhere again.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from argparse import ArgumentParser
from typing import TYPE_CHECKING

import phonenumbers
from django.utils import timezone

from channels.simulator import SIMULATED
from channels.sms_webhook import SMS
from channels.telegram_updates import TELEGRAM
from channels.whatsapp import WHATSAPP

if TYPE_CHECKING:
    from records.models import Contact

CHANNELS = (SMS, TELEGRAM, WHATSAPP, *SIMULATED)
RIGHT = {
    SMS: "a number with + and country code, such as +15005550006, or a short code of 3 to 6 digits",
    WHATSAPP: "a number with + and country code, such as +15005550006",
    TELEGRAM: "the digits of a Telegram id, such as 4711 (names and numbers of Telegram users are not kept)",
}
_FORM = {SMS: r"\+[1-9][0-9]{6,14}|[0-9]{3,6}", WHATSAPP: r"\+[1-9][0-9]{6,14}", TELEGRAM: r"[1-9][0-9]{0,18}"}
_BETWEEN = "()[]./"  # and dashes, spaces, and the marks of direction that a phone copies along


class NoSuchContactError(Exception):
    """No contact could be named; the sentence says why, the code how the command ends."""

    def __init__(self, sentence: str, code: int) -> None:
        super().__init__(sentence)
        self.code = code


def add_channel(parser: ArgumentParser) -> None:
    """Declare the channel; the address is read from standard input."""
    parser.add_argument("channel", choices=CHANNELS)


def asked_contact(channel: str) -> Contact:
    """The contact whose address stands on standard input. That somebody asked is audited.

    Raises:
        NoSuchContactError: it is no address of that channel, or nothing is kept under it there.
    """
    from records.erasure.contact_export import find_contact

    if sys.stdin.isatty():
        print(f"Address ({RIGHT.get(channel, 'as the try-out page has it')}): ", end="", file=sys.stderr, flush=True)  # noqa: T201
    typed = sys.stdin.readline()
    address = read_address(channel, typed)
    if address is None:
        right = RIGHT.get(channel, "the address of a try-out phone")
        raise NoSuchContactError(f"That is no address on {channel}; right is {right}.", 2)
    found = find_contact(channel, address, None, timezone.now())
    if found is not None:
        return found
    others = [
        other
        for other in CHANNELS
        if other != channel
        and (there := read_address(other, typed)) is not None
        and find_contact(other, there, None, timezone.now()) is not None
    ]
    known = f" It is known on {' and '.join(others)}." if others else ""
    raise NoSuchContactError(f"Nothing is kept under this address on {channel}.{known}", 1)


def read_address(channel: str, typed: str) -> str | None:
    """The address as it is kept, whatever stands between its digits; None if it is none of this channel."""
    if channel not in _FORM:
        return typed.strip() or None
    plain = unicodedata.normalize("NFKC", typed)
    plain = "".join(str(unicodedata.digit(letter, letter)) for letter in plain if not _is_between(letter))
    if plain.startswith("+"):
        plain = _e164(typed, plain)
    return plain if re.fullmatch(_FORM[channel], plain) else None


def _is_between(letter: str) -> bool:
    return letter.isspace() or letter in _BETWEEN or unicodedata.category(letter) in ("Pd", "Cf")


def _e164(typed: str, plain: str) -> str:
    """As providers name it: `+44 (0)20 ...` has a zero that nobody dials from abroad."""
    for text in (typed, plain):
        try:
            found = phonenumbers.parse(text)
        except phonenumbers.NumberParseException:
            continue
        return str(phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164))
    return plain
