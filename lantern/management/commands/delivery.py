"""The delivery process: sends what waits in the outbox, and asks Telegram where it cannot reach us."""

from __future__ import annotations

import asyncio
from typing import Any

from django.conf import settings

from lantern import beating, logs
from lantern.lifetime import watch_supervisor
from lantern.management.base import BaseCommand
from lantern.start import judge_tables
from records.figures.beats import DELIVERY


class Command(BaseCommand):
    """`./run delivery`"""

    help = "the delivery process: sends, and polls Telegram"
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Deliver until told to end."""
        judge_tables(settings.LANTERN)
        logs.configure()
        watch_supervisor()
        asyncio.run(_deliver())


async def _deliver() -> None:
    from bot.serving import serve_delivery

    beats = asyncio.create_task(beating.beat_forever(DELIVERY))
    try:
        await serve_delivery(settings.LANTERN)
    finally:
        beats.cancel()
        await asyncio.gather(beats, return_exceptions=True)
