"""Doctor for SMS: does Twilio know us, do our numbers lead here, and does Twilio keep its own sentences to itself?"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from channels.errors import SendError
from channels.sms import SmsAccount
from channels.sms_codes import cause_of_status
from channels.sms_setup import NumberSetup, ServiceSetup, SmsSetup, SmsSetupClient
from lantern.config import Settings
from lantern.doctor import CannotMend, Finding, asking
from lantern.doctor.address import OurAddress, goes_to
from lantern.doctor.asking import CONSOLE

_SID = re.compile("AC[0-9a-fA-F]{32}")  # of any other shape Twilio's answer would name no cause
NO_SID = (
    "LANTERN_TWILIO_ACCOUNT_SID is no Account SID: one is AC and 32 digits or letters from a to f; it stands beside the"
    f" auth token on the first page of {CONSOLE}. Twilio was not asked"
)


class TwilioCheck:
    """The Twilio account of this installation."""

    name = "SMS (Twilio)"

    def __init__(self, settings: Settings, *, even_if_unreachable: bool = False) -> None:
        self._settings = settings
        self._ours = OurAddress(url=settings.public_url or "", even_if_unreachable=even_if_unreachable)
        self._fault = self._ours.fault()

    def judge(self) -> Iterator[Finding]:
        """Say what is wrong with the account, its numbers and its Messaging Services."""
        if not self._settings.twilio_account_sid:
            yield Finding(sentence="not set up; LANTERN_TWILIO_ACCOUNT_SID would switch it on", wrong=False)
            return
        if self._fault:
            yield Finding(sentence=self._fault)
        if not _SID.fullmatch(self._settings.twilio_account_sid):
            yield Finding(sentence=NO_SID)
            return
        try:
            setup = asyncio.run(self._with_client(lambda client: client.read(self._settings.twilio_senders)))
        except SendError as problem:
            yield Finding(sentence=asking.twilio(self._settings).not_asked(problem))
            return
        yield from _account(setup)
        for sender in self._settings.twilio_senders:
            yield from self._sender(sender, setup)
        yield from _lately(setup)

    @property
    def inbound_url(self) -> str:
        """Where Twilio must post what people write."""
        return f"{self._settings.public_url}/channels/sms"

    def _sender(self, sender: str, setup: SmsSetup) -> Iterator[Finding]:
        if sender.startswith("MG"):
            yield from self._service(sender, setup.services.get(sender), setup)
        elif not sender.startswith("+"):
            yield Finding(
                sentence=f"{sender}: a short code is not among the things this check can read; see in the console that"
                f" its messages go to {self.inbound_url} by POST, and that HELP and STOP are answered as you wish",
                wrong=False,
            )
        else:
            yield from self._number(sender, setup.numbers.get(sender))

    def _number(self, sender: str, number: NumberSetup | None) -> Iterator[Finding]:
        if number is None:
            yield Finding(sentence=f"LANTERN_TWILIO_FROM: {sender} is not a number of this Twilio account")
            return
        if not number.takes_sms:
            yield Finding(sentence=f"{sender} cannot take or send SMS; choose a number with SMS in the console")
        before = "its TwiML application" if number.overruled_by else number.inbound_url
        mend = self._mends(f"what is written to {sender} now comes to {self.inbound_url}", before,
                           lambda client: client.point_number_at(number, self.inbound_url))  # fmt: skip
        if number.overruled_by:
            yield Finding(
                sentence=f"{sender} belongs to a TwiML application, whose addresses win over its own:"
                " what people write does not come here",
                mend=mend,
            )
        elif (number.inbound_url, number.inbound_method) != (self.inbound_url, "POST"):
            yield Finding(
                sentence=f"{sender}: what people write {goes_to(number.inbound_url, number.inbound_method)};"
                f" right is {self.inbound_url} by POST",
                mend=mend,
            )
        elif not number.fallback_url:
            yield Finding(
                sentence=f"{sender}: no fallback address: when we do not answer once, the message stays at Twilio until"
                " the next reconcile; the same address again is right",
                mend=mend,
            )

    def _service(self, sender: str, service: ServiceSetup | None, setup: SmsSetup) -> Iterator[Finding]:
        if service is None:
            yield Finding(sentence=f"LANTERN_TWILIO_FROM: {sender} is not a Messaging Service of this Twilio account")
            return
        if not service.senders:
            yield Finding(sentence=f"Messaging Service {sender} has no sender; add a number to its pool in the console")
        if service.by_number:
            for number in service.numbers:
                yield from self._number(number, setup.numbers.get(number))
            return
        mend = self._mends(
            f"what is written to Messaging Service {sender} now comes to {self.inbound_url}",
            service.inbound_url,
            lambda client: client.point_service_at(service, self.inbound_url),
        )
        if service.inbound_url != self.inbound_url:
            yield Finding(
                sentence=f"Messaging Service {sender}: what people write goes to {service.inbound_url or 'nowhere'};"
                f" right is {self.inbound_url}",
                mend=mend,
            )
        elif not service.fallback_url or not service.sticky_sender:
            lacks = (
                "a fallback address"
                if not service.fallback_url
                else "Sticky Sender, so answers may come from another number"
            )
            yield Finding(sentence=f"Messaging Service {sender} lacks {lacks}", mend=mend)

    def _mends(
        self, done: str, before: str, change: Callable[[SmsSetupClient], Coroutine[Any, Any, None]]
    ) -> Callable[[], str] | None:
        """Return the repair; none that would write an address which was judged wrong a moment ago."""

        def mend() -> str:
            instead = self._ours.takes_over_from(before, self.inbound_url)
            try:
                asyncio.run(self._with_client(change))
            except SendError as problem:
                raise CannotMend(asking.twilio(self._settings).not_asked(problem)) from None
            return done + instead

        return None if self._fault else mend

    async def _with_client(self, work: Callable[[SmsSetupClient], Coroutine[Any, Any, Any]]) -> Any:
        client = SmsSetupClient(
            SmsAccount(
                account_sid=str(self._settings.twilio_account_sid),
                auth_token=str(self._settings.twilio_auth_token),
                senders=self._settings.twilio_senders,
                api_base=self._settings.twilio_api_base,
            )
        )
        try:
            return await work(client)
        finally:
            await client.close()


def _account(setup: SmsSetup) -> Iterator[Finding]:
    if setup.status != "active":
        yield Finding(sentence=f"the Twilio account is {setup.status}: nothing goes out; see {CONSOLE}")
    if setup.trial:
        yield Finding(
            sentence="this is a trial account: it writes to verified numbers only, and puts a sentence of its own"
            " before ours; upgrade it before the number is told to anyone"
        )


def _lately(setup: SmsSetup) -> Iterator[Finding]:
    if setup.own_replies:
        yield Finding(
            sentence=f"Twilio itself answered {setup.own_replies} of the newest messages: somebody who writes HELP or"
            " STOP gets a sentence that is not ours, and STOP blocks our replies. Ask Twilio's support to leave HELP"
            " to you, or write your own HELP and STOP answers under Advanced Opt-Out (docs/how-to/sms.md)"
        )
    for code, count in sorted(setup.failures.items()):
        yield Finding(
            sentence=f"{count} of the newest messages failed with {code}: {cause_of_status(code).staff_reason}",
            wrong=cause_of_status(code).our_fault,
        )
