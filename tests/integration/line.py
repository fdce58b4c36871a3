"""The whole line in real processes behind its real addresses, with providers of ours on the other side."""

from __future__ import annotations

import base64
import contextlib
import json
import re
import threading
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from urllib.parse import urlencode

import httpx
import redis
from django_otp.oath import totp
from twilio.request_validator import RequestValidator

from tests.integration.place import Place, until
from tests.integration.providers import ACCOUNT, Providers

TWILIO_TOKEN, OUR_NUMBER = "twilio-token", "+15005550006"
BOT_TOKEN, SECRET = "666:APP", "a-secret_of_a-test"
STAFF, PASSWORD = "amara", "a lamp in the harbour"


class RunningLine:
    """Posts as the providers do, signs in as staff do, and knows what came back."""

    def __init__(self, place: Place, providers: Providers) -> None:
        self.place, self.providers = place, providers
        self.http = httpx.Client(base_url=place.url, timeout=20)
        self.published: list[bytes] = []
        self._ids = count(1)
        self._pubsub = None

    def close(self) -> None:
        self.http.close()
        if self._pubsub is not None:
            self._pubsub.close()
            self._pubsub.connection_pool.disconnect()

    def listens_to_redis(self) -> None:
        url = self.place.environ.get("REDIS_URL")
        if url is None:
            return
        self._pubsub = pubsub = redis.Redis.from_url(url).pubsub()
        pubsub.psubscribe("*")

        def listen() -> None:
            with contextlib.suppress(redis.RedisError, OSError, ValueError):
                for message in pubsub.listen():
                    self.published.append(repr(message["channel"]).encode() + str(message["data"]).encode())
                    if isinstance(message["data"], bytes):
                        self.published.append(message["data"])

        threading.Thread(target=listen, daemon=True).start()

    def sms(self, text: str | None = "hello", who: str = "+15005550101", **fields: str) -> int:
        """Twilio posts a message, signed; returns the status. `raw` is a body as it is."""
        posted = {"MessageSid": f"SM{next(self._ids):032x}", "AccountSid": ACCOUNT, "From": who, "To": OUR_NUMBER}
        posted |= {"NumMedia": "0", **({} if text is None else {"Body": text}), **fields}
        return self.twilio_posts("/channels/sms", posted)

    def twilio_posts(self, path: str, posted: dict[str, str], body: bytes | None = None) -> int:
        # Half a pair of UTF-16 is no text: whoever reads the body reads replacement characters, and signs those.
        read = {name: value.encode("utf-8", "surrogatepass").decode(errors="replace") for name, value in posted.items()}
        signature = RequestValidator(TWILIO_TOKEN).compute_signature(f"{self.place.url}{path}", read)
        headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
        encoded = urlencode(posted, encoding="utf-8", errors="surrogatepass").encode()
        return self.http.post(path, content=body or encoded, headers=headers).status_code

    def telegram(self, text: str | None = "hello", who: int = 7001, *, kind: str = "message", **more: object) -> int:
        """Telegram posts a message with our secret; returns the status."""
        return self.telegram_posts(self.update(text, who, kind=kind, **more))

    def update(self, text: str | None, who: int, *, kind: str = "message", name: str = "Ada", **more: object) -> dict:
        number = next(self._ids)
        sender = {"id": who, "is_bot": False, "first_name": name, "username": f"{name}_u", "language_code": "en"}
        message = {
            "message_id": number,
            "date": int(time.time()),
            "chat": {"id": who, "type": "private"},
            "from": sender,
        }
        message |= {} if text is None else {"text": text}
        return {"update_id": 500_000 + number, kind: message | more}

    def telegram_posts(self, update: object) -> int:
        headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET, "Content-Type": "application/json"}
        body = update if isinstance(update, bytes) else json.dumps(update).encode()
        return self.http.post("/channels/telegram", content=body, headers=headers).status_code

    def settles(self, timeout_s: float = 60) -> None:
        """Wait until every message has had its turn."""
        from records.models import InboxMessage

        until(lambda: not InboxMessage.objects.filter(status="new").exists(), timeout_s, "all turns")


