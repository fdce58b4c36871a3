"""The command line: which commands there are, one line of help each, and errors as sentences."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

# In the order in which a newcomer needs them; a command whose issue has not come yet is not listed.
COMMANDS = {
    "up": "everything on this machine under one supervisor (what `./run` alone does)",
    "test": "the tests (--long: the long ones too; other arguments go to pytest)",
    "talk": "a chat in the terminal; with --jsonl lines in, lines out",
    "parse": "what a message says: JSON lines in, JSON lines out",
    "train": "train the model, once for the same inputs",
    "check": "judge all content and data: file, line, what was found, what would be right",
    "web": "the web process: webhooks and desk",
    "bot": "the runner: takes turns",
    "delivery": "the delivery process: sends, and polls Telegram",
    "clock": "the clock process: waits, retention",
    "staff": "add, list and change staff accounts",
    "keys": "make a master key",
    "rasa": "Rasa's own commands with our actions in this process (`./run rasa shell`)",
}
FLAGS = {"--port": "LANTERN_PORT", "--data": "LANTERN_DATA"}


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    rest = _flags_to_settings(list(arguments))
    if not rest or rest[0] in ("-h", "--help", "help"):
        print(usage(), file=sys.stderr if not rest else sys.stdout)
        return 0 if rest else 2
    name = rest[0]
    if name not in COMMANDS or name == "test":
        print(f"./run {name}: no such command; ./run --help lists them", file=sys.stderr)  # noqa: T201
        return 2
    if name == "keys":
        return _keys(rest[1:])
    from lantern.config import SettingsError

    try:
        from django.core.management import execute_from_command_line

        execute_from_command_line(["./run", *rest])
    except SettingsError as problem:
        print("\n".join(f"setting {line}" for line in problem.problems), file=sys.stderr)  # noqa: T201
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def _keys(arguments: Sequence[str]) -> int:
    """Make a key before there are settings: without one, those of a real line are not complete."""
    from lantern.management.commands.keys import Command

    command = Command()
    command._called_from_command_line = True  # type: ignore[attr-defined]  # a wrong word is answered by the usage, not by a traceback
    command.handle(**vars(command.create_parser("./run", "keys").parse_args(arguments)))
    return 0


def usage() -> str:
    """Return the help text: every command, every flag with its variable."""
    from lantern.config import Settings

    lines = ["./run [COMMAND] [--port N] [--data FOLDER]", "", "commands:"]
    lines += [f"  {name:<10}{text}" for name, text in COMMANDS.items()]
    lines += ["", "settings (environment; --port and --data win over the first two):"]
    for item in Settings.__dataclass_fields__.values():
        lines.append(f"  {item.metadata['env']:<28}{item.metadata['help']}")
    return "\n".join(lines)


def _flags_to_settings(arguments: list[str]) -> list[str]:
    """Take --port and --data out, wherever they stand, and set their variables before settings are read."""
    rest: list[str] = []
    queue = iter(arguments)
    for argument in queue:
        name, _, value = argument.partition("=")
        if name in FLAGS:
            given = value or next(queue, "")
            os.environ[FLAGS[name]] = str(Path(given).absolute()) if name == "--data" and given else given
        else:
            rest.append(argument)
    return rest
