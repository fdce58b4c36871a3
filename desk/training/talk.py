"""Talk: one practice as a value: what was said so far, and what the simulated contact says next.

The contact follows its dialogue: it answers a sentence it has words for once; to anything else it says the next of
its other lines, until it has none and is silent. Nothing is sent and no clock is read here.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from bot.words import Line, word
from content.questions import questions
from content.training import Dialogue, Said

_APART = timedelta(seconds=50)  # between the messages that were there before
OPENING = "opening"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One message or note."""

    kind: str  # in | out | note
    at: datetime
    text: str = field(repr=False)
    author: str  # contact | bot | staff
    key: str = ""  # of the catalogue, where it is a sentence of it
    meant: tuple[str, ...] = ()  # the sentences that the worker's own words amount to
    asks: bool = False  # has a question that is none of the catalogue's
    buttons: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    token: str = ""  # of the form: sent twice it is one message
    means: str = field(default="", repr=False)  # the contact's words in English
    forbidden: bool = False  # a word that the line never uses went out all the same
    pushed: bool = False  # written although the box was closed

    @property
    def keys(self) -> tuple[str, ...]:
        """The sentences in it."""
        return (*self.key.split(), *self.meant)


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """A practice so far."""

    began_at: datetime
    claimed_at: datetime | None = None
    closed_at: datetime | None = None
    outcome: str = ""
    safe: str = ""
    safe_at: datetime | None = None
    ended_at: datetime | None = None  # the contact ended the chat
    items: tuple[Item, ...] = field(default=(), repr=False)
    used: tuple[int, ...] = ()  # replies of the dialogue that were said
    others: int = 0  # how many of its other lines were said
    draft: str = field(default="", repr=False)
    note_draft: str = field(default="", repr=False)

    def to_json(self) -> dict[str, Any]:
        """As types of JSON."""
        return {name: _plain(value) for name, value in dataclasses.asdict(self).items()}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Talk:
        """What `to_json` made."""
        items = tuple(
            Item(**{
                **one, "at": datetime.fromisoformat(one["at"]), "meant": tuple(one["meant"]),
                "buttons": tuple((name, label) for name, label in one["buttons"]),
            })
            for one in kept["items"]
        )  # fmt: skip
        times = {name: datetime.fromisoformat(at) if (at := kept[name]) else None for name in _TIMES}
        return cls(**{**kept, **times, "items": items, "used": tuple(kept["used"])})

    @property
    def last_in_at(self) -> datetime:
        """When the contact wrote last."""
        return max((item.at for item in self.items if item.kind == "in"), default=self.began_at)

    @property
    def written(self) -> tuple[Item, ...]:
        """What the worker wrote to the contact."""
        return tuple(item for item in self.items if item.author == "staff" and item.kind == "out")


_TIMES = ("began_at", "claimed_at", "closed_at", "safe_at", "ended_at")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, (list, tuple)) else value


def begin(dialogue: Dialogue, now: datetime) -> Talk:
    """The talk as the worker finds it in the queue."""
    first = now - _APART * (len(dialogue.before) - 1)
    items = tuple(_told(dialogue, said, first + _APART * number) for number, said in enumerate(dialogue.before))
    safe = str(dialogue.known.get("safe") or dialogue.known.get("answers", {}).get("safe") or "")
    return Talk(began_at=now, items=items, safe=safe, safe_at=first + _APART if safe else None)


def _told(dialogue: Dialogue, said: Said, at: datetime) -> Item:
    if not said.key:
        return Item(kind="in", at=at, text=said.text, author="contact", means=said.means)
    asked = next((one for one in questions().values() if one.key == said.key), None)
    options = questions()["safe"].options if said.key == OPENING else asked.options if asked else ()
    [worded] = word([Line(key=said.key, options=options)], language=dialogue.language, channel=dialogue.channel)
    return Item(kind="out", at=at, text=worded.text, author="bot", key=worded.key, buttons=worded.buttons)


def write(talk: Talk, dialogue: Dialogue, item: Item) -> Talk:
    """The talk after a message of the worker and what the contact says to it; the same form twice changes nothing."""
    if any((one.token, one.text) == (item.token, item.text) for one in talk.items if one.kind == item.kind):
        return talk
    talk = replace(talk, items=(*talk.items, item), draft=talk.draft if item.key else "")
    if talk.ended_at:
        return talk
    keys = item.keys
    for number, reply in enumerate(dialogue.replies):
        if number not in talk.used and any(key in reply.to for key in keys):
            return _hear(replace(talk, used=(*talk.used, number)), reply.said, item.at)
    if any(key in dialogue.ends for key in keys) or talk.others >= len(dialogue.otherwise):
        return talk
    return _hear(replace(talk, others=talk.others + 1), dialogue.otherwise[talk.others], item.at)


def _hear(talk: Talk, said: Said, at: datetime) -> Talk:
    heard = Item(kind="in", at=at, text=said.text, author="contact", means=said.means)
    return replace(talk, items=(*talk.items, heard), ended_at=at if said.leaves else None)


def note(talk: Talk, text: str, token: str, at: datetime) -> Talk:
    """The talk with a note for staff."""
    if any((one.token, one.text) == (token, text) for one in talk.items if one.kind == "note"):
        return talk
    made = Item(kind="note", at=at, text=text, author="staff", token=token)
    return replace(talk, items=(*talk.items, made), note_draft="")
