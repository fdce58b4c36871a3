"""Weighing: what the findings of one message say of each other, of rules, of plain words and of the heads.

A rule stands before the model; what the message speaks against is left to a question, never forgotten.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from bot.understanding.details import Detail, ages_told
from bot.understanding.findings import MODEL, Finding
from content.denials import denied_by

TOLD_PLAINLY = 0.97  # a whole message of known words leaves no doubt
MINOR, MINOR_RISK = "minor", "minor_at_risk"
SUICIDE, _READER, _KILLED_BY_OTHERS = "suicide_self_harm", "controller_present", "immediate_danger.kill."
ADULT = 18

Found = tuple[tuple[Finding, ...], tuple[Finding, ...]]  # what is sure, and what is likely and not enough to count


def indicators_of(plain: Iterable[tuple[str, str]], found: Found, denied: Iterable[str]) -> Found:
    """Return the indicators of a message, sure and possible.

    Args:
        plain: what is told in plain words: the indicator, and the words.
        found: what the heads say.
        denied: what the message says is not so, of content/denials.
    """
    told = [Finding(name, "indicator", TOLD_PLAINLY, words, f"telling.{name}", "sure") for name, words in plain]
    return _without_denied(denied, _joined(told, found))


def risks_of(
    rules: Iterable[Finding], guesses: Iterable[Finding], denied: Iterable[str], read: Iterable[Detail]
) -> tuple[Finding, ...]:
    """Return each risk of a message once, sure or left to a question; `read` are the details that it names."""
    return _despairing(_asked(denied, _of_age(_merged(_heard(rules, guesses)), read)))


def with_children(found: Found, risks: tuple[Finding, ...]) -> tuple[Found, tuple[Finding, ...]]:
    """Return the indicators and the risks where a child is spoken of: both say so, and little is told of it."""
    indicators, risks = _with_minor(found[0], risks)
    sure = {one.id for one in indicators}
    return _of_a_child(indicators, tuple(one for one in found[1] if one.id not in sure)), risks


def _joined(plain: Iterable[Finding], found: Found) -> Found:
    """Return the findings of the heads with those of plain words, each indicator once."""
    sure, possible = found
    said = {one.id: one for one in (*plain, *sure)}  # the heads name the whole sentence, which shows staff more
    return tuple(said.values()), tuple(one for one in possible if one.id not in said)


def _without_denied(denied: Iterable[str], found: Found) -> Found:
    """Return the findings without what the message says is not so ("my passport is with me")."""
    not_so = {name for denial in denied for name in denied_by()[denial].indicators}
    sure, possible = (tuple(one for one in some if one.id not in not_so) for some in found)
    return sure, possible


def _of_age(risks: tuple[Finding, ...], read: Iterable[Detail]) -> tuple[Finding, ...]:
    """Return the risks; a child that the model alone sees is asked about where every age told is an adult's."""
    ages = ages_told(read)
    if not ages or min(ages) < ADULT:
        return risks
    return _doubted({MINOR_RISK}, risks)


def _asked(denied: Iterable[str], risks: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return the risks, those that the message speaks against left to a question; what is calmed needs a rule."""
    rows = [denied_by()[denial] for denial in denied]
    asked = {risk for row in rows for risk in row.asks}
    calmed = {risk for row in rows for risk in row.calms}
    risks = tuple(one for one in risks if one.id not in calmed or one.source != MODEL)
    risks = _doubted({risk for row in rows for risk in row.doubts}, risks)
    return tuple(replace(one, band="grey") if one.id in asked else one for one in risks)


def _heard(rules: Iterable[Finding], guesses: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return both; "they will kill me" is no wish to die, whatever the model makes of it."""
    by_others = any(one.source.startswith(_KILLED_BY_OTHERS) for one in rules)
    return (*rules, *(one for one in guesses if one.id != SUICIDE or not by_others))


def _despairing(risks: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return the risks; where a rule hears despair, a reader whom the model alone guesses at is asked about."""
    despair = any(one.id == SUICIDE and one.source != MODEL for one in risks)
    return _doubted({_READER}, risks) if despair else risks


def _doubted(names: Collection[str], risks: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return the risks, those of these names that the model alone is sure of left to a question."""
    return tuple(
        replace(one, band="grey") if one.id in names and (one.source, one.band) == (MODEL, "sure") else one
        for one in risks
    )


def _merged(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return one finding a risk: a sure one before a grey one, a rule before the model."""
    best: dict[str, Finding] = {}
    for finding in sorted(findings, key=lambda one: (one.band != "sure", one.source == MODEL, -one.confidence)):
        best.setdefault(finding.id, finding)
    return tuple(best.values())


def _with_minor(indicators: tuple[Finding, ...], risks: tuple[Finding, ...]) -> Found:
    """Return both with minor and minor_at_risk said together: the one is never there without the other."""
    told = next((finding for finding in indicators if finding.id == MINOR), None)
    risk = next((finding for finding in risks if finding.id == MINOR_RISK and finding.band == "sure"), None)
    if told and not risk:
        others = tuple(finding for finding in risks if finding.id != MINOR_RISK)
        return indicators, (*others, Finding(MINOR_RISK, "risk", told.confidence, told.words, told.source, "sure"))
    if risk and not told:
        return (*indicators, Finding(MINOR, "indicator", risk.confidence, risk.words, risk.source, "sure")), risks
    return indicators, risks


def _of_a_child(indicators: tuple[Finding, ...], possible: tuple[Finding, ...]) -> Found:
    """Return both, the likeliest possible indicator counted where a child is all that is sure: children tell little."""
    if [finding.id for finding in indicators] != [MINOR] or not possible:
        return indicators, possible
    return (*indicators, replace(possible[0], band="sure")), possible[1:]


def is_urgent(indicators: Iterable[Finding], risks: Iterable[Finding]) -> bool:
    """Say whether a person is needed at once: a sure risk, or a minor with anything else."""
    sure = {risk.id for risk in risks if risk.band == "sure"}
    told = {finding.id for finding in indicators}
    minor = MINOR in told or MINOR_RISK in sure
    return bool(sure - {MINOR_RISK}) or (minor and bool(told - {MINOR}))
