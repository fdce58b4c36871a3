"""A small Twilio of ours: keeps messages, fails as told, reports back. Prism stands before it with Twilio's own contract.

Only what the spec allows comes out of it: an answer that breaks the spec is turned into a 500 by Prism.
`python -m tests.acceptance.twilio_standin` is a phone in the terminal, to try a line by SMS without Twilio.
"""

from __future__ import annotations

import argparse
import base64
import json
import re
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from urllib.error import HTTPError
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit
from urllib.request import Request, urlopen

from twilio.request_validator import RequestValidator

ACCOUNT = "AC" + "0" * 31 + "1"


class TwilioStandin:
    """`messages` is what it took. `plan` says what to do with the next creations, one entry each:

    a dict {"status", "code"}: refuse so; "take, then 500"; "take, then hang up"; "hang up".
    """

    def __init__(self, port: int = 0) -> None:
        self.messages: list[dict] = []
        self.requests: list[dict[str, str]] = []
        self.plan: deque = deque()
        self.numbers: dict[str, dict] = {}
        self.services: dict[str, dict] = {}
        self.senders: list[dict] = []  # of WhatsApp
        self.account = {"status": "active", "type": "Full"}
        self.known_token: str | None = None  # None: whoever asks is believed
        self.after_take: Callable[[], None] | None = None  # before the answer
        self.not_yet = 0  # deletions refused because the message is still worked on
        self._sids = count(1)  # of two that come at once each has its own
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def reset(self) -> None:
        self.messages.clear()
        self.requests.clear()
        self.plan.clear()
        self.numbers.clear()
        self.services.clear()
        self.senders.clear()
        self.account = {"status": "active", "type": "Full"}
        self.known_token, self.not_yet, self.after_take = None, 0, None

    def has_number(self, number: str, **fields: object) -> None:
        """Give the account a number."""
        sid = f"PN{len(self.numbers) + 1:032x}"
        plain = {"sid": sid, "account_sid": ACCOUNT, "phone_number": number, "capabilities": {"sms": True, "mms": True}}
        plain |= {"sms_url": "", "sms_method": "POST", "sms_fallback_url": "", "sms_application_sid": ""}
        self.numbers[number] = {**plain, **fields}

    def has_service(self, sid: str, *numbers: str, **fields: object) -> None:
        """Give the account a Messaging Service."""
        plain = {"sid": sid, "account_sid": ACCOUNT, "inbound_request_url": "", "fallback_url": ""}
        plain |= {"use_inbound_webhook_on_number": False, "sticky_sender": True}
        self.services[sid] = {**plain, **fields, "_numbers": numbers}

    def has_sender(self, number: str, status: str = "ONLINE", **webhook: object) -> None:
        """Give the account a WhatsApp sender."""
        sid = f"XE{len(self.senders) + 1:032x}"
        self.senders.append({"sid": sid, "status": status, "sender_id": f"whatsapp:{number}", "webhook": webhook})

    def writes_in(self, sender: str, to: str, body: str, at: datetime | None = None) -> dict:
        """Somebody writes; Twilio keeps it, whether or not its webhook reaches anyone."""
        message = self._take({"From": sender, "To": to, "Body": body})
        message |= {"direction": "inbound", "status": "received", "sid": f"SM{'f' * 20}{message['sid'][-12:]}"}
        if at is not None:
            message |= {"date_created": format_datetime(at), "date_sent": format_datetime(at)}
        return message

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def status_fields(self, message: dict, state: str, code: int | None = None) -> dict[str, str]:
        """What Twilio posts to the status address of a message."""
        fields = {"MessageSid": message["sid"], "SmsSid": message["sid"], "MessageStatus": state, "SmsStatus": state}
        fields |= {"To": message["to"], "AccountSid": ACCOUNT, "ApiVersion": "2010-04-01"}
        return fields | ({"ErrorCode": str(code)} if code else {})

    def _take(self, form: dict[str, str]) -> dict:
        sid = f"SM{next(self._sids):032x}"
        now = format_datetime(datetime.now(timezone.utc))
        service = form.get("MessagingServiceSid")
        message = {
            "account_sid": ACCOUNT,
            "api_version": "2010-04-01",
            "body": form.get("Body", ""),
            "date_created": now,
            "date_sent": None,
            "date_updated": now,
            "direction": "outbound-api",
            "error_code": None,
            "error_message": None,
            "from": form.get("From"),
            "messaging_service_sid": service,
            "num_media": "0",
            "num_segments": "0" if service else "1",
            "price": None,
            "price_unit": "USD",
            "sid": sid,
            "status": "accepted" if service else "queued",
            "subresource_uris": {"media": f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{sid}/Media.json"},
            "to": form["To"],
            "uri": f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{sid}.json",
        }
        self.messages.append(message)
        return message

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        return type("Handler", (_Handler,), {"standin": self})


class _Handler(BaseHTTPRequestHandler):
    """Twilio's side of HTTP; `standin` is set by the class made for each server."""

    standin: TwilioStandin
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.path.startswith("/v2/Channels/Senders/"):
            self._change_sender(json.loads(body))
            return
        form = dict(parse_qsl(body, keep_blank_values=True))
        if not urlsplit(self.path).path.endswith("/Messages.json"):
            self._change_setup(form)
            return
        self.standin.requests.append(form)
        step = self.standin.plan.popleft() if self.standin.plan else None
        if isinstance(step, dict):
            said = {"code": step["code"], "message": "told to", "more_info": "", "status": step["status"]}
            self._answer(step["status"], said)
        elif step == "hang up":
            self.close_connection = True
        else:
            message = self.standin._take(form)
            if self.standin.after_take is not None:
                self.standin.after_take()
            if step == "take, then hang up":
                self.close_connection = True
            elif step == "take, then 500":
                self._answer(500, {"code": 20500, "message": "told to", "more_info": "", "status": 500})
            else:
                self._answer(201, message)

    def do_GET(self) -> None:
        path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
        if not self._known():
            return
        if path == f"/2010-04-01/Accounts/{ACCOUNT}.json":
            self._answer(200, {"sid": ACCOUNT, **self.standin.account})
        elif path.endswith("/IncomingPhoneNumbers.json"):
            found = self.standin.numbers.get(query.get("PhoneNumber", [""])[0])
            self._answer(200, {"incoming_phone_numbers": [found] if found else [], **self._page(1)})
        elif path.startswith("/v1/Services/"):
            self._service(path)
        elif path == "/v2/Channels/Senders" and query.get("Channel") == ["whatsapp"]:
            self._answer(200, {"senders": self.standin.senders, "meta": {"key": "senders", "next_page_url": None}})
        elif path.endswith("/Messages.json"):
            self._messages(query)
        else:
            self._refuse(404, 20404)

    def do_DELETE(self) -> None:
        sid = urlsplit(self.path).path.rsplit("/", 1)[1].removesuffix(".json")
        found = [message for message in self.standin.messages if message["sid"] == sid]
        if self.standin.not_yet:
            self.standin.not_yet -= 1
            self._refuse(409, 20009)
        elif not found:
            self._refuse(404, 20404)
        else:
            self.standin.messages.remove(found[0])
            self.send_response(204)
            self.send_header("Content-Length", "0")
            self.end_headers()

    def _messages(self, query: dict[str, list[str]]) -> None:
        to, since = query.get("To", [None])[0], query.get("DateSent>", [None])[0]
        found = [
            message
            for message in reversed(self.standin.messages)
            if (to is None or message["to"] == to) and (since is None or _sent(message) >= _read(since))
        ]
        self._answer(200, {"messages": found, **self._page(len(found))})

    def _service(self, path: str) -> None:
        sid = path.split("/")[3]
        service = self.standin.services.get(sid)
        if service is None:
            self._refuse(404, 20404)
        elif path.endswith("/PhoneNumbers"):
            found = [{"sid": f"PN{n:032x}", "phone_number": one} for n, one in enumerate(service["_numbers"])]
            page = {"key": "phone_numbers", "page": 0, "page_size": 50, "next_page_url": None, "url": ""}
            self._answer(200, {"phone_numbers": found, "meta": page})
        else:
            self._answer(200, {name: value for name, value in service.items() if name != "_numbers"})

    def _change_setup(self, form: dict[str, str]) -> None:
        path = urlsplit(self.path).path
        wanted = {_snake(name): value for name, value in form.items()}
        for one in (*self.standin.numbers.values(), *self.standin.services.values()):
            if one["sid"] in path:
                one |= {name: _plain(value) for name, value in wanted.items()}
                self._answer(200, {name: value for name, value in one.items() if name != "_numbers"})
                return
        self._refuse(404, 20404)

    def _change_sender(self, wanted: dict) -> None:
        for one in self.standin.senders:
            if self.path.endswith(one["sid"]):
                one["webhook"] = one["webhook"] | wanted["webhook"]
                self._answer(202, one)
                return
        self._refuse(404, 20404)

    def _known(self) -> bool:
        given = self.headers.get("Authorization", "").removeprefix("Basic ")
        token = base64.b64decode(given).decode().partition(":")[2]
        if self.standin.known_token is None or token == self.standin.known_token:
            return True
        self._refuse(401, 20003)
        return False

    def _page(self, count: int) -> dict:
        # Twilio's own answers are relative here; its description says "uri", and the description judges.
        here = f"https://api.twilio.com{urlsplit(self.path).path}"
        page = {"end": max(0, count - 1), "first_page_uri": here, "next_page_uri": None, "page": 0}
        return page | {"page_size": 50, "previous_page_uri": None, "start": 0, "uri": here}

    def _refuse(self, status: int, code: int) -> None:
        self._answer(status, {"code": code, "message": "told to", "more_info": "", "status": status})

    def _answer(self, status: int, body: dict) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_args: object) -> None:
        return


