"""Laws: what must hold in every conversation, whatever was said."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.words import SMS_PARTS, TELEGRAM_LETTERS
from channels.parts import parts
from content.catalogue import catalogue, written
from content.languages import recognised
from tests.dialogues.script import Exchange, Said, Script

MOST_MESSAGES = 3
# Words the line never says first, in the four languages; the catalogues have longer lists of their own.
FORBIDDEN = {
    "en": ("victim", "traffick", "rescue", "i promise", "guarantee", "prostitut", "illegal"),
    "es": ("víctima", "victima", "trata de personas", "rescat", "prometo", "prostitut", "ilegal"),
    "id": ("korban", "perdagangan orang", "trafficking", "janji", "pelacur", "ilegal"),
    "my": ("လူကုန်ကူး", "သားကောင်", "ကတိပေး", "တရားမဝင်"),
}
_HOLE = re.compile(r"\\\{[a-z_]+\\\}|\{[a-z_]+\}")


def broken(script: Script, exchanges: Sequence[Exchange]) -> list[str]:
    """Return a sentence for each law that a conversation broke."""
    found: list[str] = []
    before: tuple[str, ...] = ()
    for number, exchange in enumerate(exchanges, 1):
        where = f"{script.id}, turn {number}"
        texts = tuple(message.text for message in exchange.said)
        if texts and texts == before and not exchange.said[0].key.startswith("ended."):
            found.append(f"{where}: the same text twice in a row: {exchange.keys}")
        before = texts or before
        said = [key for message in exchange.said if not message.timed for key in message.key.split()]
        if len(said) > len(set(said)):
            found.append(f"{where}: the same sentence twice in one answer: {exchange.keys}")
        answers = sum(not message.timed for message in exchange.said)
        if answers > MOST_MESSAGES:
            found.append(f"{where}: {answers} messages")
        if (
            texts
            and exchange.turn.text is None
            and not exchange.turn.staff
            and not all(one.timed for one in exchange.said)
        ):
            found.append(f"{where}: wrote first: {exchange.keys}")
        for message in exchange.said:
            found += [f"{where}: {problem}" for problem in _faults(script, message, exchange.state["language"])]
    return found


def _faults(script: Script, message: Said, language: str | None) -> list[str]:
    found = []
    spoken = [code for code in (language, "en", *written()) if code in written()]
    said_in = next((code for code in spoken if _is_worded(message, code, script.channel)), None)
    if said_in is None:
        found.append(f"not from the catalogue ({language}): {message.key}: {message.text!r}")
    for word in FORBIDDEN.get(said_in or "", ()):
        if word in message.text.lower():
            found.append(f"forbidden word {word!r} in {message.key}")
    if script.channel == "sms":
        counted = parts(message.text)
        if counted.count > SMS_PARTS[counted.unicode]:
            found.append(f"{counted.count} SMS parts: {message.key}")
    elif len(message.text) > TELEGRAM_LETTERS + 300:
        found.append(f"{len(message.text)} letters: {message.key}")
    return found


def _is_worded(message: Said, language: str, channel: str) -> bool:
    """True when a message is nothing but sentences of one catalogue, with the answers it offers."""
    words, shape = catalogue(language), "telegram" if channel == "telegram" else "sms"
    if not message.key or not set(message.key.split()) <= set(words.sentences):
        return False
    labels = {words.text(key, shape) for key in words.sentences if key.startswith("option.")}
    labels |= {row.native_name for row in recognised().values()}
    if not set(message.buttons) <= labels:
        return False
    plain = {ord(a): b for a, b in {"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "\u00a0": " "}.items()}
    body = [
        _HOLE.sub(".+", re.escape(words.text(key, shape).translate(plain).replace("…", "...")))
        for key in message.key.split()
    ]
    options = "|".join(re.escape(label.translate(plain)) for label in labels)
    return re.fullmatch(r"\s+".join(body) + rf"(\n(\d )?({options}))*", message.text.translate(plain), re.S) is not None
