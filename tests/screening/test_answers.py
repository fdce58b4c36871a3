"""What an answer changes, and what it does not."""

import pytest

from content.questions import questions
from screening.answers import _FILL, settle, take_answer
from screening.assessment import Assessment, Heard
from tests.screening.conftest import heard

KEPT_AS_THEY_ARE = ("story", "note", "language", "call", "numbers", "country", "delete")


@pytest.mark.parametrize(
    ("question", "value", "changed"),
    [
        ("safe", "yes", {"safe": "yes"}),
        ("safe", "no", {"safe": "no", "flow": "unsafe"}),
        ("safe", "unsure", {"safe": "unsure", "flow": "unsafe"}),
        ("role", "self", {"role": "self"}),
        ("role", "family", {"role": "family"}),
        ("role", "skip", {"role": None}),
        ("consent", "yes", {"consent": "yes", "flow": "opening"}),
        ("consent", "no", {"consent": "no", "flow": "refused"}),
        ("consent", "more", {"consent": None, "pending": "consent", "say_first": ("consent.more",)}),
        ("age_band", "18_plus", {"age_band": "18_plus", "minor": False}),
        ("age_band", "15_17", {"age_band": "15_17", "minor": True}),
        ("age_band", "under_15", {"age_band": "under_15", "minor": True}),
        ("age_band", "skip", {"age_band": "unknown", "minor": False}),
        ("their_age", "15_17", {"age_band": "15_17", "minor": True}),
        ("their_age", "dont_know", {"age_band": "unknown", "minor": False}),
        ("need", "doctor", {"needs": ("doctor",)}),
        ("need", "told", {"needs": ()}),
        ("need", "skip", {"needs": ()}),
        ("person", "yes", {"person": "yes"}),
        ("person", "no", {"person": "no"}),
        ("person", "told", {"person": None}),
        ("write_back", "yes", {"person": "yes"}),
        ("child_alone", "told", {"indicators": {}, "risks": {}}),
        ("story", "told", {"indicators": {}, "risks": {}}),
        ("their_danger", "no", {"risks": {}}),
        ("their_danger", "unsure", {"risks": {}}),
        ("check_controller_present", "yes", {"safe": "yes", "risks": {}}),
        ("check_immediate_danger", "no", {"risks": {}}),
        ("check_medical_emergency", "no", {"risks": {}}),
        ("check_suicide_self_harm", "no", {"risks": {}, "person": None}),
        ("check_minor_at_risk", "18_plus", {"risks": {}, "age_band": "18_plus"}),
    ],
)
def test_what_an_answer_changes(question, value, changed):
    after = take_answer(Assessment().ask(question), value, "their words")

    assert {name: getattr(after, name) for name in changed} == changed


@pytest.mark.parametrize(
    ("question", "value", "risk"),
    [
        ("their_danger", "yes", "immediate_danger"),
        ("check_immediate_danger", "yes", "immediate_danger"),
        ("check_immediate_danger", "unsure", "immediate_danger"),
        ("check_suicide_self_harm", "yes", "suicide_self_harm"),
        ("check_suicide_self_harm", "unsure", "suicide_self_harm"),
        ("check_medical_emergency", "yes", "medical_emergency"),
        ("check_sexual_violence_recent", "yes", "medical_emergency"),
        ("check_controller_present", "no", "controller_present"),
        ("check_controller_present", "unsure", "controller_present"),
        ("check_minor_at_risk", "under_15", "minor_at_risk"),
    ],
)
def test_an_answer_that_brings_a_risk(question, value, risk):
    checks = (question.removeprefix("check_"),) if question.startswith("check_") else ()

    after = take_answer(Assessment(checks=checks).ask(question), value, "their words")

    assert set(after.risks) == {risk}
    assert after.risks[risk].words == "their words"
    assert after.checks == ()


@pytest.mark.parametrize("name", [q.id for q in questions().values() if q.indicator])
def test_a_core_question_is_confirmed_by_its_own_answer_and_by_no_other(name):
    question = questions()[name]

    for value in (*question.options, "told", "unsure"):
        after = take_answer(Assessment().ask(name), value, "their words")

        confirmed = value == question.confirms
        assert (question.indicator in after.indicators) is confirmed
        if confirmed:
            assert after.indicators[question.indicator] == Heard(words="their words", source="confirmed")


def test_an_answer_about_another_person_is_marked_as_such():
    after = take_answer(Assessment(role="family").ask("their_age"), "15_17", "15")

    assert after.indicators["minor"].third_party


def test_an_answer_that_is_no_skip_begins_the_count_of_skips_anew():
    once = take_answer(Assessment().ask("core.threats"), "skip")

    assert once.skips_in_row == 1
    assert take_answer(once.ask("core.coercion"), "no").skips_in_row == 0
    assert take_answer(once.ask("core.coercion"), "skip").skips_in_row == 2


def test_an_answer_ends_the_waiting():
    after = take_answer(Assessment(unclear_in_row=1).ask("safe"), "yes")

    assert (after.pending, after.pending_tries, after.unclear_in_row) == (None, 0, 0)


@pytest.mark.parametrize("question", questions().values(), ids=lambda question: question.id)
def test_every_question_fills_something_that_screening_knows(question):
    assert question.fills in _FILL or question.fills in KEPT_AS_THEY_ARE


@pytest.mark.parametrize(
    ("known", "flow"),
    [
        (Assessment(), "opening"),
        (Assessment(safe="yes"), "opening"),
        (Assessment(safe="yes", role="self"), "self"),
        (Assessment(safe="yes", role="family"), "family"),
        (Assessment(safe="yes", role="community"), "community"),
        (Assessment(safe="yes", answers={"role": "skip"}), "self"),
        (Assessment(safe="yes", role="self", age_band="15_17"), "child"),
        (Assessment(safe="yes", role="family", age_band="15_17"), "family"),
        (Assessment(safe="yes", reasons=("ask_human",)), "queue"),
        (Assessment(flow="self", risks={"medical_emergency": Heard()}), "risk"),
        (Assessment(flow="self", risks={"medical_emergency": Heard()}, answered_risks=("medical_emergency",)), "self"),
        (Assessment(flow="unsafe", safe="no", risks={"medical_emergency": Heard()}), "unsafe"),
        (Assessment(flow="closing"), "closing"),
    ],
)
def test_the_flow_that_facts_call_for(known, flow):
    assert settle(known).flow == flow


def test_an_age_that_makes_what_was_told_urgent_brings_a_person_at_once():
    """A child who said that the boss holds the passport, and then the age, must not wait for the next question."""
    known = heard("documents_withheld", flow="self", safe="yes", role="self", consent="yes").ask("age_band")

    assert settle(take_answer(known, "15_17", "16")).flow == "risk"


def test_an_age_alone_leads_to_the_gentle_talk():
    known = Assessment(flow="self", safe="yes", role="self", consent="yes").ask("age_band")

    assert settle(take_answer(known, "15_17", "16")).flow == "child"
