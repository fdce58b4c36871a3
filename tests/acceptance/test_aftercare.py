"""Erasing and fetching at the real contracts: Twilio's by Prism, Telegram's by the description of its Bot API."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, timezone

import pytest
from asgiref.sync import sync_to_async
from django.core.management import call_command

from bot import intake
from bot.delivery import Delivery
from bot.erasing import Eraser
from bot.now import wall_clock
from bot.reconcile import reconcile
from bot.serving import channels_of, serve_polling
from channels.telegram import TelegramChannel
from channels.telegram_updates import decode_update
from records.erasure import traces
from records.erasure.contact_export import erase_contact
from records.erasure.retention import erase_conversation, erase_due
from records.models import AuditEvent, Conversation, InboxMessage, OutboxMessage, ProviderTrace
from records.states import Actor
from tests.acceptance.conftest import BOT_TOKEN, OUR_NUMBER, free_port
from tests.acceptance.test_telegram import by_polling, by_webhook, deliver, heard, road, said, served, until
from tests.channels.conftest import payload

__all__ = ["by_polling", "by_webhook", "road"]  # fixtures

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


def by_the_phone(conversation):
    Conversation.objects.filter(pk=conversation.pk).update(erase_at=wall_clock())
    erase_due(wall_clock())


def by_staff(conversation):
    erase_contact(conversation.contact_id, None, wall_clock())


def by_retention(conversation):
    day = wall_clock() - timedelta(hours=25)
    Conversation.objects.filter(pk=conversation.pk).update(started_at=day, last_in_at=day, last_out_at=day)
    erase_due(wall_clock())


@pytest.mark.parametrize("mode", ["by_polling", "by_webhook"])
@pytest.mark.parametrize("erased", [by_the_phone, by_staff, by_retention])
def test_an_erased_conversation_is_erased_in_the_chat_on_both_sides(
    request, telegram, outbox, monkeypatch, mode, erased
):
    line = request.getfixturevalue(mode)
    monkeypatch.setattr("bot.serving.ERASE_EVERY_S", 0.2)

    def asks():
        conversation = InboxMessage.objects.get().conversation
        outbox.add("Aman?", conversation=conversation, channel="telegram", buttons=(("no@3", "Tidak"),))
        return conversation

    async def talk():
        async with served(line):
            if mode == "by_webhook":
                await until(lambda: telegram.calls("setWebhook"))
            await sync_to_async(telegram.writes)("gaji saya ditahan")
            await until(lambda: len(heard()) == 1)
            conversation = await sync_to_async(asks)()
            await until(telegram.sees)
            await sync_to_async(telegram.taps)("no@3", telegram.sees()[0])
            await until(lambda: ("button", "Tidak") in said())
            await until(lambda: not OutboxMessage.objects.filter(unfinished=True).exists())
            await sync_to_async(InboxMessage.objects.update)(status="done")  # no runner is up
            await sync_to_async(erased)(conversation)
            await until(lambda: told_of(conversation))
        return conversation

    conversation = asyncio.run(talk())

    assert told_of(conversation).details == {"channel": "telegram", "gone": 3, "kept": 0}
    assert traces.open_traces() == 0
    asked = [call["body"] for call in telegram.calls("deleteMessage")]
    assert [str(one["chat_id"]) for one in asked] == ["77", "77"]  # the tap is no message
    assert telegram.history() == []


def told_of(conversation):
    return AuditEvent.objects.filter(action="erased_at_provider", conversation_uid=conversation.uid).first()


@pytest.mark.parametrize("how", ["before", "after", "silent", "away"])
def test_a_telegram_that_is_slow_or_away_erases_when_it_is_back(telegram, road, outbox, how):
    receipt = intake.receive(decode_update(payload("telegram_text"), "666", outbox.now).inbound, outbox.now)
    conversation = InboxMessage.objects.get(pk=receipt.inbox_id).conversation
    outbox.add("Saya di sini.", conversation=conversation, channel="telegram")
    away = f"http://127.0.0.1:{free_port()}"
    if how != "away":
        road.fails(how, times=2)

    def works(address, work):
        async def run():
            channel = TelegramChannel(BOT_TOKEN, api_base=address, timeout_s=1.0)
            await work(channel)
            await channel.close()

        asyncio.run(run())

    def erases(address):
        works(address, lambda channel: Eraser((channel,), lambda: outbox.now).erase_due())

    works(telegram.api, lambda channel: Delivery((channel,), "d1", lambda: outbox.now, ask_after_s=0).run_once())
    erase_conversation(conversation.pk, "asked", Actor.SYSTEM, outbox.now)
    erases(away if how == "away" else road.url)
    early = (traces.open_traces(), told_of(conversation))
    outbox.waits(minutes=6)
    erases(road.url)

    assert early == (2, None)
    assert told_of(conversation).details == {"channel": "telegram", "gone": 2, "kept": 0}
    assert (traces.open_traces(), telegram.history()) == (0, [])


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
