"""Words: the lines of a turn as messages in the contact's language, shaped for their channel.

Only sentences of a catalogue leave here. Lines that fit together go as one message, so that a turn costs
few SMS; answers to choose from are numbered on SMS and are buttons on Telegram.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from string import Formatter

from channels.base import press_data
from channels.parts import SMART, parts
from content.catalogue import SOURCE, Catalogue, catalogue, written
from content.languages import recognised
from screening.ask import Say

SMS_PARTS = {True: 3, False: 2}  # Unicode, GSM-7: what one message may take before it is split into two
TELEGRAM_LETTERS = 900
MOST_MESSAGES = 3  # of one turn
_WHO = re.compile(r"(?<=\()@([a-z]+)(?=\))")  # behind a number: content.helplines


Line = Say  # what the dialogue proposes is what the words are asked to say


class Unsayable(Exception):
    """A line has no words in this language, or a brace in it was not filled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worded:
    """One message ready to send."""

    key: str  # the keys of its lines, with a space between
    text: str = field(repr=False)
    buttons: tuple[tuple[str, str], ...] = field(default=(), repr=False)


def look(channel: str) -> str:
    """Return `sms` or `telegram`: how a channel shows messages."""
    return "telegram" if channel.endswith("telegram") else "sms"


def speaks(language: str | None) -> bool:
    """True when the line has words in this language."""
    return language in written()


def word(lines: Iterable[Line], *, language: str, channel: str) -> tuple[Worded, ...]:
    """Return the messages that say these lines; each button names its question, so that an old one is known.

    Raises:
        Unsayable: a key or a filling is missing.
    """
    wanted = tuple(lines)
    made = _worded(wanted, language, channel)
    if len(made) > MOST_MESSAGES and any(line.spare for line in wanted):
        made = _worded((line for line in wanted if not line.spare), language, channel)
    return made


def _worded(lines: Iterable[Line], language: str, channel: str) -> tuple[Worded, ...]:
    words, shape = catalogue(language if speaks(language) else SOURCE), look(channel)
    made: list[Worded] = []
    offered = False
    for line in lines:
        text = _text(words, line, shape)
        labels = [(option, _label(words, option, shape)) for option in line.options]
        if shape == "sms":
            # Languages are answered by their names: their numbers would be taken for answers to the question above.
            named = line.question == "language"
            text = "\n".join([text, *(label if named else f"{n} {label}" for n, (_, label) in enumerate(labels, 1))])
            text = text.translate(SMART)
        pressed = [(press_data(option, line.question) if line.question else option, label) for option, label in labels]
        buttons = tuple(pressed) if shape == "telegram" else ()
        fresh = Worded(key=line.key, text=text, buttons=buttons)
        if made and not offered and (joined := _joined(made[-1], fresh, shape)):
            made[-1] = joined
        else:
            made.append(fresh)
        offered = bool(line.options)  # what is offered stands at the end of its message
    return tuple(made)


def _joined(first: Worded, second: Worded, shape: str) -> Worded | None:
    """Return both as one message, or None where they do not belong together or do not fit."""
    text = f"{first.text}\n{second.text}" if shape == "sms" else f"{first.text}\n\n{second.text}"
    if shape == "sms":
        counted = parts(text)
        if counted.count > SMS_PARTS[counted.unicode]:
            return None
    elif len(text) > TELEGRAM_LETTERS:
        return None
    return Worded(key=f"{first.key} {second.key}", text=text, buttons=second.buttons)


def _text(words: Catalogue, line: Line, shape: str) -> str:
    try:
        text = words.text(line.key, shape)
        wanted = {name for _, name, _, _ in Formatter().parse(text) if name}
        if wanted - set(line.params):
            raise Unsayable(f"{line.key}: nothing fills {', '.join(sorted(wanted - set(line.params)))}")
        return text.format_map({name: _in_words(words, value, shape) for name, value in line.params.items()})
    except KeyError as missing:
        raise Unsayable(f"{words.language}: no words for {line.key}") from missing


def _in_words(words: Catalogue, value: str, shape: str) -> str:
    """Return what fills a brace, with who answers a number said in the language."""
    return _WHO.sub(lambda who: words.text(f"who.{who[1]}", shape), value)


def _label(words: Catalogue, option: str, shape: str) -> str:
    if option.startswith("language:"):
        return recognised()[option.removeprefix("language:")].native_name
    try:
        return words.text(f"option.{option}", shape)
    except KeyError as missing:
        raise Unsayable(f"{words.language}: no words for option.{option}") from missing
