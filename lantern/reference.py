"""Reference: the pages that are made from the program itself; a test holds the files to it.

Run `python -m lantern.reference` after a change of settings, commands, tables or labels.
"""

from __future__ import annotations

import argparse
import inspect
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "reference"
_DJANGOS = (
    "help", "version", "verbosity", "settings", "pythonpath", "traceback", "no_color", "force_color", "skip_checks",
)  # fmt: skip
_MADE = "Made by `.venv/bin/python -m lantern.reference` from {}."


def pages() -> dict[str, str]:
    """Return the text of every generated page by the name of its file."""
    return {"settings.md": _settings(), "commands.md": _commands(), "data.md": _data(), "labels.md": _labels()}


def _settings() -> str:
    from lantern.config import Settings

    lines = ["# Settings", "", _MADE.format("`lantern/config.py`"), ""]
    lines += ["Each is a variable of the environment. Everything wrong with them is told at once, at start.", ""]
    lines += ["| variable | default | what it is |", "|---|---|---|"]
    for item in Settings.__dataclass_fields__.values():
        default = item.default
        shown = "" if default in (None, ()) else f"`./{default}`" if isinstance(default, Path) else f"`{default}`"
        lines.append(f"| `{item.metadata['env']}` | {shown} | {item.metadata['help']} |")
    return "\n".join(lines) + "\n"


def _commands() -> str:
    from lantern.commands import COMMANDS, OUTSIDE

    lines = ["# Commands", "", _MADE.format("`lantern/commands.py` and each command's own flags"), ""]
    lines += ["`--port N` and `--data FOLDER` go with every command. `./run COMMAND --help` says the same.", ""]
    lines += ["| `./run ...` | does |", "|---|---|"]
    lines += [f"| `{name}` | {text} |" for name, text in COMMANDS.items()]
    for name in COMMANDS:
        rows = () if name in OUTSIDE else tuple(_flags(name))
        if rows:
            lines += ["", f"## {name}", "", "| flag | what it is |", "|---|---|"]
            lines += [f"| `{flag}` | {text} |" for flag, text in rows]
    return "\n".join(lines) + "\n"


def _flags(name: str) -> Iterator[tuple[str, str]]:
    from django.core.management import load_command_class

    yield from _flags_of(load_command_class("lantern", name).create_parser("./run", name), "")


def _flags_of(parser: argparse.ArgumentParser, before: str) -> Iterator[tuple[str, str]]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            helps = {one.dest: one.help for one in action._choices_actions}
            for word, inner in action.choices.items():
                yield f"{before}{word}", _one_line(helps.get(word))
                yield from _flags_of(inner, f"{before}{word} ")
        elif action.dest not in _DJANGOS and action.help != argparse.SUPPRESS:
            yield before + _shown(action), _one_line(action.help, default=action.default)


def _shown(action: argparse.Action) -> str:
    value = (
        "{" + ",".join(map(str, action.choices)) + "}" if action.choices else str(action.metavar or action.dest).upper()
    )
    if not action.option_strings:
        return value
    flag = action.option_strings[-1]
    return flag if action.nargs == 0 else f"{flag} {value}"


def _one_line(text: str | None, default: object = None) -> str:
    return " ".join((text or "").replace("%(default)s", str(default)).replace("|", "\\|").split())


def _data() -> str:
    from django.apps import apps
    from django.db import models

    lines = ["# Tables", "", _MADE.format("`records/models/`"), ""]
    lines += ["Columns under *closed* are binary: sealed words, wrapped keys, keyed hashes. All others lie in clear."]
    lines += ["How long each is kept stands in the [data map](../trust/data-map.md).", ""]
    lines += ["| table | what it holds | closed | in clear |", "|---|---|---|---|"]
    for model in sorted(apps.get_app_config("records").get_models(), key=lambda one: one.__name__):
        about = (inspect.getdoc(model) or "").split("\n\n")[0].replace("\n", " ").replace("|", "\\|")
        closed: list[str] = []
        clear: list[str] = []
        for field in model._meta.concrete_fields:
            if not field.primary_key:
                (closed if isinstance(field, models.BinaryField) else clear).append(field.attname)
        lines.append(f"| `{model.__name__}` | {about} | {', '.join(closed)} | {', '.join(clear)} |")
    return "\n".join(lines) + "\n"


def _labels() -> str:
    from bot.understanding.labels import INTENTS, ROLES
    from content.indicators import PROFILES, STRENGTHS, indicators
    from content.safety import RISKS, Band, Status, rules
    from screening.levels import ORDER

    live = [rule for rule in rules() if rule.status is Status.LIVE]
    lines = ["# Labels", "", _MADE.format("`content/` and `bot/understanding/labels.py`"), ""]
    lines += ["What a message can be found to say. Nothing of this is ever said to a contact.", ""]
    lines += [f"**Levels**, most urgent first: {', '.join(f'`{one}`' for one in ORDER)}.", ""]
    lines += [f"**Whom it is about**: {', '.join(f'`{one}`' for one in ROLES)}.", ""]
    lines += [f"**What a message wants** (intent): {', '.join(f'`{one}`' for one in INTENTS)}.", "", "## Risks", ""]
    lines += ["A sure rule brings a person now; a grey one asks one careful question.", ""]
    lines += ["| risk | languages with a live rule | sure rules | grey rules |", "|---|---|---|---|"]
    for risk in RISKS:
        own = [rule for rule in live if rule.risk == risk]
        sure = sum(rule.band is Band.SURE for rule in own)
        lines.append(f"| `{risk}` | {len({rule.language for rule in own})} | {sure} | {len(own) - sure} |")
    strengths = ", ".join(f"{letter} {name}" for letter, name in STRENGTHS.items())
    lines += ["", "## Indicators", "", f"Weight by who it is and what for: {strengths}, - does not apply.", ""]
    lines += [f"| indicator | meaning | dimension | {' | '.join(one.replace('_', ', ') for one in PROFILES)} | basis |"]
    lines += ["|---|---|---|" + "---|" * (len(PROFILES) + 1)]
    for row in indicators().values():
        weights = " | ".join(row.weights[profile] for profile in PROFILES)
        told = f", told as `{row.parent}`" if row.parent else ""
        title = row.title if row.published else f"{row.title} (case files only{told})"
        lines.append(f"| `{row.id}` | {title} | {row.dimension} | {weights} | {row.basis} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the pages."""
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lantern.settings")
    django.setup()
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
