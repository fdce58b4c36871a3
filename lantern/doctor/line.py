"""Doctor for the line itself: what the health page would say, also when nothing of it answers any more."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import DatabaseError

from bot.now import wall_clock
from lantern.doctor import Finding
from lantern.readiness import NEEDED, PROVIDER, troubles
from records.figures.beats import last_seen
from records.models import SelfTest


class LineCheck:
    """Database, disk, processes, self-test."""

    name = "Line"

    def judge(self) -> Iterator[Finding]:
        """Say what keeps a message from being answered."""
        found = [one for one in troubles(wall_clock()) if one.code != PROVIDER]  # `Upkeep` says it
        codes = {one.code for one in found}
        try:
            never_up = codes.isdisjoint(("database", "migrations", "tables")) and not last_seen()
        except DatabaseError:
            never_up = False
        for one in found:
            if not (never_up and one.code in NEEDED):
                yield Finding(sentence=one.sentence)
        if never_up:
            yield Finding(sentence="it has not been up with this data folder yet; `./run` starts it", wrong=False)
        elif not codes:
            yield from _self_test()


def _self_test() -> Iterator[Finding]:
    row = SelfTest.objects.first()
    if row is not None and row.came_back_at is not None:
        when = f"{row.came_back_at:%Y-%m-%d %H:%M} UTC"
        yield Finding(sentence=f"the self-test of {when} came back, its last answer in {row.took_ms} ms", wrong=False)
