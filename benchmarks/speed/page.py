# ruff: noqa: PLC0415 (matplotlib is loaded where something is drawn)
"""Page: what was measured, as a part of docs/performance.md and as a picture; the rest is written by hand."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE, PICTURE = DOCS / "performance.md", "images/performance.svg"
BEGIN, END = "<!-- measured by ./run bench -->", "<!-- end of what ./run bench measured -->"
Ratio = tuple[str, str, str, float]


def ratios(found: dict[str, Any]) -> dict[str, float]:
    """How many times better each figure of ours is than that of Rasa as it comes; over 1 is better."""
    stock = found["stock"]
    short, theirs = found["turn_ms_at_half_rate"]["up_to_32_tokens"], stock["turn_ms_at_half_rate"]["up_to_32_tokens"]
    right = stock["intent_accuracy"]
    made = {
        "turns_per_s": found["turns_per_s"] / stock["turns_per_s"],
        "p95_up_to_32_tokens": theirs["p95"] / short["p95"],
        "memory_a_lane": stock["memory_mb"] / found["memory"]["a_lane_mb"],
        "memory_another_lane": stock["memory_mb"] / found["memory"]["a_lane_alone_mb"],
        "start": stock["start_s"] / found["start_s"],
        "intent_accuracy": right["lantern"] / right["stock"],
    }
    return {name: round(value, 2) for name, value in made.items()}


def write(found: dict[str, Any], arguments: list[str]) -> None:
    """Put the figures between the marks of the page, and draw the picture."""
    text = PAGE.read_text("utf-8")
    part = f"{BEGIN}\n{measured(found, arguments)}\n{END}"
    PAGE.write_text(re.sub(f"{re.escape(BEGIN)}.*{re.escape(END)}", lambda _: part, text, flags=re.DOTALL), "utf-8")
    if "stock" in found:
        draw(found, DOCS / PICTURE)


def measured(found: dict[str, Any], arguments: list[str]) -> str:
    """The part of the page that is made anew each time."""
    machine, mix, memory = found["machine"], found["mix"], found["memory"]
    late, calm = found["late_in_a_talk"], found["turn_ms_at_half_rate"]
    whole = found["stored_to_answered_ms_at_half_rate"]
    load = ", ".join(map(str, machine["load_average"]))
    rows = [
        ("turns a second, two lanes, durable commit", found["turns_per_s"], "at least 120"),
        ("the encoder alone, messages a second", found["encoder_alone"]["messages_per_s"], ""),
        ("share of that", f"{found['share_of_floor']:.0%}", "at least 70 %"),
        ("a turn up to 32 tokens at half rate, p50 / p95 / p99, ms", _three(calm["up_to_32_tokens"]), "p95 under 40"),
        ("a longer one", _three(calm["longer"]), ""),
        ("from stored to answered, up to 32 tokens (with the wait for a lane)", _three(whole["up_to_32_tokens"]), ""),
        (f"a turn at message 10 / {late['last']} of a talk, ms", f"{late['early_ms']} / {late['late_ms']}", ""),
        ("ratio of these", late["ratio"], "at most 1.3"),
        ("memory a lane, all shared parts counted, MB", memory["a_lane_mb"], ""),
        ("of it a lane's own, MB", memory["a_lane_alone_mb"], ""),
        ("web process, MB", memory["web_mb"], "under 150"),
        ("start of everything, trained, s", found["start_s"], "under 20"),
    ]
    command = " ".join(["./run bench", *arguments])
    lines = [
        f"`{command}` on {machine['cores']} cores, {machine['database']}, Python {machine['python']}.",
        f"Load average of the machine before the lanes started {found['load_average_before']}, at the end {load}.",
        "",
        f"The mix: {mix['messages']} messages in {mix['languages']} languages, {mix['bare_answers']:.0%} bare answers,",
        f"{mix['over_32_tokens']:.0%} over 32 tokens, half of the others up to {mix['tokens_median']} tokens,",
        f"the longest {mix['tokens_max']}. The encoder reads {found['encoder_alone']['embedded']} of them.",
        "",
        "| | measured | bar |",
        "|---|---|---|",
        *(f"| {name} | {value} | {bar} |" for name, value, bar in rows),
        "",
    ]
    if found["missed"]:
        lines += [f"Below the bar: {', '.join(found['missed'])}.", ""]
    return "\n".join([*lines, *(_beside(found) if "stock" in found else [])])


def _three(one: dict[str, float]) -> str:
    return " / ".join(str(one[name]) for name in ("p50", "p95", "p99")) if one else "none"


def _beside(found: dict[str, Any]) -> list[str]:
    stock, ratio, memory = found["stock"], found["ratios"], found["memory"]
    right = stock["intent_accuracy"]
    ours, theirs = found["turn_ms_at_half_rate"], stock["turn_ms_at_half_rate"]
    rows = [
        ("turns a second", found["turns_per_s"], stock["turns_per_s"], ratio["turns_per_s"]),
        ("a turn up to 32 tokens at half its rate, p95, ms", ours["up_to_32_tokens"]["p95"],
         theirs["up_to_32_tokens"]["p95"], ratio["p95_up_to_32_tokens"]),
        ("memory a lane, MB (theirs: the one process)", memory["a_lane_mb"], stock["memory_mb"],
         ratio["memory_a_lane"]),
        ("memory of one lane more, MB", memory["a_lane_alone_mb"], stock["memory_mb"], ratio["memory_another_lane"]),
        ("start, s (ours: web, runner, delivery, clock)", found["start_s"], stock["start_s"], ratio["start"]),
        (f"intents right, of {right['messages']} own test messages", right["lantern"], right["stock"],
         ratio["intent_accuracy"]),
    ]  # fmt: skip
    return [
        f"![Lantern beside Rasa as it comes]({PICTURE})",
        "",
        "| in the same run | Lantern | Rasa as it comes | times better |",
        "|---|---|---|---|",
        *(f"| {name} | {mine} | {their} | {times} |" for name, mine, their, times in rows),
        "",
        f"Training Rasa as it comes on 2,000 lines took {stock['training_s']:.0f} s. Its pipeline:",
        f"{', '.join(stock['pipeline'])}; its policies: {', '.join(stock['policies'])}.",
        "It keeps its trackers in memory and nothing on disk; our turns are sealed, and on disk when they count.",
        "Ours learned from all its examples, Rasa as it comes from 2,000 of them, as each would be run.",
        "",
    ]


def draw(found: dict[str, Any], path: Path) -> None:
    """Draw how many times better each figure is."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "lantern"  # the same figures give the same file
    from matplotlib import pyplot as plt

    names = {
        "turns_per_s": "turns a second", "p95_up_to_32_tokens": "95th percentile, short messages",
        "memory_a_lane": "memory a lane", "memory_another_lane": "memory of one lane more", "start": "start",
        "intent_accuracy": "intents right",
    }  # fmt: skip
    shown = [(names[name], value) for name, value in reversed(found["ratios"].items())]
    figure, axes = plt.subplots(figsize=(8, 0.45 * len(shown) + 1), layout="constrained")
    bars = axes.barh([name for name, _ in shown], [value for _, value in shown], color="#2f6f73")
    axes.bar_label(bars, fmt="%.1f times", padding=4)
    axes.axvline(1, color="#888", linewidth=1)
    axes.set_xscale("log")
    axes.set_xlim(0.3, max(value for _, value in shown) * 3)
    axes.set_xlabel("times better than Rasa as it comes, in the same run")
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
