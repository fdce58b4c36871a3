"""Which checks there are, in the order in which they are made."""

from __future__ import annotations

from lantern.config import Settings
from lantern.doctor import Check
from lantern.doctor.line import LineCheck
from lantern.doctor.storage import StorageCheck
from lantern.doctor.telegram import TelegramCheck
from lantern.doctor.twilio import TwilioCheck
from lantern.doctor.upkeep import UpkeepCheck
from lantern.doctor.whatsapp import WhatsAppCheck


def checks(settings: Settings) -> tuple[Check, ...]:
    """Every check that this installation needs."""
    providers = (TwilioCheck(settings), WhatsAppCheck(settings), TelegramCheck(settings))
    return (LineCheck(), *providers, UpkeepCheck(), StorageCheck(settings))
