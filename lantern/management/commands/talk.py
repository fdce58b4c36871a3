"""A chat in the terminal: the real intake, lane and delivery on a throw-away database, the clock moved by `at`."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from argparse import ArgumentParser
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management import call_command
from django.db import connections

from lantern.management.base import BaseCommand

if TYPE_CHECKING:
    from channels.base import Outbound
    from lantern.line import Line

MEDIA = {
    "[photo]": "photo",
    "[voice message]": "voice",
    "[sticker]": "sticker",
    "[video]": "video",
    "[file]": "document",
}
_WITHIN = timedelta(seconds=20)  # between two lines without a time


class Command(BaseCommand):
    """`./run talk`"""

    help = "a chat in the terminal; with --jsonl lines in, lines out"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the flags."""
        parser.add_argument("--jsonl", action="store_true", help="read and write JSON lines")
        parser.add_argument("--keep", action="store_true", help="use the data folder's database, not a throw-away one")
        parser.add_argument("--from", dest="sender", default="sms:+6281200000001", help="who writes, in a chat by hand")

    def handle(self, *args: Any, **options: Any) -> None:
        """Talk until the input ends."""
        from bot.runner import load_turns
        from lantern.line import Line
        from lantern.model_store import ensure_model
        from records.audit_chain import link_new

        if options["keep"]:
            self._open_line()
        data = settings.LANTERN.data.resolve()
        model = ensure_model(data, self.stderr.write)
        folder = None if options["keep"] else tempfile.mkdtemp(prefix="lantern-talk-")
        try:
            if folder:
                _move_database(Path(folder))
            call_command("migrate", verbosity=0)
            link_new()  # the audit's chain begins before its rows, else it could not tell what they were
            line = Line(load_turns(model, data / "understanding"), datetime.now(timezone.utc))
            if options["jsonl"]:
                _answer_lines(line)
            else:
                _chat(line, options["sender"])
        finally:
            connections.close_all()
            if folder:
                shutil.rmtree(folder, ignore_errors=True)

    def _open_line(self) -> None:
        """Refuse the data folder of another kind of line, or another key, before anything is written there."""
        from lantern.start import CannotStartError, judge_tables, open_database

        try:
            open_database(settings.LANTERN)
            judge_tables(settings.LANTERN)
        except CannotStartError as problem:
            self.stderr.write(str(problem))
            raise SystemExit(2) from problem


def _move_database(folder: Path) -> None:
    """Put the database of this process into a folder that is thrown away."""
    os.environ["LANTERN_DATA"] = str(folder)
    connections.close_all()
    database = connections.settings["default"]
    if "sqlite" in database["ENGINE"]:
        database["NAME"] = str(folder / "lantern.sqlite3")
        connections["default"].settings_dict["NAME"] = database["NAME"]


def _answer_lines(line: Line) -> None:
    for raw in sys.stdin.buffer:
        text = raw.decode("utf-8", "replace").strip()
        if not text:
            continue
        answer = answer_line(line, text)
        sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
        sys.stdout.buffer.flush()


def answer_line(line: Line, text: str) -> dict[str, Any]:
    """Return the answer to one line; a line that cannot be used gets an `error` that says why."""
    from lantern.line import state_of

    try:
        asked = json.loads(text, strict=False)
        channel, sender = _sender(asked["from"])
        at = _moment(asked.get("at"))
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        return {"from": None, "replies": [], "state": state_of(None), "error": f"cannot use this line: {problem}"}
    line.passes(at if at and at > line.now else line.now + (timedelta(0) if at else _WITHIN))
    words = asked.get("text")
    if isinstance(words, str):
        _write(line, channel, sender, words, asked.get("button"))
    return {
        "from": asked["from"],
        "replies": [_reply(message, moment) for message, moment in line.takes(channel, sender)],
        "state": state_of(_conversation(channel, sender)),
    }


def _write(line: Line, channel: str, sender: str, words: str, button: object) -> None:
    from channels.base import Kind

    media = MEDIA.get(words.strip().lower())
    if media:
        line.receives(channel, sender, "", kind=Kind.MEDIA, media=(media,))
    elif isinstance(button, str):
        line.receives(channel, sender, words, kind=Kind.BUTTON, button=button)
    else:
        line.receives(channel, sender, words)


def _sender(address: str) -> tuple[str, str]:
    channel, _, value = address.partition(":")
    if channel not in ("sms", "telegram") or not value:
        raise ValueError("`from` looks like sms:+62... or telegram:42")
    return channel, value


def _moment(at: object) -> datetime | None:
    if not isinstance(at, str):
        return None
    moment = datetime.fromisoformat(at.replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def _reply(message: Outbound, moment: datetime) -> dict[str, Any]:
    from records.models import OutboxMessage

    row = OutboxMessage.objects.get(uid=message.uid)
    buttons = [{"id": button.id, "label": button.label} for button in message.buttons]
    return {"key": row.key, "text": message.text, "buttons": buttons, "at": moment.isoformat()}


def _conversation(channel: str, sender: str) -> Any:
    from records.models import Conversation
    from records.sealing.keys import lookup_hashes

    rows = Conversation.objects.filter(
        contact__channel=channel, contact__address_hash__in=lookup_hashes(channel, sender)
    )
    return rows.order_by("-pk").first()


def _chat(line: Line, address: str) -> None:
    from lantern.line import state_of

    channel, sender = _sender(address)
    sys.stderr.write(f"You write as {address}. An empty line ends.\n")
    while words := input("> " if sys.stdin.isatty() else "").strip():
        line.passes(max(datetime.now(timezone.utc), line.now))
        _write(line, channel, sender, words, None)
        for message in line.takes_received(channel, sender):
            sys.stdout.write(
                f"{message.text}\n" + "".join(f"   [{button.label}]\n" for button in message.buttons) + "\n"
            )
        state = state_of(_conversation(channel, sender))
        sys.stderr.write(f"   {state['language']} {state['stage']} {state['owner']} {state['level'] or '-'}\n")


__all__ = ["Command", "answer_line"]
