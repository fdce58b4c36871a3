"""What Twilio posts to us: is it really Twilio, and what does it say.

Twilio signs the address it called, which behind a proxy is not the address we see:
the check is made against the public address of the settings. Fields that we do not know
are passed over: Twilio adds some at any time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import parse_qsl

from twilio.request_validator import RequestValidator

from channels.base import Address, Inbound, Kind, SendState, Status, WebhookRequest
from channels.errors import BadPayload
from channels.sms_codes import UNSUBSCRIBED, cause_of_status

SMS = "sms"
SIGNATURE_HEADER = "x-twilio-signature"
MAX_FIELDS = 500
MAX_ID = 64

# Twilio blocks the number itself after one of these alone in a message (Twilio help, "opt-out keywords").
# YES also opts in at Twilio, but to us it is an answer.
STOP_WORDS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
START_WORDS = frozenset({"START", "UNSTOP"})

_STATES = {
    "sent": SendState.SENT,
    "delivered": SendState.DELIVERED,
    "read": SendState.DELIVERED,
    "undelivered": SendState.FAILED,
    "failed": SendState.FAILED,
    "canceled": SendState.FAILED,
}


class Fields(dict[str, list[str]]):
    """Form fields as they came; `getlist` is what Twilio's validator asks for."""

    def getlist(self, name: str) -> list[str]:
        return self.get(name, [])

    def first(self, name: str) -> str:
        return self.get(name, [""])[0]


class SmsWebhook:
    """Verifies and decodes Twilio's requests for one account and one public address."""

    channel = SMS

    def __init__(
        self,
        auth_token: str | None,
        public_url: str | None,
        *,
        next_token: str | None = None,
        senders: Sequence[str] = (),
    ) -> None:
        # While the token is being changed, Twilio may sign with either.
        self._validators = [RequestValidator(token) for token in (auth_token, next_token) if token]
        self._public_url = public_url.rstrip("/") if public_url else None
        self._senders = frozenset(senders)

    def verify(self, request: WebhookRequest) -> bool:
        """True only if Twilio, with our token, signed exactly this request to our public address."""
        signature = request.headers.get(SIGNATURE_HEADER, "")
        if not self._validators or self._public_url is None or not signature:
            return False
        url = self._public_url + request.path + (f"?{request.query}" if request.query else "")
        signed: Fields | str = Fields()
        if _is_json(request):
            # Signed by its hash in the query; without the hash the body is anybody's.
            if "bodySHA256=" not in request.query:
                return False
            signed = request.body.decode(errors="replace")
        elif request.method == "POST":
            signed = _form(request.body.decode(errors="replace"))
        try:
            return any(one.validate(url, signed, signature) for one in self._validators)
        except ValueError:  # a port that is no number, a letter that has no UTF-8
            return False

    def decode(self, request: WebhookRequest, now: datetime) -> Inbound:
        """Read one incoming message.

        Raises:
            BadPayload: it has no MessageSid or no From, or is not a form or JSON object.
        """
        fields = _fields(request)
        provider_id, sender = fields.first("MessageSid"), fields.first("From")
        if not provider_id or not sender or len(provider_id) > MAX_ID or len(sender) > MAX_ID:
            raise BadPayload("MessageSid or From is missing")
        text, media = fields.first("Body"), _media(fields)
        return Inbound(
            channel=self.channel,
            provider_id=provider_id,
            sender=Address(self.channel, self.plain(sender)),
            text=text or self.spelled(fields),
            kind=self.kind(fields.first("OptOutType"), text, media),
            received_at=now,
            media=media,
            line=self._line(fields),
        )

    def kind(self, opt_out_type: str, text: str, media: tuple[str, ...]) -> Kind:
        """What kind of message this is; HELP is no housekeeping here: somebody asks for help, so it stays a text."""
        word = text.strip().upper()
        if opt_out_type == "STOP" or word in STOP_WORDS:
            return Kind.OPT_OUT
        if opt_out_type == "START" or word in START_WORDS:
            return Kind.OPT_IN
        return Kind.MEDIA if media else Kind.TEXT

    def plain(self, address: str) -> str:
        """An address of Twilio's without what marks the channel."""
        return address

    def spelled(self, fields: Fields) -> str:
        """What a message without a body says all the same."""
        return ""

    def _line(self, fields: Fields) -> str:
        """Which sender of ours they wrote to: our own number, else the Messaging Service that it belongs to."""
        number, service = self.plain(fields.first("To"))[:MAX_ID], fields.first("MessagingServiceSid")[:MAX_ID]
        return service if service in self._senders and number not in self._senders else number

    def decode_status(self, request: WebhookRequest) -> Status | None:
        """Read one status callback; None for the states in between (queued, sending)."""
        fields = _fields(request)
        provider_id = fields.first("MessageSid")
        if not provider_id or len(provider_id) > MAX_ID:
            raise BadPayload("MessageSid is missing")
        state = _STATES.get(fields.first("MessageStatus") or fields.first("SmsStatus"))
        if state is None:
            return None
        code = fields.first("ErrorCode")
        failure = cause_of_status(int(code) if code.isascii() and code.isdigit() else None)
        return Status(
            provider_id=provider_id,
            state=state,
            uid=dict(parse_qsl(request.query)).get("uid"),
            cause=failure.name if state is SendState.FAILED else None,
            reason=failure.staff_reason if state is SendState.FAILED else None,
            opted_out=state is SendState.FAILED and code == UNSUBSCRIBED,
        )


def _media(fields: Fields) -> tuple[str, ...]:
    count = fields.first("NumMedia")
    if not (count.isascii() and count.isdigit()):
        return ()
    # Twilio sends at most 10; only the type is kept, the file is never fetched.
    return tuple(fields.first(f"MediaContentType{index}")[:MAX_ID] or "unknown" for index in range(min(int(count), 10)))


def _fields(request: WebhookRequest) -> Fields:
    if request.method == "GET":
        return _form(request.query)
    if not _is_json(request):
        return _form(request.body.decode(errors="replace"))
    try:
        found = json.loads(request.body)
    except (ValueError, RecursionError) as problem:
        raise BadPayload("not JSON") from problem
    if not isinstance(found, Mapping):
        raise BadPayload("not a JSON object")
    return Fields({str(name): [str(value)] for name, value in found.items() if isinstance(value, (str, int))})


def _form(text: str) -> Fields:
    fields = Fields()
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError as problem:
        raise BadPayload("more fields than any message has") from problem
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return fields


def _is_json(request: WebhookRequest) -> bool:
    return request.method == "POST" and request.content_type.split(";")[0].strip().lower() == "application/json"
