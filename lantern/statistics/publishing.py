"""Publishing: a quarter is counted once, a month after its end, and never again; CSV and JSON of all that were."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, datetime, timedelta, timezone
from typing import Any

from lantern.statistics.anonymous import K, cells
from records.figures.tallies import FACETS, after, counts, keep_published, published, quarter_of, unpublished

AFTER_ITS_END = timedelta(days=31)  # a conversation with the bot alone is erased after 30 days: by then all have ended
RULE = (
    f"People are counted by address, once a quarter, in groups of at least {K} who have the shown values in common;"
    " * is a value that is withheld. Who asked to delete is not counted, nor who is left in a smaller group: numbers"
    " are at least, not exactly."
)


def publish_due(now: datetime) -> list[date]:
    """Publish the quarters whose time has come. Return them."""
    due = unpublished((now.astimezone(timezone.utc) - AFTER_ITS_END).date())
    for quarter in due:
        made = cells(counts(quarter))
        keep_published(
            quarter, [{**dict(zip(FACETS, one.values, strict=True)), "people": one.people} for one in made], now
        )
    return due


def as_csv() -> str:
    """All published quarters, a row a cell."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["quarter", *FACETS, "people"])
    for row in published():
        for cell in row.cells:
            writer.writerow([named(row.quarter), *(cell[facet] for facet in FACETS), cell["people"]])
    return out.getvalue()


def as_json() -> str:
    """The same, with the rule it was made by."""
    quarters: list[dict[str, Any]] = [
        {
            "quarter": named(row.quarter),
            "people_at_least": sum(cell["people"] for cell in row.cells),
            "cells": row.cells,
        }
        for row in published()
    ]
    return json.dumps({"rule": RULE, "k": K, "facets": FACETS, "quarters": quarters}, ensure_ascii=False, indent=1)


def named(quarter: date) -> str:
    """2026-Q3."""
    return f"{quarter.year}-Q{(quarter.month + 2) // 3}"


def next_on(now: datetime) -> tuple[str, date]:
    """The first quarter that is not due yet, and the day on which it is."""
    quarter = quarter_of(now - AFTER_ITS_END)
    return named(quarter), after(quarter) + AFTER_ITS_END
