"""What Telegram posts or hands out: is it really Telegram, and what does it say.

Names, usernames and photos of the sender are dropped here and stored nowhere. Groups and
channels are passed over: who writes there is not alone. A media message is named,
never fetched; what it says in letters (caption, place, shared number) is kept as text.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from telegram import CallbackQuery, ChatMember, ChatMemberUpdated, InlineKeyboardMarkup, Message, Update

from channels.base import Address, Inbound, Kind, WebhookRequest
from channels.errors import BadPayload

TELEGRAM = "telegram"
SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105  (the name of a header)

# What we ask Telegram for; anything else is passed over if it comes.
ALLOWED_UPDATES = (Update.MESSAGE, Update.EDITED_MESSAGE, Update.CALLBACK_QUERY, Update.MY_CHAT_MEMBER)

MEDIA = (
    "animation", "audio", "contact", "dice", "document", "game", "location", "paid_media", "photo", "poll",
    "sticker", "story", "venue", "video", "video_note", "voice",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tapped:
    """The message whose button was pressed: its buttons have been used."""

    chat_id: int = field(repr=False)
    message_id: int


@dataclass(frozen=True, slots=True)
class Decoded:
    """One update, read: what to store, if anything, and which tap to answer."""

    update_id: int
    inbound: Inbound | None
    callback_query_id: str | None = None
    tapped: Tapped | None = None

    def webhook_answer(self, *, thinking: bool) -> dict[str, str]:
        """The body of our 200: Telegram takes one method call in it, which saves us a call of our own.

        A tap is answered; for words, the chat shows that an answer is being written, if the bot is `thinking`.
        """
        if self.callback_query_id is not None:
            return {"method": "answerCallbackQuery", "callback_query_id": self.callback_query_id}
        if self.inbound is None or not thinking:
            return {}
        return {"method": "sendChatAction", "chat_id": self.inbound.sender.value, "action": "typing"}


def bot_id(token: str) -> str:
    """The public part of a bot's token."""
    return token.split(":", 1)[0]


class TelegramWebhook:
    """Verifies and decodes the updates of one bot."""

    def __init__(self, token: str | None, secret: str | None) -> None:
        self._bot_id = bot_id(token) if token else None
        self._secret = secret.encode() if secret else None

    def verify(self, request: WebhookRequest) -> bool:
        """True only if the request carries our secret; always False while there is none."""
        if self._secret is None or self._bot_id is None:
            return False
        return hmac.compare_digest(request.headers.get(SECRET_HEADER, "").encode(errors="replace"), self._secret)

    def decode(self, request: WebhookRequest, now: datetime) -> Decoded:
        """Read one posted update.

        Raises:
            BadPayload: it is not JSON, or not an update.
        """
        try:
            payload = json.loads(request.body)
        except (ValueError, RecursionError) as problem:
            raise BadPayload("not JSON") from problem
        return decode_update(payload, str(self._bot_id), now)


def decode_update(payload: object, of_bot: str, now: datetime) -> Decoded:
    """Read one update as Telegram wrote it; `inbound` is None for what is none of our business.

    Raises:
        BadPayload: it is not an update, or one whose fields cannot be read.
    """
    if not isinstance(payload, Mapping) or not _is_id(payload.get("update_id")):
        raise BadPayload("no update_id")
    update_id = int(payload["update_id"])
    try:
        update = Update.de_json(dict(payload), None)
        inbound = _inbound(update, f"{of_bot}:{update_id}", now)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError, RecursionError) as problem:
        raise BadPayload(f"update {update_id}: {type(problem).__name__}") from None
    if inbound is not None and not isinstance(inbound.text, str):  # the package looks at no types
        raise BadPayload(f"update {update_id}: text is none")
    tap = update.callback_query
    return Decoded(update_id, inbound, str(tap.id) if tap is not None else None, _tapped(tap))


def _inbound(update: Update, provider_id: str, now: datetime) -> Inbound | None:
    if update.callback_query is not None:
        return _tap(update.callback_query, provider_id, now)
    if update.my_chat_member is not None:
        return _membership(update.my_chat_member, provider_id, now)
    message = update.message or update.edited_message
    if message is None or message.from_user is None or message.from_user.is_bot or message.chat.type != "private":
        return None
    return _message(message, provider_id, now, edited=update.edited_message is not None)


def _message(message: Message, provider_id: str, now: datetime, *, edited: bool) -> Inbound:
    text, media = message.text or message.caption or "", _media(message)
    kind = Kind.MEDIA if media else Kind.TEXT
    if edited:
        kind = Kind.EDIT
    elif text.split("@")[0].split(maxsplit=1)[:1] == ["/start"]:
        # The button that Telegram shows before a first message; a code behind it could tell where a poster hung.
        kind, text = Kind.COMMAND, "start"
    elif text.split("@")[0].strip() == "/delete":
        text = "delete"  # Telegram shows commands in a menu; the word is understood like any other
    return Inbound(
        channel=TELEGRAM,
        provider_id=provider_id,
        sender=Address(TELEGRAM, str(message.chat.id)),
        text=text or _spelled(message),
        kind=kind,
        received_at=now,
        hint_language=_hint(message.from_user),
        media=media,
        written_at=message.edit_date if edited else message.date,
        message_id=str(message.message_id),
    )


def _tap(tap: CallbackQuery, provider_id: str, now: datetime) -> Inbound | None:
    message = tap.message
    if not isinstance(tap.data, str) or (message is not None and message.chat.type != "private"):
        return None
    keyboard = getattr(message, "reply_markup", None)  # absent from a message that is too old to be shown
    return Inbound(
        channel=TELEGRAM,
        provider_id=provider_id,
        # Only private chats come here, where the chat's id is the person's.
        sender=Address(TELEGRAM, str(tap.from_user.id)),
        text=_label(keyboard, tap.data),
        kind=Kind.BUTTON,
        received_at=now,
        button=tap.data,
        hint_language=_hint(tap.from_user),
        pressed_on="" if message is None else str(message.message_id),
    )


def _tapped(tap: CallbackQuery | None) -> Tapped | None:
    if tap is None or tap.message is None or tap.message.chat.type != "private":
        return None
    return Tapped(tap.message.chat.id, tap.message.message_id)


def _membership(change: ChatMemberUpdated, provider_id: str, now: datetime) -> Inbound | None:
    blocked = change.new_chat_member.status in (ChatMember.BANNED, ChatMember.LEFT)
    if change.chat.type != "private":
        return None
    return Inbound(
        channel=TELEGRAM,
        provider_id=provider_id,
        sender=Address(TELEGRAM, str(change.chat.id)),
        text="",
        kind=Kind.BLOCKED if blocked else Kind.OPT_IN,
        received_at=now,
    )


def _media(message: Message) -> tuple[str, ...]:
    return tuple(name for name in MEDIA if getattr(message, name, None))


def _spelled(message: Message) -> str:
    """What a message without words says all the same: a place, a number, an emoji."""
    if message.location is not None:
        return f"geo:{message.location.latitude},{message.location.longitude}"
    if message.contact is not None:
        return f"tel:{message.contact.phone_number}"
    if message.sticker is not None and message.sticker.emoji:
        return message.sticker.emoji
    return ""


def _label(keyboard: InlineKeyboardMarkup | None, data: str) -> str:
    rows = keyboard.inline_keyboard if keyboard is not None else ()
    return next((button.text for row in rows for button in row if button.callback_data == data), "")


def _hint(sender: Any) -> str | None:
    told = sender.language_code if sender is not None else None
    return told[:16] if isinstance(told, str) and told else None


def _is_id(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 63
