"""Scripts: whole conversations as data, and the one way to play them on the real line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
START = datetime(2026, 11, 20, 12, 0, tzinfo=timezone.utc)
NUMBERS = {
    "en": "+12025550",
    "id": "+6281255501",
    "es": "+5255555010",
    "my": "+959555501",
    "am": "+2519155501",
    "si": "+9477155501",
}
MEDIA = {"[photo]": "photo", "[voice message]": "voice", "[sticker]": "sticker"}


@dataclass(frozen=True)
class Turn:
    """One thing that happens, and what must come of it."""

    text: str | None = None
    after: timedelta = timedelta(seconds=20)
    staff: str | None = None  # claim | hand_back | close
    button: str | None = None
    keys: tuple[str, ...] = ()  # in this order, others may stand between
    any_of: tuple[str, ...] = ()  # at least one of these
    never: tuple[str, ...] = ()  # keys, or beginnings of keys with a star
    silent: bool = False
    state: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Script:
    """One conversation in one language."""

    id: str
    language: str
    channel: str
    sender: str
    turns: tuple[Turn, ...]


@dataclass(frozen=True)
class Said:
    """One message that reached the phone."""

    key: str
    text: str
    buttons: tuple[str, ...]
    timed: bool


@dataclass(frozen=True)
class Exchange:
    """A turn as it was played."""

    turn: Turn
    said: tuple[Said, ...]
    state: dict[str, Any]

    @property
    def keys(self) -> list[str]:
        return [key for message in self.said for key in message.key.split()]


def scripts(folder: Path = HERE) -> list[Script]:
    """Every scenario of this folder in every language it is written in."""
    found: list[Script] = []
    for path in sorted(folder.glob("*.yml")):
        for row in yaml.safe_load(path.read_text("utf-8"))["scenarios"]:
            found += _in_each_language(row, len(found))
    return found


def in_short_and_long(found: list[Script]) -> tuple[list[Script], list[Script]]:
    """Each scenario in two languages, taking turns, for every run; the others for the long one."""
    scenarios: dict[str, list[Script]] = {}
    for script in found:
        scenarios.setdefault(script.id.rpartition("-")[0], []).append(script)
    short = []
    for number, group in enumerate(scenarios.values()):
        short += [group[(number + step) % len(group)] for step in range(min(2, len(group)))]
    return short, [script for script in found if script not in short]


def _in_each_language(row: dict[str, Any], number: int) -> Iterator[Script]:
    languages = row.get("languages") or sorted({code for turn in row["turns"] for code in _texts(turn)})
    for code in languages:
        channel = row.get("channel", "sms")
        sender = f"{NUMBERS.get(code, NUMBERS['en'])}{number:03}" if channel == "sms" else f"7{number:05}"
        turns = tuple(_turn(turn, code) for turn in row["turns"])
        yield Script(id=f"{row['id']}-{code}", language=code, channel=channel, sender=sender, turns=turns)


def _texts(turn: dict[str, Any]) -> dict[str, str]:
    return turn["say"] if isinstance(turn.get("say"), dict) else {}


def _turn(row: dict[str, Any], code: str) -> Turn:
    said = row.get("say")
    text = said[code] if isinstance(said, dict) else None if said is None else str(said)
    after = (
        timedelta(hours=row["after_hours"])
        if "after_hours" in row
        else timedelta(minutes=row.get("after_minutes", 1 / 3))
    )
    return Turn(
        text=text, after=after, staff=row.get("staff"), button=row.get("button"), keys=tuple(row.get("keys", ())),
        any_of=tuple(row.get("any_of", ())), never=tuple(row.get("never", ())), silent=bool(row.get("silent")),
        state=row.get("state", {}),
    )  # fmt: skip


_ALL_TOLD = timedelta(hours=1)  # by then who waits was told all that time alone brings


def play(line: Any, script: Script) -> list[Exchange]:
    """Play a script on the line; a turn without text lets time pass."""
    return [Exchange(turn, *play_turn(line, script, turn)) for turn in script.turns]


def play_turn(line: Any, script: Script, turn: Turn) -> tuple[tuple[Said, ...], dict[str, Any]]:
    """Play one turn and return what was sent, and the state after it."""
    from channels.base import Kind
    from lantern.line import state_of

    said: tuple[Said, ...] = ()
    if turn.after > timedelta(minutes=1):
        until = line.now + turn.after
        line.passes(min(until, line.now + _ALL_TOLD))
        said = _received(line, script)  # before what was sent is erased: then nothing tells its key
        line.passes(until)
    else:
        line.now += turn.after
    if turn.staff:
        _staff_does(turn.staff, script, line.now)
        line.runs_until_idle()
    elif turn.text is not None:
        more: dict[str, Any] = {"button": turn.button, "kind": Kind.BUTTON} if turn.button else {}
        media = MEDIA.get(turn.text)
        if media:
            more = {"kind": Kind.MEDIA, "media": (media,)}
        line.receives(script.channel, script.sender, "" if media else turn.text, **more)
    return said + _received(line, script), state_of(conversation_of(script))


def conversation_of(script: Script) -> Any:
    """The newest conversation of the script's phone."""
    from records.models import Conversation
    from records.sealing.keys import lookup_hash

    found = Conversation.objects.filter(contact__address_hash=lookup_hash(script.channel, script.sender))
    return found.order_by("-pk").first()


def _received(line: Any, script: Script) -> tuple[Said, ...]:
    from records.models import OutboxMessage

    said = []
    for message, _ in line.takes(script.channel, script.sender):
        row = OutboxMessage.objects.filter(uid=message.uid).first()
        labels = tuple(button.label for button in message.buttons)
        said.append(Said(row.key if row else "", message.text, labels, bool(row and row.timed)))
    return tuple(said)


def _staff_does(what: str, script: Script, now: datetime) -> None:
    from records.models import Staff
    from records.staff import desk
    from records.states import Owner

    mara = Staff.objects.filter(username="mara").first() or Staff.objects.create_user("mara", alias="Mara")
    conversation = conversation_of(script)
    if what == "claim":
        assert desk.claim(conversation.pk, mara, now)
    elif what == "hand_back":
        desk.hand_back(conversation.pk, mara, Owner.BOT, now)
    else:
        desk.close(conversation.pk, mara, "helped", now)
