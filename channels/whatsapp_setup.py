"""How a WhatsApp sender is set up at Twilio: read it, and point it at us. Used by `./run doctor`.

Over Twilio's Senders API (in beta there; its statuses are those of its reference). Facts only; failures are those
of sending. The package that serves SMS is older than this API, so it is called plainly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx

from channels.answers import SHAPE, full_text, listed, mapping, text
from channels.errors import Credentials, FateUnknown, ProviderUnreachable
from channels.sms import TIMEOUT_S, SmsAccount
from channels.whatsapp import MARK, WHATSAPP

_API = "https://messaging.twilio.com"
_SENDERS = "/v2/Channels/Senders"
_REFUSED = (401, 403)
_ALL = 1000  # senders in one answer, the most it gives


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderSetup:
    """One WhatsApp sender, and where Twilio takes what is written to it."""

    sid: str
    status: str
    inbound_url: str
    inbound_method: str
    fallback_url: str

    @property
    def online(self) -> bool:
        """True while it sends and receives; an update of its profile does not stop it."""
        return self.status.partition(":")[0] == "ONLINE"


class WhatsAppSetupClient:
    """Reads and changes the WhatsApp senders of one account.

    Raises:
        SendError: from each call, when Twilio could not be asked.
    """

    def __init__(self, account: SmsAccount) -> None:
        self._client = httpx.AsyncClient(
            base_url=account.api_base or _API,
            auth=(account.account_sid, account.auth_token),
            timeout=TIMEOUT_S,
            trust_env=False,
        )

    async def read(self, number: str) -> SenderSetup | None:
        """Ask for the sender with this number; None if the account has none."""
        found = await self._call("GET", _SENDERS, params={"Channel": WHATSAPP, "PageSize": _ALL})
        rows = (row for row in map(mapping, listed(found.get("senders"))) if row.get("sender_id") == MARK + number)
        return next(map(_sender, rows), None)

    async def point_at(self, sender: SenderSetup, url: str) -> None:
        """Have Twilio post what is written to this sender to us, and post it again if the first try fails."""
        webhook = {"callback_url": url, "callback_method": "POST", "fallback_url": url, "fallback_method": "POST"}
        await self._call("POST", f"{_SENDERS}/{sender.sid}", json={"webhook": webhook})

    async def close(self) -> None:
        await self._client.aclose()

    async def _call(self, method: str, path: str, **what: Any) -> dict[str, Any]:
        try:
            answer = await self._client.request(method, path, **what)
        except httpx.HTTPError as problem:
            raise ProviderUnreachable(type(problem).__name__) from None
        if answer.status_code in _REFUSED:
            raise Credentials(answer.status_code)
        if not answer.is_success:
            raise ProviderUnreachable(answer.status_code)
        try:
            return mapping(answer.json())
        except (ValueError, RecursionError):  # no JSON, or lists in lists without end
            raise FateUnknown(SHAPE) from None


def _sender(row: dict[str, Any]) -> SenderSetup:
    webhook = mapping(row.get("webhook"))
    return SenderSetup(
        sid=full_text(row.get("sid")),
        status=text(row.get("status")).upper(),
        inbound_url=text(webhook.get("callback_url")),
        inbound_method=text(webhook.get("callback_method")),
        fallback_url=text(webhook.get("fallback_url")),
    )
