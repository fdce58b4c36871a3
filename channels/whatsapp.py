"""WhatsApp through Twilio: the whole channel in this file. It goes over the same account and API as SMS.

What differs: addresses are marked, nothing is counted in parts, a place can be sent, STOP is a word like any
other, and our own words go out only within 24 hours of theirs. Buttons would need templates that WhatsApp has
approved, so answers are numbered as by SMS.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from channels.base import Kind, Outbound, Pace, Sent
from channels.errors import WindowClosed
from channels.sms import TIMEOUT_S, SmsAccount, SmsChannel
from channels.sms_webhook import Fields, SmsWebhook

WHATSAPP = "whatsapp"
MARK = "whatsapp:"
WINDOW = timedelta(hours=24)  # WhatsApp's customer service window
CLOSES_EARLY = timedelta(minutes=1)  # so that a message does not arrive at Twilio after it
PACE = Pace(80.0, 20.0)  # messages a second that Twilio gives a WhatsApp sender


class WhatsAppWebhook(SmsWebhook):
    """Verifies and decodes what Twilio posts for WhatsApp. Names and profile pictures are not read."""

    channel = WHATSAPP

    def kind(self, opt_out_type: str, text: str, media: tuple[str, ...]) -> Kind:
        """Only what Twilio itself says it blocks is an opt-out: by WhatsApp the words are not reserved."""
        if opt_out_type in ("STOP", "START"):
            return Kind.OPT_OUT if opt_out_type == "STOP" else Kind.OPT_IN
        return Kind.MEDIA if media else Kind.TEXT

    def plain(self, address: str) -> str:
        """The number alone."""
        return address.removeprefix(MARK)

    def spelled(self, fields: Fields) -> str:
        """A place that was shared."""
        latitude, longitude = fields.first("Latitude"), fields.first("Longitude")
        return f"geo:{latitude},{longitude}" if latitude and longitude else ""


class WhatsAppChannel(SmsChannel):
    """One WhatsApp sender of a Twilio account, as a `Channel`."""

    name = WHATSAPP
    _reads = WhatsAppWebhook(None, None)

    def __init__(self, account: SmsAccount, *, timeout_s: float = TIMEOUT_S) -> None:
        super().__init__(account, timeout_s=timeout_s)
        self.paces = dict.fromkeys(account.senders, PACE)

    def cost(self, message: Outbound) -> float:
        """A message is a message, however long."""
        return 1.0

    async def send(self, message: Outbound) -> Sent:
        """Hand one message to Twilio, if the contact has written within the last 24 hours.

        Raises:
            SendError: the cause; `WindowClosed` without asking Twilio.
        """
        if message.heard_at is not None and self._now() - message.heard_at > WINDOW - CLOSES_EARLY:
            raise WindowClosed
        return await super().send(message)

    def _address(self, plain: str) -> str:
        return MARK + plain

    def _now(self) -> datetime:
        return datetime.now(timezone.utc)
