"""Twilio's error numbers, as our causes.

After Twilio's pages of errors. A number that is not here is `Refused` (the request was
judged and refused) or, from HTTP 500 on, of unknown fate.
"""

from __future__ import annotations

from channels.errors import (
    Credentials,
    FateUnknown,
    Filtered,
    NotRouted,
    NotYet,
    OptedOut,
    PhoneUnreachable,
    ProviderBusy,
    Refused,
    SenderNotReady,
    SendError,
    TooLate,
    TooLong,
    WindowClosed,
    WrongAddress,
)

HTTP_UNAUTHORIZED, HTTP_FORBIDDEN, HTTP_TOO_MANY, HTTP_SERVER_ERROR = 401, 403, 429, 500

# Our pause when Twilio names none: one part a second is the slowest line it sells.
BUSY_PAUSE_S = 2.0
QUEUE_FULL_PAUSE_S = 60.0

UNSUBSCRIBED = "21610"  # they have texted STOP, as Twilio writes it in a report; 30004 may also be a network's doing

CAUSES: dict[int, type[SendError]] = {
    20009: NotYet,  # a message that Twilio still works on cannot be deleted
    20003: Credentials,  # authentication failed
    20005: Credentials,  # account suspended
    20404: Credentials,  # account not found
    20429: ProviderBusy,  # too many requests; not processed
    21211: WrongAddress,  # not a valid number
    21214: WrongAddress,
    21217: WrongAddress,
    21408: NotRouted,  # region not enabled
    21602: Refused,  # no body
    21603: SenderNotReady,  # no From
    21604: WrongAddress,  # no To
    21606: SenderNotReady,  # From cannot send SMS
    21610: OptedOut,
    21611: ProviderBusy,  # queue of this sender is full
    21612: NotRouted,
    21614: WrongAddress,  # not a mobile number
    21617: TooLong,
    21635: WrongAddress,  # landline
    21659: SenderNotReady,  # From is not a number of ours
    21660: SenderNotReady,
    21703: SenderNotReady,  # Messaging Service without numbers
    21704: SenderNotReady,
    30001: ProviderBusy,  # queue overflow
    30002: Credentials,  # account suspended
    30003: PhoneUnreachable,
    30004: OptedOut,  # blocked by the carrier or the handset's owner
    30005: WrongAddress,  # unknown handset
    30006: WrongAddress,  # landline or carrier out of reach
    30007: Filtered,
    30008: PhoneUnreachable,  # unknown error at the carrier
    30034: SenderNotReady,  # unregistered sender (US)
    30035: SenderNotReady,
    21608: SenderNotReady,  # a trial account writes to verified numbers only
    21712: SenderNotReady,  # not a sender of this Messaging Service
    30010: Refused,  # dearer than the price that we set
    30023: SenderNotReady,  # the carrier's cap for the day (US)
    30027: SenderNotReady,
    30032: SenderNotReady,  # toll-free number not verified
    63001: Credentials,  # WhatsApp: the sender's account is refused
    63003: WrongAddress,  # WhatsApp does not know this number
    63007: SenderNotReady,  # our number is no WhatsApp sender
    63016: WindowClosed,
    63018: ProviderBusy,
    63024: WrongAddress,
    30036: TooLate,  # validity period ran out in Twilio's queue
}


def cause_of(code: int | None, http_status: int) -> SendError:
    """Name a failure of Twilio's API by its number, else by its HTTP status."""
    if http_status >= HTTP_SERVER_ERROR:
        return FateUnknown(code or http_status)  # Twilio may have taken it before it failed
    cause = CAUSES.get(code or 0)
    if cause is None and http_status == HTTP_TOO_MANY:
        cause = ProviderBusy
    if cause is None and http_status in (HTTP_UNAUTHORIZED, HTTP_FORBIDDEN):
        cause = Credentials
    if cause is None:
        return Refused(code or http_status)
    if cause is ProviderBusy:
        return ProviderBusy(code, retry_after_s=QUEUE_FULL_PAUSE_S if code in (21611, 30001) else BUSY_PAUSE_S)
    return cause(code)


def cause_of_status(code: int | None) -> SendError:
    """Name a failure that a status callback reports; an unknown number is the phone's side."""
    return CAUSES.get(code or 0, PhoneUnreachable)(code)
