"""A provider, or whatever stands in its place, may answer anything: the doctor says so in a sentence and goes on."""

from __future__ import annotations

import asyncio
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from telegram.error import TelegramError

from channels.errors import FateUnknown, SendError
from channels.telegram import make_bot
from lantern.config import Secret, Settings
from lantern.doctor import run
from lantern.doctor.address import OurAddress
from lantern.doctor.telegram import TelegramCheck
from lantern.doctor.twilio import NO_SID, TwilioCheck
from lantern.doctor.whatsapp import WhatsAppCheck

PUBLIC, NUMBER, SERVICE = "https://line.example.org", "+15005550006", "MG" + "0" * 32
ACCOUNT = "AC" + "0" * 32
HERE = f"{PUBLIC}/channels/sms"
RIGHT = {"sms_url": HERE, "sms_method": "POST", "sms_fallback_url": HERE}
RECEIVES = {"callback_url": f"{PUBLIC}/channels/whatsapp", "callback_method": "POST", "fallback_url": PUBLIC}
META = {"meta": {"key": "phone_numbers", "next_page_url": None}}
WELL = {
    f"{ACCOUNT}.json": {"sid": ACCOUNT, "status": "active", "type": "Full"},
    "IncomingPhoneNumbers.json": {"incoming_phone_numbers": [{"sid": "PN1", "capabilities": {"sms": True}, **RIGHT}]},
    "Messages.json": {"messages": [{"sid": "SM1", "direction": "outbound-api", "error_code": None}]},
    SERVICE: {"sid": SERVICE, "use_inbound_webhook_on_number": True},
    "PhoneNumbers": {"phone_numbers": [{"sid": "PN1", "phone_number": NUMBER}], **META},
    "Senders": {
        "senders": [{"sid": "XE1", "sender_id": f"whatsapp:{NUMBER}", "status": "ONLINE", "webhook": RECEIVES}]
    },
    "getMe": {"ok": True, "result": {"id": 1, "is_bot": True, "first_name": "Mail", "username": "mail_bot"}},
    "getWebhookInfo": {"ok": True, "result": {"url": "", "has_custom_certificate": False, "pending_update_count": 0}},
    "getMyName": {"ok": True, "result": {"name": "Mail"}},
    "getMyDescription": {"ok": True, "result": {"description": ""}},
    "getMyShortDescription": {"ok": True, "result": {"short_description": ""}},
    "getMyCommands": {"ok": True, "result": []},
}
ODD = (["a", 1], "<html>", {"x": []})
DEEP = b"[" * 100_000 + b"]" * 100_000


class Api:
    """A server that answers as told, and else as an API in whose setup all is well."""

    def __init__(self):
        api = self
        self.said = {}

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, body = api.answer(self.path.partition("?")[0].rsplit("/", 1)[1])
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET  # noqa: N815 (as the base class calls it)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def answer(self, name):
        status, said = self.said.get(name, (200, WELL.get(name, {})))
        return status, said if isinstance(said, bytes) else json.dumps(said).encode()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture(scope="module")
def _api():
    api = Api()
    yield api
    api.stop()


@pytest.fixture
def api(_api):
    _api.said = {}
    return _api


def says(kind, api):
    line = Settings(
        public_url=PUBLIC,
        twilio_account_sid=ACCOUNT,
        twilio_auth_token=Secret("t"),
        twilio_from=SERVICE,
        whatsapp_from=NUMBER,
        twilio_api_base=api.url,
        telegram_token=Secret("666:APP"),
        telegram_api_base=api.url,
    )
    said = []
    wrong = run((kind(line),), fix=False, say=said.append)
    return wrong, "\n".join(said)


@pytest.mark.parametrize("kind", [TwilioCheck, WhatsAppCheck, TelegramCheck])
def test_a_setup_that_is_well_is_in_order(api, kind):
    api.said["getWebhookInfo"] = (200, {"ok": True, "result": {
        "url": f"{PUBLIC}/channels/telegram", "has_custom_certificate": False, "pending_update_count": 0,
        "allowed_updates": ["message", "edited_message", "callback_query", "my_chat_member"]}})  # fmt: skip

    assert "broke off" not in says(kind, api)[1]
    assert "in a form that is not" not in says(kind, api)[1]


