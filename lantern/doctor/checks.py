"""Which checks there are, in the order in which they are made."""

from __future__ import annotations

from lantern.config import Settings
from lantern.doctor import Check
from lantern.doctor.calls import CallsCheck
from lantern.doctor.line import LineCheck
from lantern.doctor.people import PeopleCheck
from lantern.doctor.storage import StorageCheck
from lantern.doctor.telegram import TelegramCheck
from lantern.doctor.twilio import TwilioCheck
from lantern.doctor.upkeep import UpkeepCheck
from lantern.doctor.whatsapp import WhatsAppCheck


def checks(settings: Settings, *, even_if_unreachable: bool = False) -> tuple[Check, ...]:
    """Every check that this installation needs; providers are told our address where it answers, or in any case."""
    kinds = (TwilioCheck, WhatsAppCheck, TelegramCheck)
    providers = tuple(kind(settings, even_if_unreachable=even_if_unreachable) for kind in kinds)
    return (LineCheck(), *providers, CallsCheck(settings), PeopleCheck(settings), UpkeepCheck(), StorageCheck(settings))
