"""Reconcile: fetch what was written to us while nobody answered."""

from __future__ import annotations

import asyncio
import sys
from argparse import ArgumentParser, ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.conf import settings

from lantern.management.base import BaseCommand

HOURS = 24.0
LONGEST_HOURS = 24 * 365.0


def hours(text: str) -> float:
    """Return how far back; a time that is none is refused."""
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not 0 < found <= LONGEST_HOURS:
        raise ArgumentTypeError(f"found {text!r}; right is a number of hours above 0, at most {LONGEST_HOURS:.0f}")
    return found


class Command(BaseCommand):
    """`./run reconcile`"""

    help = "ask Twilio and Telegram for what was written while this line was away, and store what is missing"
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the flags."""
        parser.add_argument("--hours", type=hours, default=HOURS, help="how far back to look (default: %(default)s)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line a channel; exit code 1 if a provider could not be asked."""
        from lantern import logs

        logs.configure()
        if settings.LANTERN.demo:
            self.stdout.write("no provider is set up: there is nobody to ask")
            return
        if asyncio.run(self._reconcile(timedelta(hours=options["hours"]))):
            sys.exit(1)

    async def _reconcile(self, back: timedelta) -> int:
        from bot.now import wall_clock
        from bot.reconcile import reconcile
        from bot.serving import channels_of
        from channels.errors import SendError
        from lantern.doctor import asking

        failed = 0
        channels = channels_of(settings.LANTERN)
        for channel in channels:
            try:
                for found in await reconcile((channel,), wall_clock, since=wall_clock() - back):
                    self.stdout.write(
                        f"{found.channel}: {found.asked} written since {found.since:%Y-%m-%d %H:%M} UTC,"
                        f" {found.missing} of them were missing and are stored now"
                    )
            except SendError as problem:
                self.stdout.write(f"{channel.name}: {asking.twilio(settings.LANTERN).not_asked(problem)}")
                failed = 1
            await channel.close()
        return max(failed, await self._telegram())  # who is away keeps nobody else from being asked

    async def _telegram(self) -> int:
        from bot.now import wall_clock
        from bot.reconcile import fetch_telegram
        from channels.errors import SendError
        from channels.telegram import make_bot
        from lantern.doctor import asking

        line = settings.LANTERN
        if not line.telegram_token:
            return 0
        if line.polls_telegram:
            self.stdout.write("telegram: what waits there comes by itself as soon as `./run delivery` is up")
            return 0
        bot = make_bot(str(line.telegram_token), api_base=line.telegram_api_base)
        try:
            count = await fetch_telegram(
                bot, wall_clock, url=f"{line.public_url}/channels/telegram", secret=str(line.telegram_secret)
            )
            self.stdout.write(f"telegram: {count} updates waited there and are stored now")
        except SendError as problem:
            self.stdout.write(f"telegram: {asking.telegram(settings.LANTERN).not_asked(problem)}")
            return 1
        finally:
            await bot.disconnect()
        return 0
