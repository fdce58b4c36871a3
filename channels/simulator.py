"""The try-out phones: two channels without a provider, for demos, tests and `talk`.

They behave as SMS and as Telegram do for words, buttons and gaps. What is sent to them
goes nowhere: the outbox row, marked as sent, is the phone's mailbox, and whoever shows
the phone reads the sent rows of its conversation.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime

from channels.base import Address, Inbound, Kind, Outbound, Pace, Sent, Trace
from channels.sms_webhook import SMS, START_WORDS, STOP_WORDS
from channels.telegram_updates import TELEGRAM

SIM_SMS = "sim-sms"
SIM_TELEGRAM = "sim-telegram"
CANARY = "canary"  # the self-test: what is sent on it is taken, and goes nowhere
SIMULATED = (SIM_SMS, SIM_TELEGRAM)
_LOOKS = {CANARY: SMS, SIM_SMS: SMS, SIM_TELEGRAM: TELEGRAM, "whatsapp": SMS}  # numbered answers, no buttons


def look_of(channel: str) -> str:
    """The channel whose words, buttons and gaps apply: "sms" or "telegram" also for the phones of the simulator."""
    return _LOOKS.get(channel, channel)


class SimulatorChannel:
    """One kind of try-out phone, as a `Channel`; taking a message never fails."""

    can_find_sent = True
    chat_gap_s = 0.0

    def __init__(self, name: str) -> None:
        if name not in (*SIMULATED, CANARY):
            raise ValueError(f"found {name!r}; a simulated channel is one of {', '.join((*SIMULATED, CANARY))}")
        self.name = name
        self.paces: dict[str, Pace] = {}  # nobody to be hurried

    def cost(self, message: Outbound) -> float:
        """Nothing is counted."""
        return 0.0

    async def send(self, message: Outbound) -> Sent:
        """Take it: the row's own id is the provider's id, so that a second try is no second message."""
        return Sent(f"sim:{message.uid}")

    async def find_sent(self, message: Outbound) -> Sent | None:
        """Nothing is ever taken without the row saying so, and sending again shows nothing twice."""
        return None

    async def erase(self, trace: Trace) -> bool:
        """The row was all there was."""
        return True

    async def close(self) -> None:
        return


def typed(channel: str, phone: str, text: str, now: datetime, *, provider_id: str | None = None) -> Inbound:
    """What arrives when somebody types on a try-out phone."""
    written = Inbound(
        channel=channel,
        provider_id=provider_id or f"sim:{uuid.uuid4()}",
        sender=Address(channel, phone),
        text=text,
        kind=Kind.TEXT,
        received_at=now,
    )
    if look_of(channel) == TELEGRAM:
        return replace(written, kind=Kind.COMMAND, text="start") if text.strip() == "/start" else written
    word = text.strip().upper()
    if word in STOP_WORDS:
        return replace(written, kind=Kind.OPT_OUT)
    return replace(written, kind=Kind.OPT_IN) if word in START_WORDS else written


def pressed(channel: str, phone: str, data: str, label: str, now: datetime) -> Inbound:
    """What arrives when somebody taps a button on a try-out phone."""
    return replace(typed(channel, phone, label, now), kind=Kind.BUTTON, button=data, text=label)
