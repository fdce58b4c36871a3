"""Beside the webhook: takes used buttons off their message. The 200 never waits for it, and nothing is lost with it."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings

from channels.telegram import make_bot, use_up_buttons
from channels.telegram_updates import Decoded

AT_MOST = 50  # waiting; more are left as they are: a used button that stays is known by its version
TIMEOUT_S = 5.0

_free = threading.BoundedSemaphore(AT_MOST)
_thread = ThreadPoolExecutor(1, thread_name_prefix="telegram-chores")


def begin(decoded: Decoded) -> None:
    """Do it soon, if there is not too much to do already."""
    if not _free.acquire(blocking=False):
        return
    try:
        _thread.submit(_run, decoded)
    except RuntimeError:  # the process is ending
        _free.release()


def _run(decoded: Decoded) -> None:
    try:
        asyncio.run(_use_up(decoded))
    finally:
        _free.release()


async def _use_up(decoded: Decoded) -> None:
    line = settings.LANTERN
    bot = make_bot(str(line.telegram_token), api_base=line.telegram_api_base, timeout_s=TIMEOUT_S)
    try:
        await use_up_buttons(bot, decoded)
    finally:
        await bot.disconnect()
