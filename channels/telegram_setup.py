"""How a bot is set up at Telegram: read it, and make it tell nothing. Used by `./run doctor`.

Facts only; what they mean for the operator is said by the doctor. Failures are those of sending.
"""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from telegram.error import TelegramError

from channels.answers import as_answered, full_text, listed, text, whole
from channels.telegram import LineBot, cause_of

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class BotSetup:
    """What Telegram says about our bot."""

    username: str
    joins_groups: bool
    webhook_url: str
    pending: int
    last_error: str  # Telegram's own words about our webhook
    last_error_at: datetime | None
    allowed_updates: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BotPage:
    """What everybody sees of our bot who opens or finds it."""

    name: str
    description: str  # what an empty chat shows
    short_description: str  # what the bot's page and a shared link show
    commands: tuple[str, ...]


async def read_setup(bot: LineBot) -> BotSetup:
    """Ask for what decides whether updates reach us.

    Raises:
        SendError: Telegram could not be asked.
    """
    me = await _named(bot.get_me())
    webhook = await _named(bot.get_webhook_info())
    return BotSetup(
        username=text(me.username),
        joins_groups=bool(me.can_join_groups),
        webhook_url=text(webhook.url),
        pending=whole(webhook.pending_update_count),
        last_error=text(webhook.last_error_message),
        last_error_at=webhook.last_error_date,
        allowed_updates=tuple(map(full_text, listed(webhook.allowed_updates))),
    )


async def read_page(bot: LineBot) -> BotPage:
    """Ask for what the bot shows.

    Raises:
        SendError: Telegram could not be asked.
    """
    return BotPage(
        name=text((await _named(bot.get_my_name())).name),
        description=text((await _named(bot.get_my_description())).description),
        short_description=text((await _named(bot.get_my_short_description())).short_description),
        commands=tuple(full_text(command.command) for command in await _named(bot.get_my_commands())),
    )


async def tell_nothing(bot: LineBot, name: str | None) -> None:
    """Empty the description, the page and the menu of commands; set the name, if one is given.

    Raises:
        SendError: Telegram did not take it.
    """
    await _named(bot.set_my_description(""))
    await _named(bot.set_my_short_description(""))
    await _named(bot.delete_my_commands())
    if name:
        await _named(bot.set_my_name(name))


async def _named(call: Awaitable[T]) -> T:
    with as_answered():
        try:
            return await call
        except TelegramError as problem:
            raise cause_of(problem) from None
