"""The delivery process: which channels this installation has, and how they are kept going.

`serve_delivery` sends; where Telegram cannot reach us it also asks Telegram for messages.
One process a machine holds the name "delivery": when it comes back it gives up at once
what it held when it died, without waiting for the claims to lapse.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
import secrets
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

from asgiref.sync import sync_to_async
from django.db import close_old_connections

from bot import intake
from bot.delivery import Delivery, wall_clock
from channels.base import Channel, Inbound
from channels.errors import SendError
from channels.simulator import SIMULATED, SimulatorChannel
from channels.sms import SmsAccount, SmsChannel
from channels.telegram import LineBot, TelegramChannel, announce_webhook, forget_webhook, make_bot, poll
from records.queries import release_claims

if TYPE_CHECKING:
    from lantern.config import Settings

log = logging.getLogger(__name__)

PAUSE_S = 3.0


def channels_of(settings: Settings) -> tuple[Channel, ...]:
    """The channels that the settings name; the try-out phones exist only where no real channel does."""
    found: list[Channel] = []
    if settings.twilio_account_sid and settings.twilio_auth_token and settings.twilio_from:
        account = SmsAccount(
            account_sid=settings.twilio_account_sid,
            auth_token=str(settings.twilio_auth_token),
            sender=settings.twilio_from,
            status_url=f"{settings.public_url}/channels/sms/status" if settings.public_url else None,
            api_base=settings.twilio_api_base,
        )
        found.append(SmsChannel(account))
    if settings.telegram_token:
        found.append(TelegramChannel(str(settings.telegram_token), api_base=settings.telegram_api_base))
    return tuple(found) or tuple(SimulatorChannel(name) for name in SIMULATED)


async def serve_delivery(settings: Settings, stop: asyncio.Event | None = None) -> None:
    """Send, and poll or announce the webhook, until `stop` is set or the process is told to end."""
    stop = stop or _stop_on_signals()
    with _holder(settings) as holder:
        await sync_to_async(release_claims)(holder)
        incoming = asyncio.create_task(_incoming(settings, stop))
        try:
            await Delivery(channels_of(settings), holder).run_forever(stop)
        finally:
            incoming.cancel()
            await asyncio.gather(incoming, return_exceptions=True)


async def serve_polling(settings: Settings, stop: asyncio.Event | None = None) -> None:
    """Ask Telegram for messages and store them, until `stop` is set or the process is told to end."""
    stop = stop or _stop_on_signals()
    async with _bot(settings) as bot:
        polling = asyncio.create_task(_poll_forever(bot))
        await stop.wait()
        polling.cancel()
        await asyncio.gather(polling, return_exceptions=True)


async def _incoming(settings: Settings, stop: asyncio.Event) -> None:
    if settings.polls_telegram:
        await serve_polling(settings, stop)
    elif settings.telegram_token:
        async with _bot(settings) as bot:
            await _announce(bot, f"{settings.public_url}/channels/telegram", str(settings.telegram_secret))


async def _announce(bot: LineBot, url: str, secret: str) -> None:
    while True:
        try:
            await announce_webhook(bot, url, secret)
        except SendError as problem:
            log.warning("telegram_webhook_not_set cause=%s code=%s", problem.name, problem.code)
            await asyncio.sleep(problem.retry_after_s or PAUSE_S)
        else:
            log.info("telegram_webhook_set")
            return


async def _poll_forever(bot: LineBot) -> None:
    told = False
    while True:
        try:
            if not told:
                await forget_webhook(bot)  # while one is set, Telegram hands out nothing
                told = True
            await poll(bot, _store, now=wall_clock)
        except Exception as problem:
            # What was not stored was not confirmed: Telegram hands it out again. No traceback: it can quote a text.
            log.error("telegram_poll_broke_off cause=%s", type(problem).__name__)
            await sync_to_async(close_old_connections)()
            await asyncio.sleep(PAUSE_S)


async def _store(inbound: Inbound) -> None:
    receipt = await sync_to_async(intake.receive)(inbound, wall_clock())
    log.info("received channel=%s inbox=%s new=%s", inbound.channel, receipt.inbox_id, receipt.created)


@contextlib.asynccontextmanager
async def _bot(settings: Settings) -> AsyncIterator[LineBot]:
    bot = make_bot(str(settings.telegram_token), api_base=settings.telegram_api_base)
    try:
        yield bot
    finally:
        await bot.disconnect()


@contextlib.contextmanager
def _holder(settings: Settings) -> Iterator[str]:
    """The name under which this process claims: the machine's own for the first, a random one for others."""
    settings.data.mkdir(parents=True, exist_ok=True)
    with (settings.data / "delivery.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # let go of by the kernel when the process dies
        except OSError:
            yield f"delivery:{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(4)}"
        else:
            yield f"delivery:{socket.gethostname()[:60]}"


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    return stop
