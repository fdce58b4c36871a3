# ruff: noqa: PLC0415 (the parent needs none of what the child loads)
"""Floor: how fast the encoder alone reads the mix, one process a lane, nothing else done.

A child process is given the texts, loads the model, keeps those that a turn would embed, and embeds each once when it
is told to begin: the whole text only, although a turn embeds parts of what it finds something in.

    python -m benchmarks.speed.floor MODEL CACHE < texts.json
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def measure(texts: Sequence[str], *, lanes: int, model: Path, cache: Path) -> dict[str, Any]:
    """Return messages a second, bare answers counted as messages that cost nothing, and how many were embedded."""
    command = [sys.executable, "-m", "benchmarks.speed.floor", str(model), str(cache)]
    children = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(lanes)
    ]
    for number, child in enumerate(children):
        assert child.stdin
        child.stdin.write(json.dumps(texts[number::lanes]) + "\n")
        child.stdin.flush()
    for child in children:
        assert child.stdout
        if child.stdout.readline() != "ready\n":
            raise RuntimeError("the encoder alone could not be started; its words stand above")
    for child in children:
        assert child.stdin
        child.stdin.write("begin\n")
        child.stdin.flush()
    found = []
    for child in children:
        assert child.stdout
        found.append(json.loads(child.stdout.readline()))
        child.wait(30)
    slowest = max(one["seconds"] for one in found)
    embedded = sum(one["embedded"] for one in found)
    return {
        "messages_per_s": round(len(texts) / slowest, 1),
        "embedded": embedded,
        "ms_each": round(1000 * sum(one["seconds"] for one in found) / max(embedded, 1), 2),
    }


def embedded_of(texts: Sequence[str], model: Path, cache: Path) -> list[str]:
    """Return the texts, cleaned, that understanding asks the encoder for; the others are told by words and rules."""
    import numpy as np

    from bot.understanding import embedding
    from bot.understanding.model import Understanding

    understanding = Understanding.load(model, cache)
    asked: list[str] = []
    real = embedding.embed

    def noted(some: Sequence[str]) -> Any:
        asked.extend(some)
        return np.zeros((len(some), embedding.WIDTH), np.float32)

    embedding.embed = noted
    try:
        wanted = []
        for text in texts:
            asked.clear()
            understanding.understand(text)
            wanted += asked[:1]
    finally:
        embedding.embed = real
    return wanted


def main() -> None:
    """Be the child."""
    from bot.understanding import embedding

    model, cache = map(Path, sys.argv[1:3])
    wanted = embedded_of(json.loads(sys.stdin.readline()), model, cache)
    embedding.embed(["hello"])
    embedding.forget()
    print("ready", flush=True)
    sys.stdin.readline()
    began = time.perf_counter()
    for text in wanted:
        embedding.embed([text])
    print(json.dumps({"seconds": time.perf_counter() - began, "embedded": len(wanted)}), flush=True)


if __name__ == "__main__":
    main()
