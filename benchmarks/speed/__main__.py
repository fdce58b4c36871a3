# ruff: noqa: PLC0415 (what is heavy, and what needs a database, is imported where it is used)
"""`./run bench`: how fast this line is on this machine, in its real processes, and what the bars of issue 8 say.

Progress goes to stderr, one JSON object to the last line of stdout. With `--against stock` Rasa as it comes is
measured in the same run, and docs/performance.md is written.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.speed import floor, page
from benchmarks.speed.line import LONG_TALKS, SHORTEST_TALK, Service, percentiles, start_of_all
from benchmarks.speed.mix import Mix, described

ROOT = Path(__file__).resolve().parents[2]
SHARE, RATE, P95_MS, LATE_RATIO, WEB_MB, START_S = 0.7, 120.0, 40.0, 1.3, 150.0, 20.0


def say(line: str) -> None:
    """Tell whoever waits."""
    print(f"{time.strftime('%H:%M:%S')} {line}", file=sys.stderr, flush=True)


def measured(options: argparse.Namespace, model: Path, folder: Path) -> dict[str, Any]:
    """Measure our own line."""
    cache = folder / "understanding"
    mix = Mix(options.seed)
    talks = mix.conversations(options.messages)
    written = [one for talk in talks for one in talk]
    say(f"mix: {described(written)}")
    say("start of everything")
    start = start_of_all(folder / "start", model)
    say(f"  {start}")
    say("the encoder alone")
    alone = floor.measure([one.text for one in written], lanes=options.lanes, model=model, cache=cache)
    say(f"  {alone}")
    service = Service(folder / "place", model, lanes=options.lanes, seed=options.seed)
    try:
        load_before = os.getloadavg()[0]
        rate, turns = service.flat_out(talks, say)
        say(f"  {rate:.1f} turns a second")
        half = mix.conversations(int(rate / 2 * options.seconds))
        say(f"half of that for {options.seconds:.0f} s: {sum(map(len, half))} messages")
        calm = service.at_rate(half, rate / 2, say)
        memory = service.memory()
        say(f"{LONG_TALKS} talks of {options.talk} messages")
        languages = ["en", "id", "ar", "my", "hi", "zh", "ru", "th", "es", "bn", "tl", "km"]
        late = service.long_talks(mix, languages[:LONG_TALKS], options.talk, say)
        say(f"  {late}")
    finally:
        service.close()
    short = [turn for turn in calm if turn["written"].short]
    longer = [turn for turn in calm if not turn["written"].short]
    return {
        "turns_per_s": round(rate, 1),
        "encoder_alone": alone,
        "share_of_floor": round(rate / alone["messages_per_s"], 3),
        "turn_ms_at_half_rate": {
            "up_to_32_tokens": percentiles(turn["ms"] for turn in short),
            "longer": percentiles(turn["ms"] for turn in longer),
        },
        "stored_to_answered_ms_at_half_rate": {
            "up_to_32_tokens": percentiles(turn["answer_ms"] for turn in short),
            "longer": percentiles(turn["answer_ms"] for turn in longer),
        },
        "late_in_a_talk": late,
        "memory": {**memory, "web_mb": start["web_mb"]},
        "start_s": start["start_s"],
        "given_up": len(service.given_up),
        "turn_ms_flat_out": percentiles(turn["ms"] for turn in turns),
        "mix": described(written),
        "load_average_before": round(load_before, 1),
    }


def missed(found: dict[str, Any]) -> list[str]:
    """Return which bars of issue 8 were not reached."""
    bars = {
        "share_of_floor": found["share_of_floor"] >= SHARE,
        "turns_per_s": found["turns_per_s"] >= RATE,
        "p95_up_to_32_tokens": found["turn_ms_at_half_rate"]["up_to_32_tokens"]["p95"] < P95_MS,
        "late_in_a_talk": found["late_in_a_talk"]["ratio"] <= LATE_RATIO,
        "web_mb": found["memory"]["web_mb"] < WEB_MB,
        "start_s": found["start_s"] < START_S,
    }
    return [name for name, reached in bars.items() if not reached]


def told(options: argparse.Namespace, parser: argparse.ArgumentParser) -> list[str]:
    """Return the flags as a page may show them: what is not as it comes, and of a path its last part alone."""
    words = []
    for name, value in vars(options).items():
        if value is True:
            words.append(f"--{name}")
        elif value != parser.get_default(name):
            words += [f"--{name}", value.name if isinstance(value, Path) else str(value)]
    return words


def machine() -> dict[str, Any]:
    """What it was measured on."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "database": "PostgreSQL" if os.environ.get("DATABASE_URL") else "SQLite, synchronous=FULL",
        "load_average": [round(one, 1) for one in os.getloadavg()],
    }


def main() -> int:
    """Measure and print."""
    from lantern.management.commands.bench import Command
    from lantern.model_store import ensure_model

    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__)
    Command().add_arguments(parser)
    options = parser.parse_args()
    if options.talk < SHORTEST_TALK:
        parser.error(f"--talk: found {options.talk}; at least {SHORTEST_TALK} are needed, for a beginning and an end")
    data = Path(os.environ.get("LANTERN_DATA") or ROOT / "var").resolve()
    model = options.model or ensure_model(data, say)
    with tempfile.TemporaryDirectory(prefix="lantern-bench-") as folder:
        found = measured(options, model.resolve(), Path(folder))
    found |= {"missed": missed(found), "machine": machine()}
    if options.against:
        from benchmarks.speed import stock

        found["stock"] = stock.measured(data, model, options, say)
        found["ratios"] = page.ratios(found)
    if options.write or options.against:
        page.write(found, told(options, parser))
        say("wrote docs/performance.md")
    for name in found["missed"]:
        say(f"below its bar: {name}")
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
