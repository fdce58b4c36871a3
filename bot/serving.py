"""The delivery process: which channels this installation has, and how they are kept going.

`serve_delivery` sends; where Telegram cannot reach us it also asks Telegram for messages.
When one comes back after it died, what it held is given up at once, without waiting for
the claims to lapse (`bot.holders`).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from asgiref.sync import sync_to_async
from django.db import Error as StorageError
from django.db import close_old_connections

from bot import intake
from bot.delivery import Delivery
from bot.erasing import Eraser
from bot.holders import take_name
from bot.now import wall_clock
from bot.reconcile import reconcile
from channels.base import Channel, Inbound
from channels.errors import SendError
from channels.simulator import CANARY, SIMULATED, SimulatorChannel
from channels.sms import SmsAccount, SmsChannel
from channels.telegram import LineBot, TelegramChannel, announce_webhook, forget_webhook, make_bot, poll
from channels.whatsapp import WhatsAppChannel
from records.messages.providers import lead, stop_leading

if TYPE_CHECKING:
    from lantern.config import Settings

log = logging.getLogger(__name__)

PAUSE_S = 3.0
POLLING = "telegram-polling"
LEAD_S, RENEW_LEAD_S, LOOK_FOR_LEAD_S = 45.0, 10.0, 5.0
RECONCILE_EVERY_S, ERASE_EVERY_S = 600.0, 30.0


def channels_of(settings: Settings) -> tuple[Channel, ...]:
    """The channels that the settings name; the try-out phones exist only where no real channel does."""
    found: list[Channel] = []
    if settings.twilio_account_sid and settings.twilio_auth_token and settings.twilio_from:
        sms = SmsAccount(
            account_sid=settings.twilio_account_sid,
            auth_token=str(settings.twilio_auth_token),
            senders=settings.twilio_senders,
            by_country=settings.twilio_senders_by_country,
            parts_a_second=settings.twilio_parts_a_second,
            status_url=f"{settings.public_url}/channels/sms/status" if settings.public_url else None,
            api_base=settings.twilio_api_base,
        )
        found.append(SmsChannel(sms))
        if settings.whatsapp_from:
            status_url = f"{settings.public_url}/channels/whatsapp/status" if settings.public_url else None
            whatsapp = replace(sms, senders=(settings.whatsapp_from,), by_country={}, status_url=status_url)
            found.append(WhatsAppChannel(whatsapp))
    if settings.telegram_token:
        found.append(TelegramChannel(str(settings.telegram_token), api_base=settings.telegram_api_base))
    return tuple(found) or tuple(SimulatorChannel(name) for name in SIMULATED)


async def serve_delivery(settings: Settings, stop: asyncio.Event | None = None) -> None:
    """Send, poll or announce the webhook, reconcile and erase, until `stop` is set or the process is told to end."""
    stop = stop or _stop_on_signals()
    held = take_name(settings.data, "delivery")
    try:
        await sync_to_async(held.inherit)()
        await _serve(settings, held.name, stop)
    finally:
        held.let_go()


async def _serve(settings: Settings, holder: str, stop: asyncio.Event) -> None:
    channels = channels_of(settings)
    beside = [
        asyncio.create_task(_incoming(settings, holder, stop)),
        asyncio.create_task(
            _now_and_then("reconcile", RECONCILE_EVERY_S, holder, lambda: reconcile(channels, wall_clock))
        ),
        asyncio.create_task(_now_and_then("erase", ERASE_EVERY_S, holder, Eraser(channels, wall_clock).erase_due)),
    ]
    try:
        redis_url = str(settings.redis_url) if settings.redis_url else None
        everywhere = (*channels, SimulatorChannel(CANARY))  # on a real line too: the self-test is answered there
        await Delivery(everywhere, holder, redis_url=redis_url).run_forever(stop)
    finally:
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)


async def serve_polling(settings: Settings, stop: asyncio.Event | None = None, *, holder: str = "polling") -> None:
    """Ask Telegram for messages and store them, until `stop` is set or the process is told to end.

    Of several processes one asks: Telegram gives each update to whoever asks, and refuses two at once.
    """
    stop = stop or _stop_on_signals()
    async with _bot(settings) as bot:
        try:
            while not stop.is_set():
                if await _leads(POLLING, holder):
                    await _poll_while_leading(bot, holder, stop)
                await _wait(stop, LOOK_FOR_LEAD_S)
        finally:
            await sync_to_async(stop_leading)(POLLING, holder)


async def _poll_while_leading(bot: LineBot, holder: str, stop: asyncio.Event) -> None:
    polling = asyncio.create_task(_poll_forever(bot))
    try:
        while not stop.is_set() and await _leads(POLLING, holder):
            await _wait(stop, RENEW_LEAD_S)
    finally:
        polling.cancel()
        await asyncio.gather(polling, return_exceptions=True)


async def _leads(work: str, holder: str, for_s: float = LEAD_S) -> bool:
    try:
        return await sync_to_async(lead)(work, holder, wall_clock(), for_s)
    except StorageError as problem:  # what cannot be asked is not ours
        log.error("lead_unknown kind=%s cause=%s", work, type(problem).__name__)
        await sync_to_async(close_old_connections)()
        return False


async def _now_and_then(work: str, every_s: float, holder: str, do: Callable[[], Awaitable[object]]) -> None:
    """Do this at once and then every so often, in one process of all; what goes wrong is tried the next time."""
    while True:
        try:
            if await _leads(work, holder, every_s + LEAD_S):
                await do()
        except Exception as problem:
            cause = problem.name if isinstance(problem, SendError) else type(problem).__name__
            log.warning("upkeep_failed kind=%s cause=%s", work, cause)
            await sync_to_async(close_old_connections)()
        await asyncio.sleep(every_s)


async def _wait(stop: asyncio.Event, timeout_s: float) -> None:
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(stop.wait(), timeout_s)


async def _incoming(settings: Settings, holder: str, stop: asyncio.Event) -> None:
    if settings.polls_telegram:
        await serve_polling(settings, stop, holder=holder)
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


async def _store(inbound: Inbound) -> bool:
    receipt = await sync_to_async(intake.receive)(inbound, wall_clock())
    log.info("received channel=%s inbox=%s new=%s", inbound.channel, receipt.inbox_id, receipt.created)
    return receipt.thinking


@contextlib.asynccontextmanager
async def _bot(settings: Settings) -> AsyncIterator[LineBot]:
    bot = make_bot(str(settings.telegram_token), api_base=settings.telegram_api_base)
    try:
        yield bot
    finally:
        await bot.disconnect()


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    return stop
