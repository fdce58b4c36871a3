"""How a Twilio account is set up: read it, and point its numbers at us. Used by `./run doctor`.

Facts only; what they mean for the operator is said by the doctor. Failures are those of sending.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from twilio.rest import Client

from channels.answers import full_text, mapping, text, whole
from channels.sms import HTTP_NOT_FOUND, Gone, SmsAccount, TwilioHttp, named_failures

LOOKED_AT = 50  # newest messages of the account
SERVICE = "MG"


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberSetup:
    """One number of the account, and where Twilio takes what is written to it."""

    sid: str
    number: str
    takes_sms: bool
    inbound_url: str
    inbound_method: str
    fallback_url: str
    overruled_by: str  # an application or trunk whose addresses win over those of the number


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSetup:
    """One Messaging Service."""

    sid: str
    inbound_url: str
    by_number: bool  # each number's own address counts
    fallback_url: str
    sticky_sender: bool
    senders: int
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsSetup:
    """What the provider says about our account."""

    status: str
    trial: bool
    numbers: dict[str, NumberSetup]
    services: dict[str, ServiceSetup]
    own_replies: int  # messages among the newest that Twilio wrote by itself
    failures: Counter[int] = field(default_factory=Counter)  # Twilio's error numbers among the newest


class SmsSetupClient:
    """Reads and changes the setup of one account."""

    def __init__(self, account: SmsAccount) -> None:
        self._http = TwilioHttp(account.api_base)
        self._client = Client(account.account_sid, account.auth_token, http_client=self._http)
        self._sid = account.account_sid

    async def read(self, senders: Sequence[str]) -> SmsSetup:
        """Ask for everything about these senders.

        Raises:
            SendError: Twilio could not be asked.
        """
        account = await named_failures(self._client.api.accounts(self._sid).fetch_async())
        services = {one: await self._service(one) for one in senders if one.startswith(SERVICE)}
        wanted = [one for one in senders if one.startswith("+")]
        wanted += [
            number for service in services.values() if service and service.by_number for number in service.numbers
        ]
        numbers = {one: await self._number(one) for one in dict.fromkeys(wanted)}
        newest = await named_failures(self._client.messages.list_async(limit=LOOKED_AT, page_size=LOOKED_AT))
        return SmsSetup(
            status=full_text(account.status),
            trial=text(account.type).lower() == "trial",
            numbers={name: found for name, found in numbers.items() if found},
            services={name: found for name, found in services.items() if found},
            own_replies=sum(text(one.direction) == "outbound-reply" for one in newest),
            failures=Counter(
                whole(one.error_code) for one in newest if one.error_code and text(one.direction).startswith("outbound")
            ),
        )

    async def point_number_at(self, number: NumberSetup, url: str) -> None:
        """Have Twilio post what is written to this number to us, and post it again if the first try fails."""
        await named_failures(
            self._client.incoming_phone_numbers(number.sid).update_async(
                sms_url=url, sms_method="POST", sms_fallback_url=url, sms_fallback_method="POST", sms_application_sid=""
            )
        )

    async def point_service_at(self, service: ServiceSetup, url: str) -> None:
        """The same for all numbers of a Messaging Service; a person keeps hearing from the same number."""
        await named_failures(
            self._client.messaging.v1.services(service.sid).update_async(
                inbound_request_url=url,
                inbound_method="POST",
                fallback_url=url,
                fallback_method="POST",
                use_inbound_webhook_on_number=False,
                sticky_sender=True,
            )
        )

    async def close(self) -> None:
        await self._http.close()

    async def _number(self, number: str) -> NumberSetup | None:
        found = await named_failures(self._client.incoming_phone_numbers.list_async(phone_number=number, limit=1))
        if not found:
            return None
        one: Any = found[0]
        return NumberSetup(
            sid=full_text(one.sid),
            number=number,
            takes_sms=bool(mapping(one.capabilities).get("sms")),
            inbound_url=text(one.sms_url),
            inbound_method=text(one.sms_method),
            fallback_url=text(one.sms_fallback_url),
            overruled_by=text(one.sms_application_sid),
        )

    async def _service(self, sid: str) -> ServiceSetup | None:
        service = self._client.messaging.v1.services(sid)
        try:
            one: Any = await named_failures(service.fetch_async(), gone_at=HTTP_NOT_FOUND)
        except Gone:
            return None
        senders = await named_failures(service.phone_numbers.list_async(limit=LOOKED_AT))
        return ServiceSetup(
            sid=sid,
            inbound_url=text(one.inbound_request_url),
            by_number=bool(one.use_inbound_webhook_on_number),
            fallback_url=text(one.fallback_url),
            sticky_sender=bool(one.sticky_sender),
            senders=len(senders),
            numbers=tuple(full_text(sender.phone_number) for sender in senders),
        )
