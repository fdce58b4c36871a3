"""Erasing and fetching at the real contracts: Twilio's by Prism, Telegram's by the description of its Bot API."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, timezone

from django.core.management import call_command

from bot.erasing import Eraser
from bot.now import wall_clock
from bot.reconcile import reconcile
from bot.serving import channels_of, serve_polling
from records.erasure.retention import erase_conversation
from records.models import AuditEvent, InboxMessage, ProviderTrace
from records.states import Actor
from tests.acceptance.conftest import BOT_TOKEN, OUR_NUMBER
from tests.acceptance.test_telegram import by_polling, deliver, heard, said, until

__all__ = ["by_polling"]  # a fixture

ANA = "+15005550009"


def erases(line):
    async def run():
        channels = channels_of(line)
        await Eraser(channels, wall_clock).erase_due()
        for channel in channels:
            await channel.close()

    asyncio.run(run())


def fetches(line, since):
    async def run():
        channels = channels_of(line)
        found = await reconcile(channels, wall_clock, since=since)
        for channel in channels:
            await channel.close()
        return found

    return asyncio.run(run())


def test_what_was_written_while_we_were_away_is_fetched_from_twilio_and_only_that(by_sms, twilio, outbox):
    now = datetime.now(timezone.utc)
    twilio.writes_in(ANA, OUR_NUMBER, "yesterday", now - timedelta(days=1))
    twilio.writes_in(ANA, OUR_NUMBER, "i am afraid", now - timedelta(minutes=50))
    twilio.writes_in(ANA, "+15005559999", "to another number", now)
    twilio._take({"To": ANA, "From": OUR_NUMBER, "Body": "ours"})

    [found] = fetches(by_sms, now - timedelta(hours=1))
    again = fetches(by_sms, now - timedelta(hours=1))

    assert (found.asked, found.missing, again[0].missing) == (1, 1, 0)
    row = InboxMessage.objects.select_related("conversation__day_key").get()
    assert row.open_payload(row.conversation.open_key())["text"] == "i am afraid"
    assert abs(row.written_at - (now - timedelta(minutes=50))) < timedelta(seconds=2)
    assert (row.conversation.owner, row.conversation.line) == ("queue", OUR_NUMBER)


def test_the_command_says_what_it_found(by_sms, twilio, outbox, capsys):
    twilio.writes_in(ANA, OUR_NUMBER, "i am afraid", datetime.now(timezone.utc) - timedelta(hours=2))

    call_command("reconcile", "--hours", "3")

    assert "1 of them were missing" in capsys.readouterr().out


def test_an_erased_conversation_is_erased_at_twilio_on_both_sides(by_sms, twilio, outbox):
    incoming = twilio.writes_in(ANA, OUR_NUMBER, "they keep my passport")
    fetches(by_sms, datetime.now(timezone.utc) - timedelta(hours=1))
    row = InboxMessage.objects.get()
    outbox.add("We are here.", conversation=row.conversation)
    deliver(by_sms)
    before = [message["sid"] for message in twilio.messages]
    uid = row.conversation.uid
    erase_conversation(row.conversation_id, "asked", Actor.SYSTEM)
    twilio.not_yet = 1

    erases(by_sms)
    half = len(twilio.messages)
    ProviderTrace.objects.filter(settled_at=None).update(next_at=datetime.now(timezone.utc))
    erases(by_sms)

    assert incoming["sid"] in before
    assert (len(before), half, twilio.messages) == (2, 1, [])
    told = AuditEvent.objects.get(action="erased_at_provider", conversation_uid=uid)
    assert told.details == {"channel": "sms", "gone": 2, "kept": 0}


def test_a_fetched_message_that_was_erased_does_not_come_back(by_sms, twilio, outbox):
    since = datetime.now(timezone.utc) - timedelta(hours=1)
    twilio.writes_in(ANA, OUR_NUMBER, "they keep my passport")
    fetches(by_sms, since)
    erase_conversation(InboxMessage.objects.get().conversation_id, "asked", Actor.SYSTEM)

    [found] = fetches(by_sms, since)

    assert (found.asked, found.missing) == (1, 0)
    assert not InboxMessage.objects.exists()


def test_an_erased_conversation_is_erased_in_the_chat_on_both_sides(by_polling, telegram, outbox):
    async def write():
        stop = asyncio.Event()
        polling = asyncio.create_task(serve_polling(by_polling, stop))
        await asyncio.to_thread(telegram.writes, "gaji saya ditahan")
        await until(lambda: len(heard()) == 1)
        stop.set()
        await asyncio.wait_for(polling, 40)

    asyncio.run(write())
    row = InboxMessage.objects.get()
    outbox.add("Saya di sini.", conversation=row.conversation, channel="telegram")
    deliver(by_polling)
    erase_conversation(row.conversation_id, "asked", Actor.SYSTEM)

    erases(by_polling)

    calls = [call["body"] for call in telegram.calls("deleteMessages")]
    assert [str(call["chat_id"]) for call in calls] == ["77", "77"]
    assert row.message_id in str(calls)


def test_of_two_processes_one_polls_and_the_other_takes_over(by_polling, telegram, outbox):
    async def run():
        first, second = asyncio.Event(), asyncio.Event()
        a = asyncio.create_task(serve_polling(by_polling, first, holder="a"))
        await until(lambda: telegram.calls("getUpdates"))
        b = asyncio.create_task(serve_polling(by_polling, second, holder="b"))
        await asyncio.to_thread(telegram.writes, "one")
        await until(lambda: len(said()) == 1)
        first.set()
        await asyncio.wait_for(a, 40)
        await asyncio.to_thread(telegram.writes, "two")
        await until(lambda: len(said()) == 2)
        second.set()
        await asyncio.wait_for(b, 40)

    asyncio.run(run())

    assert said() == [("text", "one"), ("text", "two")]


def test_what_waits_at_telegram_is_fetched_although_a_webhook_is_set(configured, telegram, outbox, tmp_path):
    from tests.acceptance.conftest import PUBLIC, SECRET

    line = configured(
        telegram_token=BOT_TOKEN,
        telegram_api_base=telegram.api,
        telegram_secret=SECRET,
        public_url=PUBLIC,
        data=tmp_path,
    )
    telegram.writes("waits there")

    call_command("reconcile")

    assert said() == [("text", "waits there")]
    assert line.telegram_token == BOT_TOKEN
    assert telegram.calls("setWebhook")[-1]["body"]["url"] == f"{PUBLIC}/channels/telegram"


def test_the_chat_shows_typing_and_a_used_button_is_gone(by_polling, telegram, outbox):
    async def run():
        stop = asyncio.Event()
        polling = asyncio.create_task(serve_polling(by_polling, stop))
        await asyncio.to_thread(telegram.writes, "halo")
        await until(lambda: telegram.calls("sendChatAction"))

        def answer():
            conversation = InboxMessage.objects.get().conversation
            outbox.add("Aman?", conversation=conversation, channel="telegram", buttons=(("yes@1", "Ya"),))

        await asyncio.to_thread(answer)
        await asyncio.to_thread(deliver, by_polling)
        await until(telegram.sees)
        await asyncio.to_thread(telegram.taps, "yes@1", telegram.sees()[0])
        await until(lambda: telegram.calls("editMessageReplyMarkup"))
        stop.set()
        await asyncio.wait_for(polling, 40)

    asyncio.run(run())

    [call] = telegram.calls("editMessageReplyMarkup")
    assert "reply_markup" not in call["body"]
    assert said()[-1] == ("button", "Ya")
