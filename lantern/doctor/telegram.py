"""Doctor for Telegram: does Telegram know the bot, do updates reach us, and does the bot's page tell nothing?"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine, Iterator
from typing import Any
from urllib.parse import urlsplit

from channels.errors import SendError
from channels.telegram import LineBot, announce_webhook, forget_webhook, make_bot
from channels.telegram_setup import BotPage, BotSetup, read_page, read_setup, tell_nothing
from channels.telegram_updates import ALLOWED_UPDATES
from lantern.config import Settings
from lantern.doctor import CannotMend, Finding, asking
from lantern.doctor.address import OurAddress

PORTS = (443, 80, 88, 8443)  # where Telegram calls (Bot API, setWebhook)
MANY_PENDING = 10
# A name on the phone's screen is read by whoever holds the phone.
TELLING = re.compile(r"traffick|hot\s?line|help\s?line|victim|rescue|abuse|slave|safe|police|support", re.IGNORECASE)


class TelegramCheck:
    """The bot of this installation."""

    name = "Telegram"

    def __init__(self, settings: Settings, *, even_if_unreachable: bool = False) -> None:
        self._settings = settings
        self._ours = OurAddress(url=settings.public_url or "", even_if_unreachable=even_if_unreachable)

    def judge(self) -> Iterator[Finding]:
        """Say what is wrong with the bot, its webhook and what it shows."""
        if not self._settings.telegram_token:
            yield Finding(sentence="not set up; LANTERN_TELEGRAM_TOKEN would switch it on", wrong=False)
            return
        try:
            setup: BotSetup = asyncio.run(self._with_bot(read_setup))
        except SendError as problem:
            yield Finding(sentence=asking.telegram(self._settings).not_asked(problem))
            return
        yield from self._polled(setup) if self._settings.polls_telegram else self._posted(setup)
        yield from _groups(setup)
        try:
            page: BotPage = asyncio.run(self._with_bot(read_page))
        except SendError as problem:
            why = asking.telegram(self._settings).not_asked(problem)
            yield Finding(sentence=f"the bot's name, page and menu of commands could not be read: {why}")
        else:
            yield from self._shown(page)
        yield from _username(setup)

    @property
    def inbound_url(self) -> str:
        """Where Telegram must post updates."""
        return f"{self._settings.public_url}/channels/telegram"

    def _polled(self, setup: BotSetup) -> Iterator[Finding]:
        if setup.webhook_url:
            yield Finding(
                sentence=f"updates go to {urlsplit(setup.webhook_url).hostname}, so we cannot ask for them; set"
                " LANTERN_PUBLIC_URL and LANTERN_TELEGRAM_SECRET if that is us, else the webhook must go",
                mend=self._mends("the webhook is gone; updates are asked for", forget_webhook),
            )

    def _posted(self, setup: BotSetup) -> Iterator[Finding]:
        fault = self._ours.fault(PORTS)
        if fault:
            yield Finding(sentence=fault)
        mend = None if fault else self._announces(setup.webhook_url)
        if setup.webhook_url != self.inbound_url:
            yield Finding(
                sentence=f"updates go to {setup.webhook_url or 'nowhere'}; right is {self.inbound_url}", mend=mend
            )
        elif set(setup.allowed_updates) != set(ALLOWED_UPDATES):
            yield Finding(sentence="Telegram keeps back updates that we need, such as taps and blocks", mend=mend)
        if setup.pending > MANY_PENDING:
            yield Finding(
                sentence=f"{setup.pending} updates wait at Telegram, which keeps them for 24 hours;"
                " `./run reconcile` fetches them"
            )
        if setup.last_error and setup.pending:
            when = f"{setup.last_error_at:%H:%M} UTC" if setup.last_error_at else "lately"
            yield Finding(sentence=f"Telegram could not reach us at {when}: {setup.last_error}")

    def _shown(self, page: BotPage) -> Iterator[Finding]:
        wanted = self._settings.telegram_name
        named = f", its name is {wanted}" if wanted else ""
        mend = self._mends(
            f"the bot's page, description and menu are empty{named}", lambda bot: tell_nothing(bot, wanted)
        )
        told = [name for name, value in (("description", page.description), ("page", page.short_description),
                                         ("menu of commands", page.commands)) if value]  # fmt: skip
        if told:
            yield Finding(
                sentence=f"the bot's {' and '.join(told)} can be read by whoever opens the chat or finds the bot;"
                " empty is right",
                mend=mend,
            )
        if wanted and page.name != wanted:
            yield Finding(sentence=f"the bot is called {page.name!r}; LANTERN_TELEGRAM_NAME says {wanted!r}", mend=mend)
        elif TELLING.search(page.name):
            yield Finding(
                sentence=f"the bot's name {page.name!r} stands in the list of chats and says what it is for;"
                " put a name that tells nothing into LANTERN_TELEGRAM_NAME"
            )

    def _announces(self, before: str) -> Callable[[], str]:
        return self._mends(
            f"updates now come to {self.inbound_url}",
            lambda bot: announce_webhook(bot, self.inbound_url, str(self._settings.telegram_secret)),
            before=before,
        )

    def _mends(
        self, done: str, change: Callable[[LineBot], Coroutine[Any, Any, None]], *, before: str = ""
    ) -> Callable[[], str]:
        def mend() -> str:
            instead = self._ours.takes_over_from(before, self.inbound_url)
            try:
                asyncio.run(self._with_bot(change))
            except SendError as problem:
                raise CannotMend(asking.telegram(self._settings).not_asked(problem)) from None
            return done + instead

        return mend

    async def _with_bot(self, work: Callable[[LineBot], Coroutine[Any, Any, Any]]) -> Any:
        bot = make_bot(str(self._settings.telegram_token), api_base=self._settings.telegram_api_base)
        try:
            return await work(bot)
        finally:
            await bot.disconnect()


def _groups(setup: BotSetup) -> Iterator[Finding]:
    if setup.joins_groups:
        yield Finding(
            sentence="the bot can be added to groups, where who writes is not alone;"
            " tell @BotFather /setjoingroups, Disable"
        )


def _username(setup: BotSetup) -> Iterator[Finding]:
    if TELLING.search(setup.username):
        yield Finding(
            sentence=f"the bot's username @{setup.username} says what it is for, and cannot be changed from here;"
            " think of a new bot with a name that tells nothing",
            wrong=False,
        )
