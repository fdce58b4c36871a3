"""Figures: what this process counts of itself, as Prometheus knows counters. No label can hold a person.

The tables say how the line stands; these say how much each process has done, and go along with its beats, so that
one page shows every process of every machine. A lane that is forked begins with its parent's zeros.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram

from bot import calls

REGISTRY = CollectorRegistry()
turns = Counter("lantern_turns", "Turns by what became of them.", ["outcome"], registry=REGISTRY)
turn_seconds = Histogram(
    "lantern_turn_seconds",
    "Seconds that a turn took, claim to commit.",
    buckets=(
        0.01,
        0.02,
        0.04,
        0.08,
        0.16,
        0.32,
        0.64,
        1.25,
        2.5,
        5,
        10,
        25,
    ),  # .04: the p95 promised
    registry=REGISTRY,
)
deliveries = Counter("lantern_deliveries", "Tries to send.", ["channel", "outcome"], registry=REGISTRY)
webhooks = Counter("lantern_webhooks", "Calls of the providers, by our answer.", ["view", "status"], registry=REGISTRY)

_BEGAN = time.time()
Sample = list[Any]  # [name, labels, value], as JSON keeps it


def snapshot() -> list[Sample]:
    """What this process has counted, and what it takes of the machine."""
    counted = [
        [sample.name, sample.labels, sample.value]
        for metric in REGISTRY.collect()
        if any(sample.value for sample in metric.samples)  # not a line for all that a clock does not do
        for sample in metric.samples
        if not sample.name.endswith("_created")
    ]
    return counted + calls.samples() + _of_the_machine()


def _of_the_machine() -> list[Sample]:
    found: list[Sample] = [["lantern_process_start_time_seconds", {}, _BEGAN]]
    proc = Path("/proc/self")
    try:
        resident = int((proc / "statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
        found.append(["lantern_process_resident_bytes", {}, resident])
        found.append(["lantern_process_open_files", {}, len(os.listdir(proc / "fd"))])  # noqa: PTH208 (names only)
    except OSError:  # no such page on this system, or no handle left to open it with
        return found
    return found