def _sent(message: dict) -> datetime:
    return parsedate_to_datetime(message["date_sent"] or message["date_created"])


def _read(text: str) -> datetime:
    """A time as Twilio's client writes it in a query."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _plain(value: str) -> object:
    return {"true": True, "false": False}.get(value, value)


class Phone:
    """Somebody with a phone, for trying a line without Twilio: posts what they write, prints what they get.

    Each answer is reported as delivered a moment later, as Twilio would; `fails` names the code of the next one.
    """

    def __init__(self, standin: TwilioStandin, line: str, token: str, ours: str, theirs: str) -> None:
        self._standin, self._line, self._token = standin, line.rstrip("/"), token
        self._ours, self._theirs = ours, theirs
        self.fails: int | None = None
        standin.has_number(ours)
        standin.after_take = self._gets

    def writes(self, text: str) -> int:
        """Send it to the line, signed as Twilio does; the line's answer is a status of HTTP, 0 if there was none."""
        message = self._standin.writes_in(self._theirs, self._ours, text)
        fields = {"MessageSid": message["sid"], "AccountSid": ACCOUNT, "From": self._theirs, "To": self._ours}
        return self._posts(f"{self._line}/channels/sms", fields | {"Body": text, "NumMedia": "0", "NumSegments": "1"})

    def _gets(self) -> None:
        message, asked = self._standin.messages[-1], self._standin.requests[-1]
        code, self.fails = self.fails, None
        print(f"{message['to']} < {message['body']}" + (f"  (fails: {code})" if code else ""), flush=True)
        if asked.get("StatusCallback"):
            fields = self._standin.status_fields(message, "undelivered" if code else "delivered", code)
            threading.Timer(0.5, self._posts, [asked["StatusCallback"], fields]).start()

    def _posts(self, address: str, fields: dict[str, str]) -> int:
        signature = RequestValidator(self._token).compute_signature(address, fields)
        request = Request(address, urlencode(fields).encode(), {"X-Twilio-Signature": signature})
        try:
            with urlopen(request, timeout=10) as answer:
                return int(answer.status)
        except HTTPError as refused:
            return refused.code
        except OSError:
            return 0


