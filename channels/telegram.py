"""Telegram: makes one try to send and names the failure; asks for updates where no webhook can reach us.

No parse mode (a stray `_` must not fail a message), no link preview (it would show what
the chat is about), no forwarding. Telegram cannot be asked what it sent: a broken
connection is of unknown fate for good. An answer that the server failed is tried again: if it had taken the
message all the same, they get it twice, which harms less than a word that nobody gets.
Incoming updates: `telegram_updates`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

import httpx

os.environ.setdefault("PTB_TIMEDELTA", "1")  # read by the package whenever it names a time: no deprecated number

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.constants import ChatAction
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, RetryAfter, TelegramError

from channels.answers import SHAPE, as_answered
from channels.base import Inbound, Outbound, Pace, Sent, Trace
from channels.errors import (
    BadPayload,
    Blocked,
    Credentials,
    FateUnknown,
    PartlySent,
    ProviderBusy,
    ProviderFailing,
    ProviderUnreachable,
    Refused,
    SendError,
    WrongAddress,
)
from channels.parts import split_by_sentence
from channels.telegram_http import AnsweredBadly, TelegramRequest
from channels.telegram_updates import ALLOWED_UPDATES, TELEGRAM, Decoded, bot_id, decode_update

log = logging.getLogger(__name__)

MAX_LETTERS = 4096  # Telegram's limit for a message; it counts UTF-16 units
CONNECT_TIMEOUT_S = 5.0
TIMEOUT_S = 10.0
POLL_TIMEOUT_S = 25
WEBHOOK_CONNECTIONS = 10
LAST_OF_BASIC_PLANE = 0xFFFF
CONNECTIONS = 8  # about 30 messages a second is all that Telegram takes from a bot
PAUSE_S = 3.0
ALL_CHATS_PER_S = 30.0  # for one bot (Bot FAQ)
BETWEEN_IDS = ","
UPDATE_MARK = ":"  # in the id of an update, never in the id of a message

# These would write our token (it is part of the address) or what people wrote into the logs.
for _talkative in ("httpx", "httpcore", "telegram"):
    logging.getLogger(_talkative).setLevel(logging.CRITICAL + 1)  # an unreadable update is logged whole as critical


# Stores one message; True if the bot is going to answer it now.
Receive = Callable[[Inbound], Awaitable[bool]]


class LineBot(Bot):
    """The package's bot, with updates as Telegram wrote them: one that cannot be read must not hide the others."""

    async def raw_updates(self, offset: int, timeout_s: int) -> list[dict[str, Any]]:
        """The updates from `offset` on, waiting up to `timeout_s` for the first. Raises TelegramError."""
        asked = {"offset": offset, "timeout": timeout_s, "allowed_updates": list(ALLOWED_UPDATES)}
        try:
            found: Any = await self._post("getUpdates", asked, read_timeout=timeout_s + TIMEOUT_S)
        except LookupError:  # a yes without a result
            found = None
        if not isinstance(found, list) or not all(map(_is_update, found)):
            raise AnsweredBadly(SHAPE)
        return found

    async def disconnect(self) -> None:
        """Close the connections; `shutdown` would leave them, as we never ask Telegram who we are."""
        await asyncio.gather(*(request.shutdown() for request in self._request))


