"""Doctor for what the providers say when they call: does their signature fit, or is every call refused?

A wrong LANTERN_PUBLIC_URL or token is seen nowhere else: the provider reaches us, and we turn it away.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from django.db import Error as StorageError

from bot.calls import FITTED, LAST, LATELY, REFUSED
from bot.now import wall_clock
from lantern.config import Settings
from lantern.doctor import UNREAD, Finding
from records.figures.beats import WEB, alive

_TWILIO = (
    "their signature does not fit; is LANTERN_PUBLIC_URL exactly the address in Twilio's console, or was the token"
    " changed?"
)
_TELEGRAM = (
    "their secret does not fit; was LANTERN_TELEGRAM_SECRET changed? `./run reconcile` fetches what waits and tells"
    " Telegram the secret that is set now"
)
_STRAY = (
    "Telegram is asked for messages and calls nobody, so these were strangers; for a webhook set LANTERN_PUBLIC_URL"
    " and LANTERN_TELEGRAM_SECRET"
)
_CALLED = {
    "sms": ("/channels/sms", _TWILIO),
    "sms_status": ("/channels/sms/status", _TWILIO),
    "whatsapp": ("/channels/whatsapp", _TWILIO),
    "whatsapp_status": ("/channels/whatsapp/status", _TWILIO),
    "telegram": ("/channels/telegram", _TELEGRAM),
}


class CallsCheck:
    """What the web processes that are up have refused in the last hour."""

    name = "Calls of the providers"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def judge(self) -> Iterator[Finding]:
        """Say which address refuses; wrong where the last call was refused, else only worth knowing."""
        try:
            beats = [one for one in alive(wall_clock()) if one.name == WEB]
        except StorageError:
            yield UNREAD
            return
        counts: dict[tuple[str, str], float] = defaultdict(float)
        last: dict[tuple[str, str], float] = defaultdict(float)
        for name, labels, value in (sample for beat in beats for sample in beat.figures):
            if name == LATELY:
                counts[labels["view"], labels["answer"]] += value
            elif name == LAST:
                last[labels["view"], labels["answer"]] = max(last[labels["view"], labels["answer"]], value)
        if (came := int(counts["whatsapp", FITTED])) and not self._settings.whatsapp_from:
            yield Finding(
                sentence=f"{came} calls to /channels/whatsapp in the last hour brought messages, but WhatsApp is not"
                " set up and no answer goes out: set LANTERN_WHATSAPP_FROM, or take our address from the sender at"
                " Twilio"
            )
        for view, (path, why) in _CALLED.items():
            refused, fitted = int(counts[view, REFUSED]), int(counts[view, FITTED])
            if not refused:
                continue
            told = f"{refused} of {refused + fitted} calls to {path} in the last hour were refused: "
            if view == "telegram" and self._settings.polls_telegram:
                yield Finding(sentence=told + _STRAY, wrong=False)
            elif last[view, FITTED] > last[view, REFUSED]:
                yield Finding(sentence=told + "they did not fit; the last that came did", wrong=False)
            else:
                yield Finding(sentence=told + why)
