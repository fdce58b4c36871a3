"""Rights: at most three that fit what was heard or asked for, those not told yet first."""

from __future__ import annotations

from content.rights import rights
from screening.ask import Say
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
    not_here = table.not_told_in.get(known.country or "", ())
    unique = [name for name in dict.fromkeys(wanted) if name not in not_here]
    fresh = [name for name in unique if f"right.{name}" not in known.told]
    return tuple((fresh or unique)[: table.at_most])


def tell_rights(known: Assessment) -> tuple[tuple[Say, ...], Assessment]:
    """Return the fitting rights between their first and last line, and note that they were told."""
    picked = tuple(f"right.{name}" for name in fitting_rights(known))
    lines = (Say(key="answer.rights"), *(Say(key=key) for key in picked), Say(key="answer.rights.last", spare=True))
    return lines, known.with_(told=(*known.told, *picked))


def owe_rights(known: Assessment) -> Assessment:
    """Return the assessment of who asked for their rights before it is known to be safe: they are told once it is."""
    lines, told = tell_rights(known)
    return told.with_(say_first=tuple(line.key for line in lines if not line.spare)) if not known.say_first else known
