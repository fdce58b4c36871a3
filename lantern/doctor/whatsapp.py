"""Doctor for WhatsApp: is our sender online, and does what people write to it lead here?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from channels.errors import SendError
from channels.sms import SmsAccount
from channels.whatsapp_setup import SenderSetup, WhatsAppSetupClient
from lantern.config import Settings
from lantern.doctor import CannotMend, Finding, asking
from lantern.doctor.address import OurAddress, goes_to
from lantern.doctor.asking import CONSOLE


class WhatsAppCheck:
    """The WhatsApp sender of this installation, at Twilio."""

    name = "WhatsApp (Twilio)"

    def __init__(self, settings: Settings, *, even_if_unreachable: bool = False) -> None:
        self._settings = settings
        self._ours = OurAddress(url=settings.public_url or "", even_if_unreachable=even_if_unreachable)

    @property
    def inbound_url(self) -> str:
        """Where Twilio must post what people write."""
        return f"{self._settings.public_url}/channels/whatsapp"

    def judge(self) -> Iterator[Finding]:
        """Say what is wrong with the sender."""
        number = self._settings.whatsapp_from
        if not number:
            yield Finding(sentence="not set up; LANTERN_WHATSAPP_FROM would switch it on", wrong=False)
            return
        try:
            sender = asyncio.run(self._with_client(lambda client: client.read(number)))
        except SendError as problem:
            yield Finding(sentence=asking.twilio(self._settings, host="messaging.twilio.com").not_asked(problem))
            return
        if sender is None:
            yield Finding(
                sentence=f"LANTERN_WHATSAPP_FROM: {number} is not a WhatsApp sender of this Twilio account;"
                f" make one under Messaging, Senders, in {CONSOLE}"
            )
            return
        yield from self._sender(number, sender)

    def _sender(self, number: str, sender: SenderSetup) -> Iterator[Finding]:
        if not sender.online:
            yield Finding(
                sentence=f"{number} is {sender.status or 'in no known state'} at WhatsApp: nothing comes or goes;"
                f" right is ONLINE, see {CONSOLE}"
            )
        right = (sender.inbound_url, sender.inbound_method) == (self.inbound_url, "POST")
        if right and sender.fallback_url:
            return

        def mend() -> str:
            instead = self._ours.takes_over_from(sender.inbound_url, self.inbound_url)
            try:
                asyncio.run(self._with_client(lambda client: client.point_at(sender, self.inbound_url)))
            except SendError as problem:
                raise CannotMend(
                    asking.twilio(self._settings, host="messaging.twilio.com").not_asked(problem)
                ) from None
            return f"what is written to {number} by WhatsApp now comes to {self.inbound_url}{instead}"

        found = goes_to(sender.inbound_url, sender.inbound_method)
        yield Finding(
            sentence=f"{number}: what people write by WhatsApp {found}; right is {self.inbound_url} by POST"
            if not right
            else f"{number}: no fallback address for WhatsApp: when we do not answer once, the message stays at Twilio"
            " until the next reconcile; the same address again is right",
            mend=None if self._ours.fault() else mend,
        )

    async def _with_client(self, work: Callable[[WhatsAppSetupClient], Coroutine[Any, Any, Any]]) -> Any:
        client = WhatsAppSetupClient(
            SmsAccount(
                account_sid=str(self._settings.twilio_account_sid),
                auth_token=str(self._settings.twilio_auth_token),
                senders=(str(self._settings.whatsapp_from),),
                api_base=self._settings.twilio_api_base,
            )
        )
        try:
            return await work(client)
        finally:
            await client.close()
