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
from typing import Any, ClassVar
from urllib.parse import urlsplit, urlunsplit

import aiohttp
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http import AsyncHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from channels.answers import SHAPE, as_answered
from channels.base import Address, Inbound, Outbound, Pace, Sent, Trace
from channels.errors import FateUnknown, ProviderUnreachable, TooLong
from channels.parts import SMART, parts
from channels.sms_codes import cause_of
from channels.sms_webhook import SMS, SmsWebhook

MAX_LETTERS = 1600  # Twilio's limit for a body
TIMEOUT_S = 10.0
CONNECT_TIMEOUT_S = 5.0
CONNECTIONS = 20  # Twilio lets about 100 calls of an account run at once
MIN_VALIDITY_S, MAX_VALIDITY_S = 5, 36_000
FOUND_AMONG = 50  # newest messages to this number that we look through
TOLL_FREE = ("+1800", "+1833", "+1844", "+1855", "+1866", "+1877", "+1888")
HTTP_NOT_FOUND = 404
NEVER_WENT = ("failed", "undelivered", "canceled")  # a copy that ended so is no reason not to send
PAGE = 500  # messages that one answer of Twilio's may hold when all are asked for
MOST_PAGES, LISTED_WITHIN_S = 200, 120.0  # 100,000 messages: more than any line hears between two looks
TWILIO = "twilio.com"
MAX_MEDIA = 10
CLOCKS_APART = timedelta(seconds=90)  # Twilio's clock against ours


@dataclass(frozen=True, kw_only=True)
class SmsAccount:
    """Whose account, which numbers or Messaging Services (MG...), and where Twilio reports back."""

    account_sid: str
    auth_token: str = field(repr=False)
    senders: tuple[str, ...]  # the first is for those who wrote to none of them
    by_country: Mapping[str, str] = field(default_factory=dict)  # calling code to the sender that is allowed there
    parts_a_second: float | None = None
    status_url: str | None = None
    api_base: str | None = None

    def sender_for(self, line: str, to: str) -> str:
        """The sender that a country demands, else the one they wrote to."""
        codes = [code for code in self.by_country if to.startswith(code)]
        if codes:
            return self.by_country[max(codes, key=len)]
        return line if line in self.senders else self.senders[0]


