"""What every provider's module speaks: a message in, a message out, what became of it.

A channel verifies and decodes what its provider posts, and makes one try to send.
It decides nothing: not who may be written to, not when to try again, not what to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Protocol

# Telegram takes 64 bytes of button data; ours are short and the same on every channel.
PRESS_DATA_MAX_BYTES = 64


class Kind(Enum):
    """What the provider says happened; what it means is decided by the turn."""

    TEXT = "text"
    BUTTON = "button"
    MEDIA = "media"  # pictures, voice, stickers: never fetched, only named
    EDIT = "edit"  # the contact changed an earlier message; `text` is the new text
    COMMAND = "command"  # Telegram's /start, with text "start"
    OPT_OUT = "opt_out"  # the provider blocks our messages from now on
    OPT_IN = "opt_in"
    BLOCKED = "blocked"  # the contact blocked the bot


class SendState(Enum):
    """What a provider reports about a message it took from us."""

    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a contact can be reached on one channel."""

    channel: str
    value: str = field(repr=False)  # a number or chat id: a repr ends up in logs


@dataclass(frozen=True, slots=True)
class Button:
    """One tappable answer. `id` comes back as `Inbound.button`; make it with `press_data`."""

    id: str
    label: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound:
    """One message as the provider delivered it, before anyone has judged it."""

    channel: str
    provider_id: str  # the same id twice on one channel is the same message
    sender: Address
    text: str = field(repr=False)
    kind: Kind
    received_at: datetime
    button: str | None = None
    hint_language: str | None = None  # Telegram's language_code: a hint, not proof
    media: tuple[str, ...] = ()
    line: str = ""  # which of our own numbers they wrote to; the answer comes from the same
    written_at: datetime | None = None  # the provider's time: late messages are known by it
    message_id: str = ""  # what the provider calls it when it is to be erased, where that is not `provider_id`
    pressed_on: str = ""  # of a button: what the provider calls the message of ours that it stands under


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbound:
    """One message to send, checked and worded; `uid` is the outbox row's own id."""

    uid: str
    recipient: Address
    text: str = field(repr=False)
    buttons: tuple[Button, ...] = ()
    valid_for_s: int
    urgent: bool
    line: str = ""  # the number of ours that they wrote to
    heard_at: datetime | None = None  # their last message
    # For `find_sent`: the earlier try began at this time, and these ids belong to other messages.
    tried_at: datetime | None = None
    other_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Sent:
    """The provider took the message under this id."""

    provider_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A later word of the provider about a message; they come in any order."""

    provider_id: str
    state: SendState
    uid: str | None = None  # our own id, when the provider carries it back
    cause: str | None = None  # the name in the `SendError` tree, when it failed
    reason: str | None = None  # and the sentence that staff read
    opted_out: bool = False  # it failed because they have told the provider to block us


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRequest:
    """An HTTP request as far as a channel needs it; header names in lower case."""

    method: str
    path: str
    query: str
    content_type: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast one sender of ours may go, in units of the channel: parts of SMS, messages of Telegram."""

    per_s: float
    at_once: float = 1.0


@dataclass(frozen=True, slots=True)
class Trace:
    """What an erased message has left at the provider."""

    provider_id: str
    address: str = field(default="", repr=False)  # only where the provider asks for it


class Channel(Protocol):
    """One provider. `send` makes one try and raises a `SendError` that names the failure."""

    @property
    def name(self) -> str: ...

    @property
    def can_find_sent(self) -> bool:
        """Whether the provider can be asked what became of a try of unknown fate."""
        ...

    @property
    def paces(self) -> Mapping[str, Pace]:
        """What each of our senders takes, by its number; the first is the one for lines that are not named."""
        ...

    @property
    def chat_gap_s(self) -> float:
        """Seconds between two messages to the same contact."""
        ...

    def cost(self, message: Outbound) -> float:
        """How many units of the pace this message takes."""
        ...

    async def send(self, message: Outbound) -> Sent: ...

    async def find_sent(self, message: Outbound) -> Sent | None: ...

    async def erase(self, trace: Trace) -> bool:
        """Remove one message at the provider. True: it is gone; False: the provider keeps it for good.

        Raises:
            SendError: it could not be done now.
        """
        ...

    async def close(self) -> None: ...


def press_data(option: str, question: str) -> str:
    """Return the data of a button: the option's id and the question that it answers, so that an old one is known."""
    data = f"{option}@{question}"
    if len(data.encode()) > PRESS_DATA_MAX_BYTES:
        raise ValueError(f"option id of {len(option)} letters does not fit a button; {PRESS_DATA_MAX_BYTES} bytes do")
    return data


def read_press(data: str) -> tuple[str, str]:
    """Return the option's id and the question of a pressed button; the question is empty if it carries none."""
    option, _, question = data.partition("@")
    return option, question