class TelegramChannel:
    """One bot, as a `Channel`."""

    name = TELEGRAM
    can_find_sent = False
    chat_gap_s = 1.0  # "avoid sending more than one message per second" to a chat (Bot FAQ)

    def __init__(self, token: str, *, api_base: str | None = None, timeout_s: float = TIMEOUT_S) -> None:
        self.bot = make_bot(token, api_base=api_base, timeout_s=timeout_s)
        self.paces = {"": Pace(ALL_CHATS_PER_S, ALL_CHATS_PER_S / 2)}

    def cost(self, message: Outbound) -> float:
        """Messages, as Telegram counts them."""
        return float(len(_pieces(message.text)))

    async def send(self, message: Outbound) -> Sent:
        """Hand one message to Telegram, in several pieces if it is long; the buttons hang on the last.

        Raises:
            SendError: the cause; `FateUnknown` if the connection broke and Telegram may have taken it.
        """
        keyboard = InlineKeyboardMarkup([[_button(one.id, one.label)] for one in message.buttons])
        pieces = _pieces(message.text)
        taken: list[str] = []
        try:
            for piece in pieces:
                last = len(taken) == len(pieces) - 1
                taken.append(await self._send_piece(message.recipient.value, piece, keyboard if last else None))
        except SendError as problem:
            if not taken:
                raise
            raise PartlySent(problem.name, sent_id=BETWEEN_IDS.join(taken)) from problem
        return Sent(BETWEEN_IDS.join(taken))

    async def find_sent(self, message: Outbound) -> Sent | None:
        """Telegram cannot be asked: always None, which says nothing about the message."""
        return None

    async def erase(self, trace: Trace) -> bool:
        """Delete one message of either side in the chat; what is not there any more is gone.

        False where Telegram keeps it: it lets bots delete for 48 hours only.

        Raises:
            SendError: not now.
        """
        if UPDATE_MARK in trace.provider_id:
            return True  # a tap or a block: it was an update, and never a message in the chat
        gone = [await self._erase_one(trace.address, int(one)) for one in trace.provider_id.split(BETWEEN_IDS)]
        return all(gone)

    async def close(self) -> None:
        await self.bot.disconnect()

    async def _erase_one(self, chat: str, message_id: int) -> bool:
        # One a call: `deleteMessages` says yes whatever it passed over, and not every Bot API server knows it.
        try:
            await self.bot.delete_message(_chat(chat), message_id)
        except BadRequest as problem:
            said = problem.message.lower()
            return "message" in said and "found" in said  # a chat that is not found may be another bot's, and full
        except Forbidden:
            return False  # they have blocked the bot: their chat is theirs
        except TelegramError as problem:
            raise cause_of(problem) from None
        return True

    async def _send_piece(self, chat: str, text: str, keyboard: InlineKeyboardMarkup | None) -> str:
        with as_answered():
            try:
                sent = await self.bot.send_message(
                    chat_id=_chat(chat),
                    text=text,
                    link_preview_options=LinkPreviewOptions(is_disabled=True),
                    protect_content=True,
                    reply_markup=keyboard if keyboard is not None and keyboard.inline_keyboard else None,
                )
            except TelegramError as problem:
                raise cause_of(problem) from None  # its text may quote the request
            return str(sent.message_id)


async def poll(
    bot: LineBot,
    receive: Receive,
    *,
    now: Callable[[], datetime],
    timeout_s: int = POLL_TIMEOUT_S,
) -> None:
    """Ask for updates for ever; each is confirmed only after `receive` has stored it.

    Telegram keeps the place for us: an update is confirmed by asking for the one after it, so a
    restart begins at the first that was not, and one that is stored already is no second message.

    Ends when cancelled, and with the error of `receive`: what it could not store comes again.
    """
    offset = 0
    chores = Chores()
    try:
        while True:
            try:
                for raw in await bot.raw_updates(offset, timeout_s):
                    offset = await _take(bot, raw, receive, chores, now()) + 1
            except TelegramError as problem:
                cause = cause_of(problem)
                log.warning("telegram_poll_failed cause=%s code=%s", cause.name, cause.code)
                await asyncio.sleep(cause.retry_after_s or PAUSE_S)
    finally:
        await chores.finish()


async def fetch_pending(bot: LineBot, receive: Receive, *, now: Callable[[], datetime]) -> int:
    """Take everything that waits at Telegram now; return how many updates. No webhook may be set meanwhile.

    Raises:
        SendError: Telegram could not be asked.
    """
    offset = count = 0
    chores = Chores()
    try:
        while found := await bot.raw_updates(offset, 0):
            for raw in found:
                offset = await _take(bot, raw, receive, chores, now()) + 1
                count += 1
    except TelegramError as problem:
        raise cause_of(problem) from None
    finally:
        await chores.finish()
    return count


async def _take(bot: LineBot, raw: dict[str, Any], receive: Receive, chores: Chores, now: datetime) -> int:
    try:
        decoded = decode_update(raw, bot_id(bot.token), now)
    except BadPayload as problem:
        log.error("telegram_update_unreadable %s", problem)
        return int(raw["update_id"])
    thinking = await receive(decoded.inbound) if decoded.inbound is not None else False
    chores.begin(courtesies(bot, decoded, thinking=thinking))
    return decoded.update_id


async def courtesies(bot: LineBot, decoded: Decoded, *, thinking: bool) -> None:
    """What makes a chat feel alive and leaves no used button behind. Nothing is lost if Telegram refuses it."""
    if decoded.callback_query_id is not None:
        with contextlib.suppress(TelegramError):  # only stops the button's spinning; too old to answer is no harm
            await bot.answer_callback_query(decoded.callback_query_id)
    await use_up_buttons(bot, decoded)
    if thinking and decoded.inbound is not None:
        with contextlib.suppress(TelegramError):
            await bot.send_chat_action(_chat(decoded.inbound.sender.value), ChatAction.TYPING)


