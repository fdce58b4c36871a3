"""A try-out phone: its number, and what its screen shows.

The number lives in a signed cookie of the try-out page. The screen shows what the phone
sent and what was delivered to it, nothing else: exactly what a contact would see.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from channels.parts import parts
from channels.simulator import SIM_SMS, SIM_TELEGRAM
from records.errors import SealedToReaders
from records.models import InboxMessage, OutboxMessage
from records.sealing.keys import lookup_hashes
from records.states import OutboxStatus

KINDS = {"sms": SIM_SMS, "telegram": SIM_TELEGRAM}
SHOWN = 200
_REMEMBERED = 5000

# Country code and a shape of a mobile number there (x: any digit); nothing is ever sent to them.
NUMBERS = {
    "ID": ("Indonesia", "+62812xxxxxxx"),
    "MM": ("Myanmar", "+959xxxxxxxxx"),
    "MX": ("Mexico", "+5255xxxxxxxx"),
    "US": ("United States", "+120255501xx"),
    "TH": ("Thailand", "+668xxxxxxxx"),
    "PH": ("Philippines", "+63917xxxxxxx"),
    "KH": ("Cambodia", "+85512xxxxxx"),
}
TELEGRAM_LANGUAGES = {"en": "English", "id": "Indonesian", "es": "Spanish", "my": "Burmese"}


@dataclass(frozen=True, slots=True)
class Phone:
    """One phone: a number on the simulated SMS channel, or an account on the simulated Telegram."""

    kind: str  # sms | telegram
    value: str = field(repr=False)
    place: str  # country of the number, or language of the Telegram app

    @property
    def channel(self) -> str:
        return KINDS[self.kind]


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message on the screen."""

    at: datetime
    mine: bool  # the phone's owner wrote it
    text: str = field(repr=False)
    language: str
    buttons: tuple[tuple[str, str], ...] = ()
    parts: int = 0


@dataclass(frozen=True, slots=True)
class Screen:
    """What the phone shows; `mark` changes when it does."""

    phone: Phone
    bubbles: tuple[Bubble, ...]
    mark: str
    last_buttons: int | None  # only the newest choices can be tapped, as on a phone that shows its end


_shown: dict[tuple[str, int], Bubble] = {}  # in this process only, as on a phone


def fresh(kind: str, place: str) -> Phone:
    """A phone that has never written to us."""
    if kind == "telegram":
        return Phone(kind, str(secrets.randbelow(9 * 10**9) + 10**9), place if place in TELEGRAM_LANGUAGES else "en")
    country = place if place in NUMBERS else "ID"
    shape = NUMBERS[country][1]
    return Phone("sms", "".join(str(secrets.randbelow(10)) if c == "x" else c for c in shape), country)


def screen(phone: Phone) -> Screen:
    """The phone's own messages and those that reached it, oldest first."""
    contact: dict[str, Any] = {
        "conversation__contact__channel": phone.channel,
        "conversation__contact__address_hash__in": lookup_hashes(phone.channel, phone.value),
    }
    sent = InboxMessage.objects.filter(**contact).select_related("conversation__day_key").order_by("-pk")[:SHOWN]
    got = (
        OutboxMessage.objects.filter(**contact, status__in=(OutboxStatus.SENT, OutboxStatus.DELIVERED))
        .select_related("conversation__day_key")
        .order_by("-pk")[:SHOWN]
    )
    keys: dict[int, bytes] = {}
    rows: list[InboxMessage | OutboxMessage] = [*sent, *got]
    bubbles = [bubble for row in rows if (bubble := _bubble(row, keys)) is not None]
    bubbles.sort(key=lambda bubble: bubble.at)
    with_buttons = [at for at, bubble in enumerate(bubbles) if bubble.buttons]
    told = f"{phone.channel} {phone.value} {len(bubbles)} {bubbles[-1].at.isoformat() if bubbles else ''}"
    return Screen(
        phone=phone,
        bubbles=tuple(bubbles),
        mark=hashlib.sha256(told.encode()).hexdigest()[:16],
        last_buttons=with_buttons[-1] if with_buttons else None,
    )


def _bubble(row: InboxMessage | OutboxMessage, keys: dict[int, bytes]) -> Bubble | None:
    """A message as the phone shows it; what it has shown stays on it, also once the line cannot open it any more."""
    name = (row._meta.model_name or "", row.pk)
    try:
        key = _key(keys, row)
    except SealedToReaders:
        return _shown.get(name)
    bubble = _written(row, key) if isinstance(row, InboxMessage) else _arrived(row, key)
    _shown[name] = bubble
    if len(_shown) > _REMEMBERED:
        _shown.pop(next(iter(_shown)), None)
    return bubble


def _key(keys: dict[int, bytes], row: InboxMessage | OutboxMessage) -> bytes:
    if row.conversation_id not in keys:
        keys[row.conversation_id] = row.conversation.open_key()
    return keys[row.conversation_id]


def _written(row: InboxMessage, key: bytes) -> Bubble:
    return Bubble(row.received_at, True, row.open_payload(key)["text"], row.conversation.language)


def _arrived(row: OutboxMessage, key: bytes) -> Bubble:
    text, buttons = row.open_payload(key)
    count = parts(text).count if row.channel == SIM_SMS else 0
    return Bubble(row.sent_at or row.created_at, False, text, row.conversation.language, buttons, count)
