"""Telegram end to end, by polling and by webhook; each call of ours judged by the Bot API's own description."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
import urllib.error
import urllib.request
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError

from bot.delivery import Delivery
from bot.now import wall_clock
from bot.serving import channels_of, serve_delivery
from channels.base import press_data
from channels.telegram import TelegramChannel, announce_webhook, make_bot
from records.models import InboxMessage, OutboxMessage
from tests.acceptance.conftest import BOT_TOKEN, SECRET, free_port
from tests.acceptance.road import Road
from tests.channels.conftest import payload


@pytest.fixture
def by_polling(telegram, configured, tmp_path):
    """An installation with Telegram and no public address."""
    return configured(telegram_token=BOT_TOKEN, telegram_api_base=telegram.api, data=tmp_path)


@pytest.fixture
def by_webhook(telegram, configured, line_address, tmp_path):
    """An installation that Telegram can reach."""
    return configured(
        telegram_token=BOT_TOKEN,
        telegram_api_base=telegram.api,
        telegram_secret=SECRET,
        public_url=line_address,
        data=tmp_path,
    )


def heard():
    rows = InboxMessage.objects.select_related("conversation__day_key").order_by("pk")
    return [(row.kind, row.open_payload(row.conversation.open_key())) for row in rows]


def said():
    return [(kind, found["text"]) for kind, found in heard()]


def states():
    return [(row.status, row.reason) for row in OutboxMessage.objects.order_by("pk")]


class Clock:
    """Time that the test moves."""

    def __init__(self):
        self.at = wall_clock()

    def __call__(self):
        return self.at


@contextlib.asynccontextmanager
async def served(line):
    """The whole delivery process, in this one."""
    stop = asyncio.Event()
    running = asyncio.create_task(serve_delivery(line, stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(running, 10)


async def until(statement, timeout_s=15):
    """Wait for what another process makes true."""
    deadline = time.monotonic() + timeout_s
    while not await sync_to_async(statement)():
        assert time.monotonic() < deadline, "it did not come true"
        await asyncio.sleep(0.05)


def deliver(line, *, rounds=1):
    async def run():
        channels = channels_of(line)
        for _ in range(rounds):
            await Delivery(channels, "d1", wall_clock, ask_after_s=0).run_once()
        for channel in channels:
            await channel.close()

    asyncio.run(run())


def test_by_polling_a_person_writes_taps_and_is_answered(by_polling, telegram, outbox):
    def answer():
        buttons = ((press_data("yes", "safe"), "Ya"), (press_data("no", "safe"), "Tidak"))
        conversation = InboxMessage.objects.get(kind="text").conversation
        outbox.add("Apakah aman menulis sekarang?", conversation=conversation, channel="telegram", buttons=buttons)

    async def talk():
        async with served(by_polling):
            await sync_to_async(telegram.starts)()
            await sync_to_async(telegram.writes)("gaji saya ditahan")
            await until(lambda: len(heard()) == 2)
            await sync_to_async(answer)()
            await until(lambda: len(telegram.sees()) == 1)
            [seen] = telegram.sees()
            await sync_to_async(telegram.taps)("no@safe", seen)
            await until(lambda: telegram.calls("answerCallbackQuery"))
        return seen

    seen = asyncio.run(talk())

    assert seen["message"]["text"] == "Apakah aman menulis sekarang?"
    assert said() == [("command", "start"), ("text", "gaji saya ditahan"), ("button", "Tidak")]
    assert (heard()[2][1]["button"], heard()[0][1]["hint_language"]) == ("no@safe", "id")
    assert "Ada" not in str(heard())
    assert states() == [("sent", "")]


def test_what_is_sent_shows_no_preview_and_cannot_be_forwarded(by_polling, telegram, outbox):
    outbox.add("https://example.org *_", conversation=outbox.conversation("telegram", "77"), channel="telegram")

    deliver(by_polling)

    [call] = telegram.calls("sendMessage")
    assert json.loads(call["body"]["link_preview_options"]) == {"is_disabled": True}
    assert call["body"]["protect_content"] == "true"
    assert "parse_mode" not in call["body"]
    assert telegram.sees()[0]["message"]["text"] == "https://example.org *_"


def test_a_long_message_arrives_in_pieces_in_order_with_the_buttons_last(by_polling, telegram, outbox):
    text = " ".join(f"Sentence number {number}." for number in range(400))
    conversation = outbox.conversation("telegram", "77")
    outbox.add(text, conversation=conversation, channel="telegram", buttons=(("yes@1", "Yes"),))

    deliver(by_polling)

    bodies = [call["body"] for call in telegram.calls("sendMessage")]
    assert " ".join(body["text"] for body in bodies) == text
    assert all(body["text"].endswith(".") for body in bodies)
    assert ["reply_markup" in body for body in bodies] == [False] * (len(bodies) - 1) + [True]


def test_an_update_that_could_not_be_stored_comes_again(by_polling, telegram, outbox, monkeypatch):
    from bot import serving

    really, failures = serving.intake.receive, [OperationalError("locked")]

    def receive(inbound, now):
        if failures:
            raise failures.pop()
        return really(inbound, now)

    monkeypatch.setattr(serving.intake, "receive", receive)
    monkeypatch.setattr(serving, "PAUSE_S", 0.05)

    async def talk():
        async with served(by_polling):
            await sync_to_async(telegram.writes)("one")
            await sync_to_async(telegram.writes)("two")
            await until(lambda: len(heard()) == 2)

    asyncio.run(talk())

    assert said() == [("text", "one"), ("text", "two")]


def test_a_restart_asks_again_and_doubles_nothing(by_polling, telegram, outbox):
    async def talk(text, count):
        async with served(by_polling):
            await sync_to_async(telegram.writes)(text)
            await until(lambda: len(heard()) == count)

    asyncio.run(talk("one", 1))
    asyncio.run(talk("two", 2))

    assert said() == [("text", "one"), ("text", "two")]


def test_by_webhook_a_person_writes_and_taps(by_webhook, telegram, outbox):
    async def talk():
        async with served(by_webhook):
            await until(lambda: telegram.calls("setWebhook"))
            await sync_to_async(telegram.writes)("gaji saya ditahan")
            await until(lambda: len(heard()) == 1)
            conversation = await sync_to_async(outbox.conversation)("telegram", "77")
            await sync_to_async(
                lambda: outbox.add("?", conversation=conversation, channel="telegram", buttons=(("no@3", "No"),))
            )()
            await until(lambda: len(telegram.sees()) == 1)
            await sync_to_async(telegram.taps)("no@3", telegram.sees()[0])
            await until(lambda: ("button", "No") in said())

    asyncio.run(talk())

    assert said()[0] == ("text", "gaji saya ditahan")
    assert telegram.calls("getUpdates") == []


def test_a_webhook_call_with_the_wrong_secret_stores_nothing(by_webhook, telegram, outbox):
    async def announce_wrongly():
        bot = make_bot(BOT_TOKEN, api_base=telegram.api)
        await announce_webhook(bot, f"{by_webhook.public_url}/channels/telegram", "not-the-secret")
        await bot.disconnect()

    asyncio.run(announce_wrongly())
    telegram.writes("lost on purpose")

    assert heard() == []


def test_the_same_update_twice_is_one_message(by_webhook, telegram, outbox):
    def post():
        headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET, "Content-Type": "application/json"}
        body = json.dumps(payload("telegram_text")).encode()
        request = urllib.request.Request(f"{by_webhook.public_url}/channels/telegram", body, headers)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status

    assert [post(), post()] == [200, 200]
    assert said() == [("text", "gaji saya ditahan")]


def test_a_flood_limit_is_waited_out(by_polling, telegram, outbox):
    telegram.fails("sendMessage", 429, retry_after=1)
    outbox.add("one", conversation=outbox.conversation("telegram", "77"), channel="telegram")
    outbox.add("two", conversation=outbox.conversation("telegram", "78"), channel="telegram")

    async def talk():
        async with served(by_polling):
            await until(lambda: [state for state, _ in states()] == ["sent", "sent"])

    asyncio.run(talk())

    assert [len(telegram.sees(77)), len(telegram.sees(78))] == [1, 1]


@pytest.mark.parametrize(
    ("code", "description", "state"),
    [
        (403, "Forbidden: bot was blocked by the user", ("failed", "Blocked")),
        (400, "Bad Request: chat not found", ("failed", "WrongAddress")),
        (400, "Bad Request: message is odd", ("failed", "Refused")),
        (401, "Unauthorized", ("waiting", "Credentials")),
        (500, "Internal Server Error", ("waiting", "ProviderFailing")),
    ],
)
def test_each_refusal_is_named(by_polling, telegram, outbox, code, description, state):
    telegram.fails("sendMessage", code, description=description, times=9)
    outbox.add(conversation=outbox.conversation("telegram", "77"), channel="telegram")

    deliver(by_polling)

    assert states() == [state]


def test_what_telegram_answers_with_an_error_of_its_own_goes_again(telegram, outbox):
    telegram.fails("sendMessage", 500)
    outbox.add(conversation=outbox.conversation("telegram", "77"), channel="telegram")
    clock = Clock()

    async def run():
        channel = TelegramChannel(BOT_TOKEN, api_base=telegram.api)
        delivery = Delivery((channel,), "d1", clock, ask_after_s=0)
        await delivery.run_once()
        clock.at += timedelta(seconds=5)
        await delivery.run_once()
        await channel.close()

    asyncio.run(run())

    assert (len(telegram.calls("sendMessage")), states()) == (2, [("sent", "")])


def test_an_urgent_message_of_unknown_fate_goes_once_more(telegram, road, outbox):
    road.fails("after")
    outbox.add(conversation=outbox.conversation("telegram", "77"), channel="telegram", urgent=True)
    channel = TelegramChannel(BOT_TOKEN, api_base=road.url, timeout_s=2.0)

    async def run():
        await Delivery((channel,), "d1", wall_clock, ask_after_s=0).run_once()
        await channel.close()

    asyncio.run(run())

    assert (len(telegram.calls("sendMessage")), states()) == (2, [("sent", "")])


def test_a_telegram_that_is_away_is_tried_again(configured, outbox):
    away = configured(telegram_token=BOT_TOKEN, telegram_api_base=f"http://127.0.0.1:{free_port()}")
    outbox.add(channel="telegram")

    deliver(away)

    assert states() == [("waiting", "ProviderUnreachable")]


@pytest.fixture
def road(telegram):
    road = Road(telegram.api)
    yield road
    road.close()


@pytest.mark.parametrize(
    ("how", "state", "taken"),
    [
        ("before", ("unknown", "FateUnknown"), 0),
        ("after", ("unknown", "FateUnknown"), 1),
        ("silent", ("unknown", "FateUnknown"), 1),
    ],
)
def test_a_road_that_breaks_under_a_message_leaves_its_fate_unknown(telegram, road, outbox, how, state, taken):
    """Telegram cannot be asked what it took, so a message that is not urgent never goes twice."""
    road.fails(how)
    outbox.add(conversation=outbox.conversation("telegram", "77"), channel="telegram")
    channel = TelegramChannel(BOT_TOKEN, api_base=road.url, timeout_s=2.0)

    async def run():
        await Delivery((channel,), "d1", wall_clock, ask_after_s=0).run_once()
        await channel.close()
        await until(lambda: len(telegram.calls("sendMessage")) >= taken)

    asyncio.run(run())

    assert (states(), len(telegram.calls("sendMessage"))) == ([state], taken)


@pytest.mark.parametrize("how", ["before", "after"])
def test_a_road_that_breaks_under_the_asking_loses_no_message(
    telegram, road, outbox, configured, tmp_path, monkeypatch, how
):
    monkeypatch.setattr("channels.telegram.PAUSE_S", 0.1)
    line = configured(telegram_token=BOT_TOKEN, telegram_api_base=road.url, data=tmp_path)

    async def talk():
        road.fails(how, times=2)
        async with served(line):
            await sync_to_async(telegram.writes)("gaji saya ditahan")
            await until(lambda: len(heard()) == 1)
            await sync_to_async(telegram.writes)("paspor juga")
            await until(lambda: len(heard()) == 2)

    asyncio.run(talk())

    assert said() == [("text", "gaji saya ditahan"), ("text", "paspor juga")]


def test_the_judge_is_awake(telegram_peer):
    judged = telegram_peer.judge.faults(
        [
            {"method": "sendMessag", "body": {}},
            {"method": "sendMessage", "body": {"text": "no chat"}},
            {"method": "sendMessage", "body": {"chat_id": "1", "text": "x", "colour": "red"}},
            {"method": "sendMessage", "body": {"chat_id": "1", "text": "x", "protect_content": "maybe"}},
            {"method": "sendMessage", "body": {"chat_id": "1", "text": "x", "reply_markup": '{"inline_keyboard": 5}'}},
            {"method": "sendMessage", "body": {"chat_id": "1", "text": "fine"}},
        ]
    )

    assert len(judged) == 5
