"""Loaded by schemathesis: signs each request as the providers do, so that what lies behind the door is reached too.

Imports nothing of ours: it runs in the environment of the judges. One request in four goes unsigned.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from typing import Any
from urllib.parse import urlencode

import schemathesis

TWILIO, TELEGRAM, PUBLIC = os.environ["TWILIO_TOKEN"], os.environ["TELEGRAM_SECRET"], os.environ["PUBLIC_URL"]
_count = 0


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """Put the provider's mark on a request that could be theirs."""
    global _count  # noqa: PLW0603 - a hook has no other memory
    _count += 1
    if _count % 4 == 0 or not case.path.startswith("/channels/"):
        return
    headers = case.headers if case.headers is not None else {}
    if case.path == "/channels/telegram":
        headers["X-Telegram-Bot-Api-Secret-Token"] = TELEGRAM
    else:
        headers["X-Twilio-Signature"] = _signature(case)
    case.headers = headers


def _signature(case: Any) -> str:
    url = PUBLIC + case.path + (f"?{urlencode(case.query, doseq=True)}" if case.query else "")
    if case.method.upper() == "POST" and isinstance(case.body, dict):
        url += "".join(f"{name}{value}" for name, value in sorted(case.body.items()))
    return base64.b64encode(hmac.new(TWILIO.encode(), url.encode("utf-8", "replace"), hashlib.sha1).digest()).decode()
