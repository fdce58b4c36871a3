"""Erasing in a Telegram chat: each answer understood, a tap is no message, and a whole talk goes with its buttons."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest
from asgiref.sync import async_to_sync

from bot import intake
from bot.delivery import Delivery
from bot.erasing import Eraser
from channels.answers import SHAPE
from channels.base import Trace
from channels.errors import Credentials, ProviderBusy, ProviderFailing, ProviderUnreachable, SendError
from channels.telegram import LineBot, TelegramChannel
from channels.telegram_http import TelegramRequest
from channels.telegram_updates import decode_update
from records.erasure import traces
from records.erasure.retention import erase_conversation
from records.models import AuditEvent, Conversation, InboxMessage
from records.states import Actor
from tests.channels.conftest import payload

YES = (200, '{"ok":true,"result":true}')
NOT_FOUND = (400, '{"ok":false,"error_code":400,"description":"Bad Request: message to delete not found"}')
TOO_OLD = (400, '{"ok":false,"error_code":400,"description":"Bad Request: message can\'t be deleted for everyone"}')
NO_CHAT = (400, '{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}')


class Telegram:
    """The Bot API in memory: gives these answers in order, then yes to everything."""

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), []
        request = TelegramRequest(httpx_kwargs={"transport": httpx.MockTransport(self._answer)})
        self.channel = TelegramChannel("666:APP")
        self.channel.bot = LineBot("666:APP", request=request, get_updates_request=request)

    def _answer(self, request):
        body = dict(httpx.QueryParams(request.content.decode()))
        self.asked.append((request.url.path.rsplit("/", 1)[1], body.get("chat_id"), body.get("message_id")))
        status, said = self.answers.pop(0) if self.answers else YES
        return httpx.Response(status, content=said)

    def erases(self, message_id):
        return asyncio.run(self.channel.erase(Trace(message_id, "77")))


@pytest.mark.parametrize(
    ("answer", "gone"),
    [
        (YES, True),
        (NOT_FOUND, True),
        ((200, '{"ok": false, "error_code": 400, "description": "Bad Request: message 3 wasn\'t found"}'), True),
        ((200, '{ "ok": true, "result": null }'), True),
        (TOO_OLD, False),
        (NO_CHAT, False),
        ((403, '{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}'), False),
    ],
)
def test_each_answer_says_whether_the_message_is_gone(answer, gone):
    telegram = Telegram(answer)

    assert telegram.erases("3") is gone
    assert telegram.asked == [("deleteMessage", "77", "3")]


@pytest.mark.parametrize(
    ("answer", "cause", "code"),
    [
        ((500, '{"message":"Route not found"}'), ProviderFailing, "500"),
        ((502, "<html>Bad Gateway</html>"), ProviderFailing, "502"),
        ((429, "<html>Too many</html>"), ProviderBusy, "429"),
        ((200, "<html>Sign in to this network</html>"), ProviderUnreachable, SHAPE),
        ((200, "[]"), ProviderUnreachable, SHAPE),
        ((401, '{"ok":false,"error_code":401,"description":"Unauthorized"}'), Credentials, "401"),
        ((429, '{"ok":false,"error_code":429,"description":"?","parameters":{"retry_after":9}}'), ProviderBusy, "429"),
    ],
)
def test_an_answer_that_settles_nothing_is_named_with_its_status(answer, cause, code):
    with pytest.raises(SendError) as problem:
        Telegram(answer).erases("3")

    assert (type(problem.value), problem.value.code) == (cause, code)


def test_a_tap_was_never_a_message_in_the_chat():
    telegram = Telegram()

    assert telegram.erases("666:345002")
    assert telegram.asked == []


def test_every_piece_of_a_long_message_is_erased_and_one_that_stays_is_told():
    telegram = Telegram(TOO_OLD, YES)

    assert not telegram.erases("12,13")
    assert [message_id for _, _, message_id in telegram.asked] == ["12", "13"]


def test_a_talk_with_buttons_is_erased_on_both_sides_and_told(outbox):
    for shape in ("telegram_text", "telegram_tap", "telegram_blocked", "telegram_unblocked"):
        intake.receive(decode_update(payload(shape), "666", outbox.now).inbound, outbox.now)
    conversation = Conversation.objects.get()
    for provider_id in ("901", "902,903"):
        outbox.add(conversation=conversation, channel="telegram", status="sent", provider_id=provider_id)
    telegram = Telegram()

    erase_conversation(conversation.pk, "asked", Actor.SYSTEM, outbox.now)
    async_to_sync(Eraser((telegram.channel,), lambda: outbox.now).erase_due)()

    theirs = str(payload("telegram_text")["message"]["message_id"])
    assert sorted(message_id for _, _, message_id in telegram.asked) == sorted([theirs, "901", "902", "903"])
    assert traces.open_traces() == 0
    told = AuditEvent.objects.get(action="erased_at_provider", conversation_uid=conversation.uid)
    assert told.details["kept"] == 0


def test_the_beginning_of_a_message_that_broke_off_is_erased_too(outbox):
    conversation = outbox.conversation("telegram", "77")
    InboxMessage.objects.all().delete()
    outbox.add("A sentence of it. " * 400, conversation=conversation, channel="telegram")
    sent = {"message_id": 901, "date": 1, "chat": {"id": 77, "type": "private"}, "text": "A sentence of it."}
    telegram = Telegram((200, json.dumps({"ok": True, "result": sent})), TOO_OLD)
    async_to_sync(Delivery((telegram.channel,), "d1", lambda: outbox.now, ask_after_s=0).run_once)()
    failed = outbox.states()

    erase_conversation(conversation.pk, "asked", Actor.SYSTEM, outbox.now)
    async_to_sync(Eraser((telegram.channel,), lambda: outbox.now).erase_due)()

    assert failed == [("failed", "PartlySent")]
    assert telegram.asked[-1] == ("deleteMessage", "77", "901")
