"""Reference: the page of all settings, made from the settings themselves; a test holds docs/settings.md to it.

Run `python -m lantern.reference > docs/settings.md` after a change.
"""

from __future__ import annotations

import sys
from pathlib import Path

from lantern.commands import COMMANDS
from lantern.config import Settings


def page() -> str:
    """Return the text of docs/settings.md."""
    lines = ["# Settings and commands", "", "Made from `lantern/config.py` and `lantern/commands.py`.", ""]
    lines += ["| variable | default | what it is |", "|---|---|---|"]
    for item in Settings.__dataclass_fields__.values():
        default = item.default
        shown = "" if default is None else f"`./{default}`" if isinstance(default, Path) else f"`{default}`"
        lines.append(f"| `{item.metadata['env']}` | {shown} | {item.metadata['help']} |")
    lines += ["", "| `./run ...` | does |", "|---|---|"]
    lines += [f"| `{name}` | {text} |" for name, text in COMMANDS.items()]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(page())