def pace_of(sender: str) -> Pace:
    """What Twilio gives a sender of this kind, in parts a second (its support pages on throughput)."""
    if sender.startswith("MG"):
        return Pace(10.0, 10.0)  # a pool: at least this, in most countries
    if not sender.startswith("+"):
        return Pace(100.0, 20.0) if sender.isdigit() else Pace(10.0, 10.0)  # a short code; an alphanumeric sender
    if sender.startswith(TOLL_FREE):
        return Pace(3.0, 3.0)
    return Pace(1.0, 2.0) if sender.startswith("+1") else Pace(10.0, 10.0)


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
        _ours(url, auth)
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
    _reads: ClassVar[SmsWebhook] = SmsWebhook(None, None)  # what a text means here is said in one place
    chat_gap_s = 0.0  # parts of one conversation go in order at Twilio too

    def __init__(self, account: SmsAccount, *, timeout_s: float = TIMEOUT_S) -> None:
        self._account = account
        own = account.parts_a_second
        self.paces = {one: Pace(own, max(1.0, own)) if own else pace_of(one) for one in account.senders}
        self._http = TwilioHttp(account.api_base, timeout_s)
        self._client = Client(account.account_sid, account.auth_token, http_client=self._http)

    def cost(self, message: Outbound) -> float:
        """Parts, as Twilio will count them."""
        return float(parts(message.text, smart=True).count)

    async def send(self, message: Outbound) -> Sent:
        """Hand one message to Twilio. Buttons are not sent: for SMS the words carry the choices.

        Raises:
            SendError: the cause; `FateUnknown` if Twilio may have taken it.
        """
        if len(message.text) > MAX_LETTERS:
            raise TooLong
        chosen = self._account.sender_for(message.line, message.recipient.value)
        sender = {"messaging_service_sid" if chosen.startswith("MG") else "from_": self._address(chosen)}
        if self._account.status_url:
            # Our own id comes back with each report, also when this call's answer is lost.
            sender["status_callback"] = f"{self._account.status_url}?uid={message.uid}"
        made = await named_failures(
            self._client.messages.create_async(
                to=self._address(message.recipient.value),
                body=message.text,
                validity_period=max(MIN_VALIDITY_S, min(MAX_VALIDITY_S, message.valid_for_s)),
                smart_encoded=True,
                **sender,
            )
        )
        if not isinstance(made.sid, str) or not made.sid:
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
        listed = await named_failures(
            self._client.messages.list_async(
                to=self._address(message.recipient.value), limit=FOUND_AMONG, page_size=FOUND_AMONG
            )
        )
        with as_answered():
            for one in listed:
                ours = one.sid not in message.other_ids and str(one.direction).startswith("outbound")
                ours = ours and str(one.status) not in NEVER_WENT
                made = one.date_created
                if ours and made is not None and made >= since and _same(one.body, message.text):
                    return Sent(one.sid)
        return None

    async def heard_since(self, since: datetime, now: datetime) -> list[Inbound]:
        """Everything that was written to our senders since then, the earliest first, whether or not we got it.

        Raises:
            SendError: Twilio could not be asked, or its list has no end.
        """
        listed = await named_failures(asyncio.wait_for(self._listed(since), LISTED_WITHIN_S))
        with as_answered():
            heard = [self._heard(one, now) for one in listed if str(one.direction) == "inbound" and self._is_ours(one)]
            return sorted(heard, key=lambda one: one.written_at or now)

    async def _listed(self, since: datetime) -> list[Any]:
        found: list[Any] = []
        page = await self._client.messages.page_async(date_sent_after=since, page_size=PAGE)
        for _ in range(MOST_PAGES):
            found += page
            page = await page.next_page_async()
            if page is None:
                return found
        raise TwilioException("the list has no end")

    def _is_ours(self, listed: Any) -> bool:
        return listed.to in {self._address(one) for one in self._account.senders} or (
            listed.messaging_service_sid in self._account.senders
        )

    def _heard(self, listed: Any, now: datetime) -> Inbound:
        by_service = listed.messaging_service_sid in self._account.senders
        to = str(listed.to or "").removeprefix(self._address(""))
        media = ("unknown",) * min(int(listed.num_media or 0), MAX_MEDIA)
        text = listed.body or ""
        return Inbound(
            channel=self.name,
            provider_id=listed.sid,
            sender=Address(self.name, str(listed.from_).removeprefix(self._address(""))),
            text=text,
            kind=self._reads.kind("", text, media),
            received_at=now,
            media=media,
            line=listed.messaging_service_sid if by_service and to not in self._account.senders else to,
            written_at=listed.date_sent or listed.date_created,
        )

    async def erase(self, trace: Trace) -> bool:
        """Delete the message at Twilio, and with it its media; one that is not there any more is gone.

        Raises:
            SendError: not now; `NotYet` while Twilio still works on it.
        """
        try:
            await named_failures(self._client.messages(trace.provider_id).delete_async(), gone_at=HTTP_NOT_FOUND)
        except Gone:
            return True
        return True

    async def close(self) -> None:
        await self._http.close()

    def _address(self, plain: str) -> str:
        """A number as Twilio writes it on this channel."""
        return plain


class Gone(Exception):
    """What was asked for is not there."""


async def named_failures(request: Any, *, gone_at: int | None = None) -> Any:
    """Await a call of Twilio's client; what goes wrong becomes a `SendError`, with `gone_at` that status `Gone`."""
    try:
        return await request
    except TwilioRestException as problem:
        if problem.status == gone_at:
            raise Gone from None
        code = problem.code if isinstance(problem.code, int) else None
        raise cause_of(code, problem.status) from None  # its text holds the number
    except aiohttp.ClientConnectorError:
        raise ProviderUnreachable from None
    except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as problem:
        raise FateUnknown(type(problem).__name__) from None
    except (TwilioException, TypeError, ValueError, AttributeError, LookupError, RecursionError):
        raise FateUnknown(SHAPE) from None  # an answer that the package cannot take apart


def _ours(url: str, auth: tuple[str, str] | None) -> None:
    """Raise where an answer has named a next page that is not at Twilio or not of the account that asks."""
    asked = urlsplit(url)
    host, folders = asked.hostname or "", asked.path.split("/")
    account = folders[folders.index("Accounts") + 1 :][:1] if "Accounts" in folders else []
    known = {auth[0], f"{auth[0]}.json"} if auth else set()
    if asked.scheme != "https" or not f".{host}".endswith(f".{TWILIO}") or (account and account[0] not in known):
        raise TwilioException("a page elsewhere")


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