@pytest.mark.parametrize("odd", ODD, ids=repr)
@pytest.mark.parametrize(
    ("kind", "name"),
    [
        *((TwilioCheck, name) for name in (f"{ACCOUNT}.json", "IncomingPhoneNumbers.json", "Messages.json", SERVICE,
                                           "PhoneNumbers")),
        (WhatsAppCheck, "Senders"),
        *((TelegramCheck, name) for name in WELL if name.startswith("get")),
    ],
)  # fmt: skip
def test_json_of_another_shape_is_a_sentence(api, kind, name, odd):
    api.said = {name: (200, {"ok": True, "result": odd} if kind is TelegramCheck else odd)}

    wrong, told = says(kind, api)

    assert "broke off" not in told
    assert wrong > 0 or isinstance(odd, dict)


@pytest.mark.parametrize(("kind", "provider"), [(TwilioCheck, "Twilio"), (WhatsAppCheck, "Twilio"),
                                                (TelegramCheck, "Telegram")])  # fmt: skip
def test_the_sentence_names_the_setting(api, kind, provider):
    odd = ["no", "page"]
    api.said = {f"{ACCOUNT}.json": (200, odd), "Senders": (200, odd), "getMe": (200, {"ok": True, "result": odd})}

    wrong, told = says(kind, api)

    assert (wrong, f"answers in a form that is not {provider}'s; is LANTERN_{provider.upper()}_API_BASE" in told) == (
        1,
        True,
    )


FIELDS = [
    (TwilioCheck, f"{ACCOUNT}.json", ("status", "type")),
    (TwilioCheck, "IncomingPhoneNumbers.json", ("sid", "capabilities", *RIGHT)),
    (TwilioCheck, "Messages.json", ("direction", "error_code")),
    (TwilioCheck, "PhoneNumbers", ("phone_number",)),
    (TwilioCheck, SERVICE, ("inbound_request_url", "fallback_url", "use_inbound_webhook_on_number")),
    (WhatsAppCheck, "Senders", ("sid", "sender_id", "status", "webhook")),
    (TelegramCheck, "getMe", ("username", "can_join_groups", "id", "first_name")),
    (TelegramCheck, "getWebhookInfo", ("url", "pending_update_count", "last_error_date", "last_error_message",
                                       "allowed_updates")),
    (TelegramCheck, "getMyName", ("name",)),
    (TelegramCheck, "getMyDescription", ("description",)),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "name", "fields"), FIELDS, ids=lambda one: one if isinstance(one, str) else "")
def test_fields_of_another_type_are_a_sentence(api, kind, name, fields):
    for field in fields:
        for odd in (["a"], 7):
            said = json.loads(json.dumps(WELL[name]))
            inner = said.get("result", next((one[0] for one in said.values() if isinstance(one, list) and one), said))
            inner[field] = odd
            api.said = {name: (200, said)}

            assert "broke off" not in says(kind, api)[1], (field, odd)


@pytest.mark.parametrize("status", [401, 404, 429])
@pytest.mark.parametrize(
    "odd", [[], "no", 7, {"ok": False, "parameters": "x"}, {"ok": False, "description": [], "parameters": {"retry_after": "9"}},
            b"<html>"], ids=repr,
)  # fmt: skip
@pytest.mark.parametrize("kind", [TwilioCheck, WhatsAppCheck, TelegramCheck])
def test_a_refusal_of_another_shape_is_a_sentence(api, kind, odd, status):
    api.said = dict.fromkeys((f"{ACCOUNT}.json", "Senders", "getMe"), (status, odd))

    wrong, told = says(kind, api)

    assert (wrong, "broke off" in told) == (1, False)


def test_a_page_of_something_in_between_is_no_word_about_the_token(api):
    api.said = {"getMe": (404, b"<html>"), "Senders": (200, b"<html>")}

    assert "does not know what it was asked (404)" in says(TelegramCheck, api)[1]
    assert "does not know this token" not in says(TelegramCheck, api)[1]
    assert "in a form that is not Twilio's" in says(WhatsAppCheck, api)[1]