async def use_up_buttons(bot: LineBot, decoded: Decoded) -> None:
    """Take the buttons off the message that was answered with one of them."""
    if decoded.tapped is not None:
        with contextlib.suppress(TelegramError):  # a message that is too old keeps them
            await bot.edit_message_reply_markup(decoded.tapped.chat_id, decoded.tapped.message_id)


class Chores:
    """Small calls beside the polling, so that a slow one keeps nobody's message waiting; few at a time."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def begin(self, chore: Coroutine[Any, Any, None]) -> None:
        """Do it, or leave it if there is too much to do already."""
        if len(self._running) >= CONNECTIONS:
            chore.close()
            return
        task = asyncio.create_task(chore)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def finish(self) -> None:
        """Wait for what has begun."""
        await asyncio.gather(*self._running, return_exceptions=True)


async def announce_webhook(bot: LineBot, url: str, secret: str) -> None:
    """Tell Telegram where to post updates, and the secret to post with them.

    Raises:
        SendError: Telegram did not take it.
    """
    try:
        await bot.set_webhook(
            url, secret_token=secret, allowed_updates=ALLOWED_UPDATES, max_connections=WEBHOOK_CONNECTIONS
        )
    except TelegramError as problem:
        raise cause_of(problem) from None


async def forget_webhook(bot: LineBot) -> None:
    """Tell Telegram to hand updates out instead of posting them; none is dropped.

    Raises:
        SendError: Telegram did not take it.
    """
    try:
        await bot.delete_webhook()
    except TelegramError as problem:
        raise cause_of(problem) from None


def make_bot(token: str, *, api_base: str | None = None, timeout_s: float = TIMEOUT_S) -> LineBot:
    """A client of the Bot API that is not yet connected."""
    base = f"{api_base.rstrip('/')}/bot" if api_base else "https://api.telegram.org/bot"

    def request() -> TelegramRequest:
        return TelegramRequest(
            connection_pool_size=CONNECTIONS,
            connect_timeout=CONNECT_TIMEOUT_S,
            read_timeout=timeout_s,
            write_timeout=timeout_s,
            pool_timeout=timeout_s,
        )

    return LineBot(token, base_url=base, request=request(), get_updates_request=request())


def _button(data: str, label: str) -> InlineKeyboardButton:
    return InlineKeyboardButton(label, callback_data=data)


def _is_update(found: object) -> bool:
    return isinstance(found, dict) and isinstance(found.get("update_id"), int)


def _chat(address: str) -> int | str:
    return int(address) if address.lstrip("-").isdigit() else address


def _pieces(text: str) -> list[str]:
    return split_by_sentence(text, _room(text))


def _room(text: str) -> int:
    # Counted in UTF-16 units: with letters outside the basic plane half is always enough.
    return MAX_LETTERS // 2 if any(ord(letter) > LAST_OF_BASIC_PLANE for letter in text) else MAX_LETTERS


def cause_of(problem: TelegramError) -> SendError:
    """Name a failure of the Bot API."""
    if isinstance(problem, RetryAfter):
        pause = problem.retry_after
        return ProviderBusy(429, retry_after_s=pause.total_seconds() if isinstance(pause, timedelta) else float(pause))
    if isinstance(problem, BadRequest) and "chat not found" in problem.message.lower():
        return WrongAddress(400)
    for kind, made in _REFUSALS:
        if isinstance(problem, kind):
            return made()
    if isinstance(problem, AnsweredBadly):
        return _of_status(problem.code)
    # Only what failed before the request went out is known not to have been sent.
    if isinstance(problem.__cause__, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)):
        return ProviderUnreachable(type(problem.__cause__).__name__)
    return FateUnknown(type(problem.__cause__ or problem).__name__)


def _of_status(code: int | str) -> SendError:
    """Name an answer without a word of the Bot API by its status; one that makes no sense is from somebody else."""
    if code == HTTPStatus.TOO_MANY_REQUESTS:
        return ProviderBusy(code)
    failed = isinstance(code, int) and code >= HTTPStatus.INTERNAL_SERVER_ERROR
    return ProviderFailing(code) if failed else ProviderUnreachable(code)


_REFUSALS: tuple[tuple[type[TelegramError], Callable[[], SendError]], ...] = (
    (Forbidden, lambda: Blocked(403)),
    (InvalidToken, lambda: Credentials(401)),
    (BadRequest, lambda: Refused(400)),
    (Conflict, lambda: Refused(409)),
)
