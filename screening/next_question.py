"""Next question: which one the flow asks now, or none.

Nothing that was said is asked; nothing is asked twice; a skipped topic is left alone; two sensitive
questions never follow each other; a child is asked nothing about sex or violence.
"""

from __future__ import annotations

from content.indicators import PROFILES, indicators
from content.questions import CORE, Question, questions
from content.triage import triage
from screening.assessment import Assessment
from screening.levels import level, urgent
from screening.score import score

_BEFORE_SCREENING = ("safe", "role", "consent")
# Asked also when screening has stopped.
_ALWAYS = ("need", "person", "family_person", "write_back", "child_person", "others")


def next_question(known: Assessment) -> Question | None:
    """Return the question that the conversation's flow asks now, or None when the flow is done."""
    if known.person == "yes" and known.flow != "opening":
        return None
    careful = careful_question(known)
    if careful:
        return questions()[careful]
    if known.pending in _of_flow(known):
        return questions()[known.pending or ""]
    stop = stop_rule(known)
    stopped = stop is not None or known.consent == "no"
    for step in triage().flows.get(known.flow, ()):
        if step == "core":
            over = stopped or known.consent != "yes" or "need" in known.asked
            core = None if over else next_core(known)
            if core:
                return core
            continue
        if step == "others" and not _asks_others(known, stop):
            continue
        question = questions()[step]
        asked = not stopped or step in _ALWAYS or _asked_anyway(known, step)
        if asked and not _is_done(known, question):
            return question
    return None


def _asked_anyway(known: Assessment, step: str) -> bool:
    """True for what is asked although screening has stopped: a child must be found also where much was told at once."""
    return step in _BEFORE_SCREENING or (step == "age_band" and known.consent == "yes" and not urgent(known))


def _asks_others(known: Assessment, stop: str | None) -> bool:
    """True when one question is left and something was told: others may be there too. It is one of the budget."""
    asked_enough = _core_asked(known) >= triage().budgets.get(known.flow, 0)
    first = bool(known.indicators) and not known.minor and "need" not in known.asked
    return first and not asked_enough and stop in (None, "priority_reached")


def careful_question(known: Assessment) -> str | None:
    """Return the careful question that comes before the flow's own: after the safety check, about the writer only."""
    if known.flow == "opening" and known.safe is None and "safe" not in known.answers:
        return None
    if known.answers.get("check_suicide_self_harm") == "no" and not _is_done(known, questions()["hard_person"]):
        return "hard_person"
    for risk in known.checks:
        if risk == "minor_at_risk" and known.age_band is not None:
            continue
        if risk not in known.checked and (risk == "controller_present" or not known.about_other):
            return f"check_{risk}"
    return None


def _of_flow(known: Assessment) -> tuple[str, ...]:
    steps = triage().flows.get(known.flow, ())
    return (*steps, *(name for name in questions() if "core" in steps and name.startswith(CORE)))


def stop_rule(known: Assessment) -> str | None:
    """Return the rule by which screening stops now, or None."""
    rules = triage()
    if urgent(known):
        return "urgent"
    if known.skips_in_row >= rules.stop_after_skips:
        return "two_skips"
    if known.unclear_in_row >= rules.stop_after_unclear:
        return "two_unclear"
    if known.flow in ("self", "child") and level(known).name == "priority" and score(known).positive:
        return "priority_reached"
    if _core_asked(known) >= rules.budgets.get(known.flow, 0):
        return "budget_spent" if known.flow == "self" else None
    return None


def next_core(known: Assessment) -> Question | None:
    """Return the adaptive question: what fits the form heard, then the dimension where one answer changes most."""
    rules, rows = triage(), indicators()
    open_questions = [q for q in questions().values() if q.indicator and _may_ask(known, q)]
    if not open_questions:
        return None
    by_indicator = {q.indicator: q for q in open_questions}
    form = next((form for form, signs in rules.forms.items() if any(s in known.indicators for s in signs)), "default")
    for name in (*rules.first_questions.get(form, ()), *rules.first_questions["default"]):
        if name in by_indicator:
            return by_indicator[name]
    possible = [q for q in open_questions if q.indicator in known.possible]
    likely = sorted(possible, key=lambda q: -known.possible[q.indicator or ""])
    if likely:
        return likely[0]
    profile = score(known).profile
    column = profile if profile in PROFILES else profile.replace("unknown", "labour")
    for dimension in rules.order_of_dimensions:
        fitting = [q for q in open_questions if rows[q.indicator or ""].dimension == dimension and not _of_a_form(q)]
        if fitting:
            return min(fitting, key=lambda q: "SMW-".index(rows[q.indicator or ""].weights[column]))
    return None


def _of_a_form(question: Question) -> bool:
    """True for a question that makes no sense unless its form of exploitation was heard."""
    return any(question.indicator in signs for signs in triage().forms.values())


def _may_ask(known: Assessment, question: Question) -> bool:
    if question.indicator in known.indicators or question.id in known.asked or question.id in known.skipped:
        return False
    skipped_topics = {questions()[name].topic for name in known.skipped if name in questions()}
    if question.topic in skipped_topics:
        return False
    if question.sensitive and known.minor:
        return False
    last = next((questions()[name] for name in reversed(known.asked) if name.startswith(CORE)), None)
    return not (question.sensitive and last is not None and last.sensitive)


def _core_asked(known: Assessment) -> int:
    return sum(1 for name in known.asked if name.startswith(CORE))


def _is_done(known: Assessment, question: Question) -> bool:
    """True when the question was answered, skipped, asked enough, or filled by what they said on their own."""
    if question.id in known.answers or question.id in known.skipped:
        return True
    filled = {
        "safe": known.safe == "yes",
        "role": known.role is not None,
        "consent": known.consent is not None,
        "age_band": known.age_band is not None or known.minor,
        "story": known.spoke and bool(known.indicators),
        "need": bool(known.needs),
        "person": known.person is not None or known.handed_off,
        "their_danger": "immediate_danger" in known.risks,
    }
    return filled.get(question.fills, False)
