"""Telegram: makes one try to send and names the failure; asks for updates where no webhook can reach us.

No parse mode (a stray `_` must not fail a message), no link preview (it would show what
the chat is about), no forwarding. Telegram cannot be asked what it sent: a broken
connection is of unknown fate for good. Incoming updates: `telegram_updates`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import httpx

os.environ.setdefault("PTB_TIMEDELTA", "1")  # read by the package whenever it names a time: no deprecated number

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, RetryAfter, TelegramError
from telegram.request import HTTPXRequest

from channels.base import Inbound, Outbound, Sent
from channels.errors import (
    BadPayload,
    Blocked,
    Credentials,
    FateUnknown,
    PartlySent,
    ProviderBusy,
    ProviderUnreachable,
    Refused,
    SendError,
    WrongAddress,
)
from channels.parts import split_by_sentence
from channels.telegram_updates import ALLOWED_UPDATES, TELEGRAM, bot_id, decode_update

log = logging.getLogger(__name__)

MAX_LETTERS = 4096  # Telegram's limit for a message; it counts UTF-16 units
CONNECT_TIMEOUT_S = 5.0
TIMEOUT_S = 10.0
POLL_TIMEOUT_S = 25
WEBHOOK_CONNECTIONS = 10
LAST_OF_BASIC_PLANE = 0xFFFF
CONNECTIONS = 8  # about 30 messages a second is all that Telegram takes from a bot
PAUSE_S = 3.0

# These would write our token (it is part of the address) or what people wrote into the logs.
for _talkative in ("httpx", "httpcore", "telegram"):
    logging.getLogger(_talkative).setLevel(logging.CRITICAL + 1)  # an unreadable update is logged whole as critical


class LineBot(Bot):
    """The package's bot, with updates as Telegram wrote them: one that cannot be read must not hide the others."""

    async def raw_updates(self, offset: int, timeout_s: int) -> list[dict[str, Any]]:
        """The updates from `offset` on, waiting up to `timeout_s` for the first. Raises TelegramError."""
        asked = {"offset": offset, "timeout": timeout_s, "allowed_updates": list(ALLOWED_UPDATES)}
        found: Any = await self._post("getUpdates", asked, read_timeout=timeout_s + TIMEOUT_S)
        return list(found)

    async def disconnect(self) -> None:
        """Close the connections; `shutdown` would leave them, as we never ask Telegram who we are."""
        await asyncio.gather(*(request.shutdown() for request in self._request))


class TelegramChannel:
    """One bot, as a `Channel`."""

    name = TELEGRAM
    can_find_sent = False

    def __init__(self, token: str, *, api_base: str | None = None, timeout_s: float = TIMEOUT_S) -> None:
        self.bot = make_bot(token, api_base=api_base, timeout_s=timeout_s)

    async def send(self, message: Outbound) -> Sent:
        """Hand one message to Telegram, in several pieces if it is long; the buttons hang on the last.

        Raises:
            SendError: the cause; `FateUnknown` if Telegram may have taken it.
        """
        keyboard = InlineKeyboardMarkup([[_button(one.id, one.label)] for one in message.buttons])
        pieces = split_by_sentence(message.text, _room(message.text))
        taken: list[str] = []
        try:
            for piece in pieces:
                last = len(taken) == len(pieces) - 1
                taken.append(await self._send_piece(message.recipient.value, piece, keyboard if last else None))
        except SendError as problem:
            if not taken:
                raise
            raise PartlySent(problem.name) from problem
        return Sent(taken[-1])

    async def find_sent(self, message: Outbound) -> Sent | None:
        """Telegram cannot be asked: always None, which says nothing about the message."""
        return None

    async def close(self) -> None:
        await self.bot.disconnect()

    async def _send_piece(self, chat: str, text: str, keyboard: InlineKeyboardMarkup | None) -> str:
        try:
            sent = await self.bot.send_message(
                chat_id=int(chat) if chat.lstrip("-").isdigit() else chat,
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
    receive: Callable[[Inbound], Awaitable[None]],
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
    while True:
        try:
            for raw in await bot.raw_updates(offset, timeout_s):
                offset = await _take(bot, raw, receive, now()) + 1
        except TelegramError as problem:
            cause = cause_of(problem)
            log.warning("telegram_poll_failed cause=%s code=%s", cause.name, cause.code)
            await asyncio.sleep(cause.retry_after_s or PAUSE_S)


async def _take(bot: LineBot, raw: dict[str, Any], receive: Callable[[Inbound], Awaitable[None]], now: datetime) -> int:
    try:
        decoded = decode_update(raw, bot_id(bot.token), now)
    except BadPayload as problem:
        log.error("telegram_update_unreadable %s", problem)
        return int(raw["update_id"])
    if decoded.inbound is not None:
        await receive(decoded.inbound)
    if decoded.callback_query_id is not None:
        with contextlib.suppress(TelegramError):  # only stops the button's spinning; too old to answer is no harm
            await bot.answer_callback_query(decoded.callback_query_id)
    return decoded.update_id


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

    def request() -> HTTPXRequest:
        return HTTPXRequest(
            connection_pool_size=CONNECTIONS,
            connect_timeout=CONNECT_TIMEOUT_S,
            read_timeout=timeout_s,
            write_timeout=timeout_s,
            pool_timeout=timeout_s,
        )

    return LineBot(token, base_url=base, request=request(), get_updates_request=request())


def _button(data: str, label: str) -> InlineKeyboardButton:
    return InlineKeyboardButton(label, callback_data=data)


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
    # Only what failed before the request went out is known not to have been sent.
    if isinstance(problem.__cause__, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)):
        return ProviderUnreachable(type(problem.__cause__).__name__)
    return FateUnknown(type(problem.__cause__ or problem).__name__)


_REFUSALS: tuple[tuple[type[TelegramError], Callable[[], SendError]], ...] = (
    (Forbidden, lambda: Blocked(403)),
    (InvalidToken, lambda: Credentials(401)),
    (BadRequest, lambda: Refused(400)),
    (Conflict, lambda: Refused(409)),
)
