"""Risk words: what is said when a risk is heard, with the emergency number of the country where one may be shown.

The dialogue says them; so does the fallback when the dialogue cannot speak.
"""

from __future__ import annotations

from content.helplines import emergency
from content.triage import triage
from screening.ask import Say
from screening.assessment import Assessment

NEUTRAL = Say(key="ended.neutral")
_WITH_NUMBER = ("risk.danger", "risk.medical", "risk.suicide.safe", "risk.other_person")


def gravest(risks: tuple[str, ...]) -> str | None:
    """Return the risk that is answered first, or None; a child at risk alone comes last."""
    urgent = triage().urgent_alone
    return next((risk for risk in triage().risks if risk in risks and risk in urgent), next(iter(risks), None))


def risk_words(known: Assessment, risk: str) -> tuple[Say, ...]:
    """Return the lines for this risk; nothing but the neutral one where somebody may be reading."""
    words = triage().risks[risk]
    if words.silent:
        return (NEUTRAL,)
    number = emergency(known.country, words.numbers) if words.numbers else None
    keys = words.say_other if known.about_other else words.say
    lines = [_numbered(key, number) for key in keys]
    if known.minor and not known.about_other and risk != "minor_at_risk":
        lines.append(Say(key="risk.child"))
    return tuple(lines)


def _numbered(key: str, number: str | None) -> Say:
    if key not in _WITH_NUMBER:
        return Say(key=key)
    return Say(key=key, params={"number": number}) if number else Say(key=f"{key}.no_number")