@pytest.mark.parametrize("page", [b"<html><title>Sign in to this network</title>", b"", b"{}", b"[]", DEEP],
                         ids=["page", "nothing", "object", "list", "deep"])  # fmt: skip
def test_what_answers_in_place_of_telegram_is_no_outage_of_telegram(api, page):
    api.said = {"getMe": (200, page)}

    wrong, told = says(TelegramCheck, api)

    assert wrong == 1
    assert "something else than Telegram seems to answer: 127.0.0.1:" in told
    assert "is LANTERN_TELEGRAM_API_BASE, if it is set, the address of Telegram's API?" in told
    assert "outage" not in told


@pytest.mark.parametrize("status", [200, 401, 404, 429, 500])
@pytest.mark.parametrize("body", [DEEP, b'{"ok":true,"result":' + DEEP + b"}", b'{"ok":false,"x":' + DEEP + b"}"],
                         ids=["bare", "as a yes", "as a no"])  # fmt: skip
@pytest.mark.parametrize("kind", [TwilioCheck, WhatsAppCheck, TelegramCheck])
def test_lists_in_lists_without_end_are_a_sentence(api, kind, body, status):
    for name in {TwilioCheck: (f"{ACCOUNT}.json", "Messages.json"), WhatsAppCheck: ("Senders",),
                 TelegramCheck: ("getMe", "getMyName")}[kind]:  # fmt: skip
        api.said = {name: (status, body)}

        wrong, told = says(kind, api)

        assert (wrong > 0, "broke off" in told) == (True, False), told


@pytest.mark.parametrize("odd", ["no", 7, None, ["a"], [{"message": {}}], [{"update_id": "1"}], {}, DEEP],
                         ids=lambda odd: repr(odd)[:20])  # fmt: skip
def test_updates_of_another_shape_end_no_polling(api, odd):
    async def asked():
        bot = make_bot("666:APP", api_base=api.url)
        try:
            await bot.raw_updates(0, 0)
        finally:
            await bot.disconnect()

    said = b'{"ok":true,"result":' + odd + b"}" if isinstance(odd, bytes) else {"ok": True, "result": odd}
    api.said = {"getUpdates": (200, said)}
    with pytest.raises(TelegramError):
        asyncio.run(asked())


def test_a_message_whose_answer_cannot_be_read_is_of_unknown_fate(api):
    from channels.base import Address, Outbound
    from channels.sms import SmsAccount, SmsChannel
    from channels.telegram import TelegramChannel

    api.said = {"sendMessage": (200, {"ok": True, "result": ["odd"]}), "Messages.json": (201, ["odd"])}
    account = SmsAccount(account_sid=ACCOUNT, auth_token="t", senders=(NUMBER,), api_base=api.url)
    for channel, name in ((TelegramChannel("666:APP", api_base=api.url), "telegram"), (SmsChannel(account), "sms")):

        async def send(channel=channel, name=name):
            more = {"valid_for_s": 600, "urgent": False}
            try:
                await channel.send(Outbound(uid="u", recipient=Address(name, "77"), text="hi", line=NUMBER, **more))
            finally:
                await channel.close()

        with pytest.raises(SendError) as problem:
            asyncio.run(send())
        assert type(problem.value) is FateUnknown


@pytest.mark.parametrize(("url", "ports"), [("http://line.example.org", ()), ("https://line.example.org:9", (443,))])
def test_of_an_address_that_is_wrong_it_is_said_that_nothing_is_mended(url, ports):
    assert "--fix points no provider at it" in (OurAddress(url=url).fault(ports) or "")


@pytest.mark.parametrize("sid", ["xyz", "AC", "SK" + "0" * 32, ACCOUNT + "0"])
def test_an_account_sid_of_another_shape_is_told_before_twilio_is_asked(sid):
    nowhere = "http://127.0.0.1:9"
    line = Settings(public_url=PUBLIC, twilio_account_sid=sid, twilio_auth_token=Secret("t"), twilio_api_base=nowhere)

    told = [one.sentence for one in TwilioCheck(line).judge()]

    assert told == [NO_SID]