class Desk:
    """A member of staff with a browser of few virtues: forms, cookies, no scripts."""

    def __init__(self, line: RunningLine, name: str = STAFF) -> None:
        self.http = httpx.Client(base_url=line.place.url, timeout=20, follow_redirects=True)
        self.pages: list[httpx.Response] = []
        signed_in = self.posts("/desk/sign-in/", "/desk/sign-in/", username=name, password=PASSWORD)
        assert signed_in.status_code == 200
        assert "id_password" not in signed_in.text
        self._sets_up_the_app()

    def _sets_up_the_app(self) -> None:
        """The second factor, without which a real line opens nothing: an app that shows codes."""
        page = "/desk/set-up/app/"
        secret = re.search(r'class="secret">([A-Z2-7]+)', self._keep(self.http.get(page)).text)[1]
        key = base64.b32decode(secret + "=" * (-len(secret) % 8))
        done = self.posts(page, page, code=f"{totp(key):06}")
        assert "id_code" not in done.text

    def opens(self, conversation_id: int) -> str:
        return self._keep(self.http.get(f"/desk/c/{conversation_id}/")).text

    def does(self, conversation_id: int, act: str, **fields: str) -> httpx.Response:
        """Post the form of an act as it stands on the conversation's page."""
        return self.posts(f"/desk/c/{conversation_id}/", f"/desk/c/{conversation_id}/{act}/", **fields)

    def gets(self, path: str) -> httpx.Response:
        return self._keep(self.http.get(path))

    def posts(self, page: str, path: str, **fields: str) -> httpx.Response:
        """Post a form as it stands on a page."""
        shown = self._keep(self.http.get(page)).text
        form = next((found for found in re.findall(r"<form.*?</form>", shown, re.S) if f'"{path}"' in found), shown)
        hidden = dict(re.findall(r'<input type="hidden" name="([a-z]+)" value="([^"]*)"', form))
        return self._keep(self.http.post(path, data={**hidden, **fields}, headers={"Referer": str(self.http.base_url)}))

    def _keep(self, answer: httpx.Response) -> httpx.Response:
        self.pages += [*answer.history, answer]
        return answer


def add_staff() -> None:
    """The one worker, in the database that Django looks into."""
    from django.contrib.auth.hashers import make_password

    from records.models import Staff

    Staff.objects.create(username=STAFF, alias="Amara", role="worker", password=make_password(PASSWORD))


# Until then its rows come and go beside those that a test counts.
CANARY_BACK = "\nlantern_self_test_came_back_timestamp_seconds 1."  # seconds since 1970, as 1.7e+09


@contextlib.contextmanager
def running(folder: Path, model: Path) -> Iterator[RunningLine]:
    """Web, runner, delivery, clock and Redis, up and healthy."""
    providers = Providers()
    place = Place(folder)
    place.environ |= {
        "LANTERN_PUBLIC_URL": place.url,
        "LANTERN_TWILIO_ACCOUNT_SID": ACCOUNT,
        "LANTERN_TWILIO_AUTH_TOKEN": TWILIO_TOKEN,
        "LANTERN_TWILIO_FROM": OUR_NUMBER,
        "LANTERN_TWILIO_PARTS_A_SECOND": "1000",
        "LANTERN_TWILIO_API_BASE": providers.url,
        "LANTERN_TELEGRAM_TOKEN": BOT_TOKEN,
        "LANTERN_TELEGRAM_SECRET": SECRET,
        "LANTERN_TELEGRAM_API_BASE": providers.url,
        "TMPDIR": str(folder / "tmp"),
    }
    (folder / "tmp").mkdir()
    line = RunningLine(place, providers)
    try:
        place.migrate()
        place.use_model(model)
        place.start_redis()
        line.listens_to_redis()
        for name in ("web", "bot", "delivery", "clock"):
            place.start(name)
        until(lambda: place.answers("/healthz"), 240, "a healthy line", every_s=0.2)
        until(lambda: CANARY_BACK in line.http.get("/metrics").text, 240, "the first canary", every_s=0.5)
        assert "dialogue_unusable" not in place.logged()
        yield line
    finally:
        line.close()
        place.close()
        providers.stop()
