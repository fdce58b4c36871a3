"""Targets: what reads words of strangers, what may be thrown at it, and what it promises whatever comes.

Tests throw a little at each in every run; `benchmarks/fuzz.py` throws for as long as it is told to.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from bot.understanding.clean import clean, fold
from bot.understanding.details import find
from channels.base import Inbound, read_press
from channels.errors import BadPayload
from channels.parts import parts, split_by_sentence
from channels.sms_webhook import SmsWebhook
from channels.telegram_updates import decode_update
from channels.whatsapp import WhatsAppWebhook
from content.source import ContentError, loads
from lantern.logs import IdsOnly, allowed
from tests.channels.conftest import NOW, PAYLOADS, webhook_request

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
NAMES = [
    "MessageSid",
    "From",
    "To",
    "Body",
    "NumMedia",
    "MediaContentType0",
    "OptOutType",
    "MessageStatus",
    "ErrorCode",
]
# Letters that have broken programs: control, direction, halves of pairs, combining, digits of other scripts, quotes.
ODD = "\x00\r\n\u202e\u200b\ud800\udfff\u0301\u0e47\u1039\u17d2\u0661\u104a'\"<>{}%;\\/=&+|@"
WORDS = st.text(st.one_of(st.characters(), st.sampled_from(ODD)), max_size=300)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
_UPDATES = [json.loads(path.read_text("utf-8")) for path in sorted(Path(PAYLOADS).glob("telegram_*.json"))]


@dataclass(frozen=True)
class Target:
    """One reader, its food, and a promise that raises AssertionError when broken."""

    food: st.SearchStrategy[Any]
    promise: Callable[[Any], None]


@st.composite
def spoilt_updates(draw: st.DrawFn) -> object:
    """A recorded update in which some place holds something else, or is gone."""
    update = json.loads(json.dumps(draw(st.sampled_from(_UPDATES))))
    for _ in range(draw(st.integers(0, 3))):
        here = update
        while isinstance(here, dict) and here:
            name = draw(st.sampled_from(sorted(here)))
            if isinstance(here[name], dict) and draw(st.booleans()):
                here = here[name]
                continue
            if draw(st.booleans()):
                here[name] = draw(VALUES)
            else:
                del here[name]
            break
    return update


def _is_inbound(found: Inbound | None) -> None:
    assert found is None or found.hint_language is None or isinstance(found.hint_language, str)
    assert found is None or (isinstance(found.text, str) and isinstance(found.sender.value, str) and found.sender.value)
    assert found is None or found.text not in repr(found) or len(found.text) < 8, "a repr shows what was written"


def _twilio(kind: type[SmsWebhook]) -> Callable[[tuple[bytes, str]], None]:
    def promise(given: tuple[bytes, str]) -> None:
        request = webhook_request(given[0], content_type=given[1])
        reader = kind("token", "https://line.example.org")
        assert not reader.verify(request), "nothing unsigned is believed"
        for read in (lambda: _is_inbound(reader.decode(request, NOW)), lambda: reader.decode_status(request)):
            try:
                read()
            except BadPayload:
                continue

    return promise


def _telegram(update: object) -> None:
    try:
        _is_inbound(decode_update(update, "666", NOW).inbound)
    except BadPayload:
        return


def _cleaned(text: str) -> None:
    found = clean(text)
    assert "\x00" not in found.text
    assert clean(found.text).text == clean(clean(found.text).text).text
    fold(text)


def _details(text: str) -> None:
    for one in find(text[:200], "MY"):
        assert one.kind
        assert str(one.value) not in repr(one) or len(str(one.value)) < 6


def _cut(text: str) -> None:
    assert parts(text).count >= 0
    assert all(len(piece) <= 100 for piece in split_by_sentence(text, 100))


def _logged(text: str) -> None:
    record = logging.LogRecord("records", logging.ERROR, "x.py", 1, "heard text=%s conversation=%s", (text, 5), None)
    line = IdsOnly().format(record)
    assert "\n" not in line
    assert "\r" not in line
    for value in allowed({"cause": text, "reason": text, "text": text}).values():
        assert value.isprintable()
        assert " " not in value


def _content(text: str) -> None:
    try:
        loads(text, Path("content/x.yml"))
    except ContentError:
        return


def _pressed(text: str) -> None:
    option, question = read_press(text)
    assert text in (option, f"{option}@{question}")


_forms = st.lists(st.tuples(st.sampled_from(NAMES), st.binary(max_size=80)), max_size=8).map(
    lambda pairs: (b"&".join(name.encode() + b"=" + value for name, value in pairs), FORM)
)
_bodies = st.tuples(st.binary(max_size=400), st.sampled_from([FORM, JSON, "text/plain", ""]))
_objects = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=6).map(
    lambda value: (json.dumps(value).encode(), JSON)
)

TARGETS = {
    "sms": Target(_forms | _bodies | _objects, _twilio(SmsWebhook)),
    "whatsapp": Target(_forms | _bodies | _objects, _twilio(WhatsAppWebhook)),
    "telegram": Target(spoilt_updates() | VALUES, _telegram),
    "cleaning": Target(WORDS, _cleaned),
    "details": Target(WORDS, _details),
    "parts": Target(WORDS, _cut),
    "log lines": Target(WORDS, _logged),
    "content files": Target(WORDS, _content),
    "buttons": Target(WORDS, _pressed),
}