def settings_for(standin: TwilioStandin, line: str, token: str, ours: str) -> str:
    """What a line needs to take this for Twilio."""
    return "\n".join(
        (
            f"LANTERN_TWILIO_API_BASE={standin.url}",
            f"LANTERN_TWILIO_ACCOUNT_SID={ACCOUNT}",
            f"LANTERN_TWILIO_AUTH_TOKEN={token}",
            f"LANTERN_TWILIO_FROM={ours}",
            f"LANTERN_PUBLIC_URL={line}",
        )
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Be Twilio and one phone until the end of the input."""
    parser = argparse.ArgumentParser(prog="python -m tests.acceptance.twilio_standin", description=main.__doc__)
    parser.add_argument("--port", type=int, default=8900, help="where the line finds us, on 127.0.0.1 only")
    parser.add_argument("--line", default="http://127.0.0.1:8080", help="where we find the line")
    parser.add_argument("--token", default="stand-in", help="LANTERN_TWILIO_AUTH_TOKEN of the line")
    parser.add_argument("--ours", default="+15005550006", help="LANTERN_TWILIO_FROM of the line")
    parser.add_argument("--phone", default="+6281234567890", help="the number of who writes")
    chosen = parser.parse_args(arguments)
    standin = TwilioStandin(chosen.port)
    phone = Phone(standin, chosen.line, chosen.token, chosen.ours, chosen.phone)
    print(f"Start the line with:\n{settings_for(standin, chosen.line, chosen.token, chosen.ours)}")
    print("Each line that you type is a text message; !30003 lets the next answer fail with that code.", flush=True)
    try:
        for text in map(str.strip, sys.stdin):
            if re.fullmatch(r"!\d{5}", text):
                phone.fails = int(text[1:])
            elif text:
                status = phone.writes(text)
                if status != HTTPStatus.OK:
                    print(f"The line did not take it: {status or 'nobody answers at ' + chosen.line}", flush=True)
    except KeyboardInterrupt:
        pass
    finally:
        standin.stop()


if __name__ == "__main__":
    main()
