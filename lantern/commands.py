"""The command line: which commands there are, one line of help each, and errors as sentences."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

# In the order in which a newcomer needs them; a command whose issue has not come yet is not listed.
COMMANDS = {
    "up": "everything on this machine under one supervisor (what `./run` alone does)",
    "test": "the tests (--long: the long ones too; other arguments go to pytest)",
    "talk": "a chat in the terminal; with --jsonl lines in, lines out",
    "parse": "what a message says: JSON lines in, JSON lines out",
    "train": "train the model, once for the same inputs",
    "tune": "fit the encoder to nlu_data again (an environment of its own, 4.8 GB; hours, --again: half an hour)",
    "desk_words": "bring the desk's own translations up to date with its pages",
    "check": "judge all content and data: file, line, what was found, what would be right",
    "explain": "which rule gave what, for typed findings or a conversation",
    "evaluate": "accuracy on messages that taught nothing, by language and label",
    "bench": "turns a second, latency, memory, start (--against stock: beside Rasa as it comes)",
    "web": "the web process: webhooks and desk",
    "bot": "the runner: takes turns",
    "delivery": "the delivery process: sends, and polls Telegram",
    "clock": "the clock process: waits, retention",
    "staff": "invite, add, list and change staff accounts",
    "keys": "make and change the master key; print the recovery key",
    "audit": "prove that no audit row was changed, taken away or slipped in",
    "export": "everything about one contact (its address on standard input); or statistics, never below 11",
    "erase": "erase everything about one contact; the address is read from standard input",
    "reconcile": "fetch what was written to us while this line was away",
    "backup": "a backup while the line runs, tried by restoring it; list, verify, destroy",
    "restore": "put a backup back; what was erased since is erased again before the line answers",
    "upgrade": "bring the tables to this version: a backup first, beside the running line where that is safe (--check)",
    "doctor": "judge this installation: providers, settings, addresses (--fix mends what it can)",
    "sbom": "a CycloneDX list of what is locked (an environment of its own, 0.5 GB)",
    "supply": "judge what is locked and our own code: all, known, static, licences (an environment of its own)",
    "rasa": "Rasa's own commands with our actions in this process (`./run rasa shell`)",
}
OUTSIDE = frozenset({"test", "tune", "sbom", "supply"})  # `run` does these itself, some in another environment
FLAGS = {"--port": "LANTERN_PORT", "--data": "LANTERN_DATA"}


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    rest = _flags_to_settings(list(arguments))
    if not rest or rest[0] in ("-h", "--help", "help"):
        print(usage(), file=sys.stderr if not rest else sys.stdout)
        return 0 if rest else 2
    if rest[0].startswith("-"):
        rest.insert(0, "up")  # `./run --lanes 1`: what `./run` alone does, with a flag of it
    name = rest[0]
    if name not in COMMANDS or name in OUTSIDE:
        print(f"./run {name}: no such command; ./run --help lists them", file=sys.stderr)  # noqa: T201
        return 2
    if rest[:2] == ["keys", "new"]:
        return _keys(rest[1:])
    from content.source import ContentError
    from lantern.config import SettingsError
    from lantern.start import CannotStartError

    try:
        from django.core.management import execute_from_command_line

        execute_from_command_line(["./run", *rest])
    except SettingsError as problem:
        print("\n".join(f"setting {line}" for line in problem.problems), file=sys.stderr)  # noqa: T201
        return 2
    except (CannotStartError, ContentError) as problem:
        print(problem, file=sys.stderr)  # noqa: T201
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

    variables = {item.metadata["env"]: item.metadata["help"] for item in Settings.__dataclass_fields__.values()}
    lines = ["./run [COMMAND] [--port N] [--data FOLDER] [FLAGS OF THE COMMAND; without one, those of up]"]
    lines += ["", "commands:", *_columns(COMMANDS)]
    lines += ["", "settings (environment; --port and --data win over the first two):", *_columns(variables)]
    return "\n".join(lines)


def _columns(told: Mapping[str, str]) -> list[str]:
    width = max(map(len, told)) + 2
    return [f"  {name:<{width}}{text}" for name, text in told.items()]


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
