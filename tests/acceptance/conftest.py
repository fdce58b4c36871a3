"""Starts the outside peers: Prism with Twilio's own contract, and a Bot API server; both on 127.0.0.1 only.

They need Node.js, the npm registry (once) and the folder ../shared/peers beside this repository. Without
them these tests are skipped, except under CI, where they must run.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import hashlib
import json
import os
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from datetime import datetime, timezone
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings as django_settings
from django.db import connections

from lantern.doctor import address
from tests.acceptance.bot_api_judge import Judge
from tests.acceptance.doctored import Livez
from tests.acceptance.ports import free_port
from tests.acceptance.twilio_standin import ACCOUNT, TwilioStandin
from tests.channels.conftest import Outbox
from tests.conftest import alone, models_folder

HERE = Path(__file__).parent
PEERS = HERE.parents[1].parent / "shared" / "peers"
MODULES = HERE / "node_modules"
PUBLIC = "https://line.example.org"
TWILIO_TOKEN, OUR_NUMBER, OUR_SERVICE = "twilio-token", "+15005550006", "MG" + "0" * 31 + "2"
BOT_TOKEN, SECRET = "666:APP", "a-secret_of_a-test"


def pytest_collection_modifyitems(items):
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.peer)


def _absent(what: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(f"{what}: the peers must be there under CI")
    pytest.skip(what)


@pytest.fixture(scope="session")
def peers() -> Path:
    """The folder with the contracts, once the servers are installed."""
    if not PEERS.is_dir():
        _absent("no folder ../shared/peers beside this repository")
    npm = shutil.which("npm")
    if npm is None:
        _absent("no npm on PATH; Node.js 18 or later brings it")
    wanted = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    stamp = MODULES / ".lock-sum"
    with alone(models_folder() / "peers.lock"):
        if not stamp.exists() or stamp.read_text() != wanted:
            done = subprocess.run(
                [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
                cwd=HERE, capture_output=True, text=True, timeout=300, check=False,
            )  # fmt: skip
            if done.returncode:
                _absent(f"npm ci failed: {done.stderr[-300:]}")
            stamp.write_text(wanted)
    return PEERS


@contextlib.contextmanager
def _server(command, address, **environ):
    """Runs a server in a process group of its own until it answers; ends the whole group."""
    process = subprocess.Popen(
        command,
        cwd=HERE,
        env={**os.environ, **environ},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait_for(address, process)
        yield address
    finally:
        for ending in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, ending)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(5)
                break


def _wait_for(address, process, timeout_s=60):
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.fail(f"a peer ended at once with code {process.returncode}")
        try:
            urllib.request.urlopen(address, timeout=2).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("a peer did not come up within a minute")


@pytest.fixture(scope="session")
def _standin():
    standin = TwilioStandin()
    yield standin
    standin.stop()


@pytest.fixture(scope="session")
def _prism(peers, _standin):
    port = free_port()
    contract = str(peers / "twilio_messages_openapi.json")
    prism = str(MODULES / ".bin" / "prism")
    command = [prism, "proxy", "-h", "127.0.0.1", "-p", str(port), "--errors", contract, _standin.url]
    with _server(command, f"http://127.0.0.1:{port}", SCARF_ANALYTICS="false") as address:
        yield address


@pytest.fixture
def twilio(_prism, _standin):
    """Twilio: `twilio.api` holds our requests to the contract, `twilio.messages` is what was taken."""
    _standin.reset()
    _standin.api = _prism
    return _standin


class TelegramPeer:
    """The other side of the Bot API: what the person with the phone does and sees."""

    def __init__(self, address: str, judge: Judge) -> None:
        self.api, self.judge, self._clock = address, judge, int(time.time())
        self._seen: dict[int, list[dict]] = {}

    def writes(self, text, who=77):
        return self._post("/sendMessage", {**self._who(who), "text": text})

    def starts(self, who=77):
        entities = [{"type": "bot_command", "offset": 0, "length": 6}]
        return self._post("/sendCommand", {**self._who(who), "text": "/start", "entities": entities})

    def taps(self, data, seen, who=77):
        person = self._who(who)
        message = {"message_id": seen["messageId"], "date": person["date"], "chat": person["chat"], "text": "x"}
        message["reply_markup"] = seen["message"].get("reply_markup")
        del person["chat"]
        return self._post("/sendCallback", {**person, "data": data, "message": message})

    def sees(self, who=77):
        """All that has come to this phone; the peer itself tells each message once."""
        seen = self._seen.setdefault(who, [])
        seen += self._post("/getUpdates", {"token": BOT_TOKEN, "chatId": who})["result"]
        return seen

    def fails(self, method, code, *, times=1, description="told to", **parameters):
        body = {"method": method, "code": code, "description": description, "times": times}
        self._post("/_fail", body | ({"parameters": parameters} if parameters else {}))

    def calls(self, method=None):
        with urllib.request.urlopen(f"{self.api}/_calls", timeout=5) as answer:
            found = json.load(answer)["result"]
        return [call for call in found if method in (None, call["method"])]

    def history(self):
        """The texts that still stand in the chat, of either side."""
        found = self._post("/getUpdatesHistory", {"token": BOT_TOKEN})["result"]
        return [one["message"].get("text") for one in found if "message" in one]

    def faults(self):
        return self.judge.faults(self.calls())

    def reset(self):
        self._post(f"/bot{BOT_TOKEN}/deleteWebhook", {})
        self._post("/_reset", {})
        self._seen.clear()

    def _who(self, who):
        self._clock += 1
        person = {"id": who, "first_name": "Ada", "last_name": "Lovelace", "username": "adal", "language_code": "id"}
        return {
            "botToken": BOT_TOKEN,
            "date": self._clock,
            "from": {**person, "is_bot": False},
            "chat": {"id": who, "type": "private", "first_name": "Ada"},
        }

    def _post(self, path, body):
        request = urllib.request.Request(
            self.api + path, json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)


@pytest.fixture(scope="session")
def telegram_peer(peers):
    port = free_port()
    judge = Judge(json.loads((peers / "telegram_bot_api.json").read_text(encoding="utf-8")))
    command = [shutil.which("node"), str(peers / "tgpeer.js"), str(port)]
    with _server(command, f"http://127.0.0.1:{port}", NODE_PATH=str(MODULES)) as address:
        yield TelegramPeer(address, judge)


@pytest.fixture
def telegram(telegram_peer):
    """Telegram: what people write and see; every call of ours is judged when the test ends."""
    telegram_peer.reset()
    yield telegram_peer
    assert telegram_peer.faults() == []


@pytest.fixture
def configured(settings):
    """Sets the installation up: `configured(twilio_from=...)`."""

    def configure(**fields):
        settings.LANTERN = dataclasses.replace(django_settings.LANTERN, **fields)
        return settings.LANTERN

    return configure


@pytest.fixture
def by_sms(twilio, configured):
    """An installation with SMS."""
    return configured(
        public_url=PUBLIC,
        twilio_account_sid=ACCOUNT,
        twilio_auth_token=TWILIO_TOKEN,
        twilio_from=OUR_NUMBER,
        twilio_parts_a_second=1000.0,
        twilio_api_base=twilio.api,
    )


@pytest.fixture
def outbox(transactional_db):
    line = Outbox()
    line.now = datetime.now(timezone.utc)
    yield line
    # The thread that asyncio's side used outlives the loop, and with it its connection.
    asyncio.run(sync_to_async(connections.close_all)())


@pytest.fixture
def line_address(live_server, settings):
    """Where the providers reach us."""
    settings.ROOT_URLCONF = "tests.acceptance.urls"
    return live_server.url


@pytest.fixture
def livez(monkeypatch):
    """What is asked of our own address, and what it answers: this line, until a test says otherwise."""
    asks = Livez()
    monkeypatch.setattr(address.httpx, "get", asks.get)
    return asks
