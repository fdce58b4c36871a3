"""SMS through Twilio: makes one try to send, names the failure, finds what it sent.

Uses Twilio's own client over an HTTP client of ours: another address for tests and
proxies, a time limit, one pool of connections, and nothing in the logs (the
package's own logs the number that we write to). Incoming messages: `sms_webhook`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import aiohttp
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http import AsyncHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from channels.base import Outbound, Sent
from channels.errors import FateUnknown, ProviderUnreachable, TooLong
from channels.parts import SMART
from channels.sms_codes import cause_of
from channels.sms_webhook import SMS

MAX_LETTERS = 1600  # Twilio's limit for a body
TIMEOUT_S = 10.0
CONNECT_TIMEOUT_S = 5.0
CONNECTIONS = 20  # Twilio lets about 100 calls of an account run at once
MIN_VALIDITY_S, MAX_VALIDITY_S = 5, 36_000
FOUND_AMONG = 50  # newest messages to this number that we look through
CLOCKS_APART = timedelta(seconds=90)  # Twilio's clock against ours


@dataclass(frozen=True, kw_only=True)
class SmsAccount:
    """Whose account, which number or Messaging Service (MG...), and where Twilio reports back."""

    account_sid: str
    auth_token: str = field(repr=False)
    sender: str
    status_url: str | None = None
    api_base: str | None = None


class TwilioHttp(AsyncHttpClient):  # type: ignore[misc]  # the package has no types
    """Twilio's requests on one aiohttp session, made when first used and closed by us."""

    def __init__(self, base_url: str | None, timeout_s: float = TIMEOUT_S) -> None:
        self.is_async = True
        self._base = urlsplit(base_url) if base_url else None
        self._timeout = aiohttp.ClientTimeout(total=timeout_s, sock_connect=CONNECT_TIMEOUT_S)
        self._session: aiohttp.ClientSession | None = None

    async def request(
        self,
        method: str,
        url: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=self._timeout, connector=aiohttp.TCPConnector(limit=CONNECTIONS)
            )
        async with self._session.request(
            method,
            self._rebased(url),
            params=_wire(params),
            data=_wire(data),
            headers=headers,
            auth=aiohttp.BasicAuth(*auth) if auth else None,
            allow_redirects=False,  # a redirect would carry the message elsewhere
        ) as answer:
            return Response(answer.status, await answer.text(), answer.headers)

    async def close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _rebased(self, url: str) -> str:
        if self._base is None:
            return url
        made = urlsplit(url)
        return urlunsplit((self._base.scheme, self._base.netloc, self._base.path + made.path, made.query, ""))


class SmsChannel:
    """One Twilio account, as a `Channel`."""

    name = SMS
    can_find_sent = True

    def __init__(self, account: SmsAccount, *, timeout_s: float = TIMEOUT_S) -> None:
        self._account = account
        self._http = TwilioHttp(account.api_base, timeout_s)
        self._client = Client(account.account_sid, account.auth_token, http_client=self._http)

    async def send(self, message: Outbound) -> Sent:
        """Hand one message to Twilio. Buttons are not sent: for SMS the words carry the choices.

        Raises:
            SendError: the cause; `FateUnknown` if Twilio may have taken it.
        """
        if len(message.text) > MAX_LETTERS:
            raise TooLong
        service = self._account.sender.startswith("MG")
        sender = {"messaging_service_sid" if service else "from_": self._account.sender}
        if self._account.status_url:
            # Our own id comes back with each report, also when this call's answer is lost.
            sender["status_callback"] = f"{self._account.status_url}?uid={message.uid}"
        made = await self._call(
            self._client.messages.create_async(
                to=message.recipient.value,
                body=message.text,
                validity_period=max(MIN_VALIDITY_S, min(MAX_VALIDITY_S, message.valid_for_s)),
                smart_encoded=True,
                **sender,
            )
        )
        if not made.sid:
            raise FateUnknown("no-sid")
        return Sent(made.sid)

    async def find_sent(self, message: Outbound) -> Sent | None:
        """Return the message that an earlier try left at Twilio, or None if there is none.

        Looks through the newest messages to this number: same words, made since that try
        began, not known as another message of ours. Not by DateSent: it is empty while a message is queued.

        Raises:
            SendError: Twilio could not be asked.
        """
        since = (message.tried_at or datetime.now(timezone.utc)) - CLOCKS_APART
        listed = await self._call(
            self._client.messages.list_async(to=message.recipient.value, limit=FOUND_AMONG, page_size=FOUND_AMONG)
        )
        for one in listed:
            ours = one.sid not in message.other_ids and str(one.direction).startswith("outbound")
            if ours and one.date_created is not None and one.date_created >= since and _same(one.body, message.text):
                return Sent(one.sid)
        return None

    async def close(self) -> None:
        await self._http.close()

    async def _call(self, request: Any) -> Any:
        try:
            return await request
        except TwilioRestException as problem:
            code = problem.code if isinstance(problem.code, int) else None
            raise cause_of(code, problem.status) from None  # its text holds the number
        except aiohttp.ClientConnectorError:
            raise ProviderUnreachable from None
        except (TwilioException, aiohttp.ClientError, asyncio.TimeoutError, OSError, ValueError, KeyError) as problem:
            raise FateUnknown(type(problem).__name__) from None


def _wire(values: Mapping[str, object] | None) -> dict[str, str] | None:
    if values is None:
        return None
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in values.items()}


def _same(listed: str | None, sent: str) -> bool:
    # An account with redaction shows no words: then time and number must do, a doubled message being worse.
    if not (listed or "").strip(" *x"):
        return True
    return _plain(listed or "") == _plain(sent)


def _plain(text: str) -> str:
    return " ".join(text.translate(SMART).split())  # Smart Encoding changes quotes, and Twilio trims
