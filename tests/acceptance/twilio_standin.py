"""A small Twilio of ours: keeps messages, fails as told, reports back. Prism stands before it with Twilio's own contract.

Only what the spec allows comes out of it: an answer that breaks the spec is turned into a 500 by Prism.
"""

from __future__ import annotations

import json
import threading
from collections import deque
from datetime import datetime, timezone
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, parse_qsl, urlsplit

ACCOUNT = "AC" + "0" * 31 + "1"


class TwilioStandin:
    """`messages` is what it took. `plan` says what to do with the next creations, one entry each:

    a dict {"status", "code"}: refuse so; "take, then 500"; "take, then hang up"; "hang up".
    """

    def __init__(self) -> None:
        self.messages: list[dict] = []
        self.requests: list[dict[str, str]] = []
        self.plan: deque = deque()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
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
        sid = f"SM{len(self.messages) + 1:032x}"
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
        standin = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                form = dict(
                    parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode(), keep_blank_values=True)
                )
                standin.requests.append(form)
                step = standin.plan.popleft() if standin.plan else None
                if isinstance(step, dict):
                    said = {"code": step["code"], "message": "told to", "more_info": "", "status": step["status"]}
                    self._answer(step["status"], said)
                elif step == "hang up":
                    self.close_connection = True
                else:
                    message = standin._take(form)
                    if step == "take, then hang up":
                        self.close_connection = True
                    elif step == "take, then 500":
                        self._answer(500, {"code": 20500, "message": "told to", "more_info": "", "status": 500})
                    else:
                        self._answer(201, message)

            def do_GET(self) -> None:
                to = parse_qs(urlsplit(self.path).query).get("To", [""])[0]
                found = [message for message in reversed(standin.messages) if message["to"] == to]
                # Twilio's own answers are relative here; its description says "uri", and the description judges.
                here = f"https://api.twilio.com{urlsplit(self.path).path}"
                page = {"end": max(0, len(found) - 1), "first_page_uri": here, "next_page_uri": None, "page": 0}
                page |= {"page_size": 50, "previous_page_uri": None, "start": 0, "uri": here}
                self._answer(200, {"messages": found, **page})

            def _answer(self, status: int, body: dict) -> None:
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_args: object) -> None:
                return

        return Handler
