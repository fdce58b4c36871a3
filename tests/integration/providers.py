"""Twilio and Telegram in one small server of ours, at their worst: every refusal quotes what it refuses."""

from __future__ import annotations

import json
import threading
from collections import deque
from datetime import datetime, timezone
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, parse_qsl, urlsplit

ACCOUNT = "AC" + "0" * 31 + "1"
HANG_UP, JUNK = "hang up", "junk"


class Providers:
    """`plans[name]` says what to do with the next sends: an error code, "hang up" or "junk"; then all is taken."""

    def __init__(self) -> None:
        self.taken: dict[str, list[dict[str, str]]] = {"twilio": [], "telegram": []}
        self.plans: dict[str, deque] = {"twilio": deque(), "telegram": deque()}
        self.refused: list[tuple[str, object]] = []
        self._one = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def texts(self, name: str, who: str) -> list[str]:
        """What came to one phone."""
        to, text = ("To", "Body") if name == "twilio" else ("chat_id", "text")
        return [form[text] for form in list(self.taken[name]) if form[to] == who]

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, method: str, path: str, form: dict[str, str]) -> tuple[int, object]:
        """The status and body of an answer; a status of 0 is none at all."""
        name = "twilio" if path.startswith("/2010") else "telegram"
        sends = path.endswith(("/Messages.json", "/sendMessage")) and method == "POST"
        with self._one:
            step = self.plans[name].popleft() if sends and self.plans[name] else None
            if step is not None:
                self.refused.append((name, step))
            elif sends:
                self.taken[name].append(form)
            number = len(self.taken[name])
        if step == HANG_UP:
            return 0, None
        if step == JUNK:
            return 200, f"<h1>{form}</h1>"
        if step is not None:
            return self._refusal(name, int(step), form)
        return self._granted(name, path, form, number, sends=sends)

    def _refusal(self, name: str, code: int, form: dict[str, str]) -> tuple[int, object]:
        quoted = f"cannot send to {form.get('To') or form.get('chat_id')}: {form.get('Body') or form.get('text')}"
        if name == "telegram":
            return code, {"ok": False, "error_code": code, "description": quoted, "parameters": {"retry_after": 1}}
        status = {20003: 401, 20429: 429, 20500: 500}.get(code, 400)
        return status, {"code": code, "message": quoted, "more_info": quoted, "status": status}

    def _granted(self, name: str, path: str, form: dict[str, str], number: int, *, sends: bool) -> tuple[int, object]:
        if name == "telegram":
            now = int(datetime.now(timezone.utc).timestamp())
            chat = {"id": int(form.get("chat_id", 0)), "type": "private"}
            made: object = {"message_id": number, "date": now, "chat": chat, "text": form.get("text", "")}
            return 200, {"ok": True, "result": made if sends else [] if path.endswith("getUpdates") else True}
        if not sends:
            found = [self._message(one, index) for index, one in enumerate(self.taken[name], 1)]
            return 200, {"messages": [one for one in found if one["to"] == form.get("To")], "page": 0, "page_size": 50}
        return 201, self._message(form, number)

    def _message(self, form: dict[str, str], number: int) -> dict[str, object]:
        now = format_datetime(datetime.now(timezone.utc))
        return {
            "account_sid": ACCOUNT, "body": form["Body"], "date_created": now, "date_sent": None, "date_updated": now,
            "direction": "outbound-api", "error_code": None, "from": form.get("From"), "sid": f"SM{number:032x}",
            "status": "queued", "to": form["To"], "uri": "/",
        }  # fmt: skip

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        providers = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                json_body = "json" in self.headers.get("Content-Type", "")
                form = json.loads(body) if json_body else dict(parse_qsl(body, keep_blank_values=True))
                self._answer("POST", form)

            def do_GET(self) -> None:
                self._answer("GET", {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()})

            def _answer(self, method: str, form: dict[str, str]) -> None:
                status, said = providers.answer(method, urlsplit(self.path).path, form)
                if not status:
                    self.close_connection = True
                    return
                data = said.encode() if isinstance(said, str) else json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_args: object) -> None:
                return

        return Handler
