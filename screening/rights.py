"""Rights: at most three that fit what was heard or asked for, those not told yet first."""

from __future__ import annotations

from content.rights import rights
from screening.assessment import Assessment


def fitting_rights(known: Assessment) -> tuple[str, ...]:
    """Return up to three right ids, best first; ones already told are left out while others are there."""
    table = rights()
    wanted: list[str] = list(table.child) if known.minor else []
    for need in known.needs:
        wanted += table.by_need.get(need, ())
    for name in known.indicators:
        wanted += table.by_indicator.get(name, ())
    wanted += table.otherwise
    unique = list(dict.fromkeys(wanted))
    fresh = [name for name in unique if f"right.{name}" not in known.told]
    return tuple((fresh or unique)[: table.at_most])
