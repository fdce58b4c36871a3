"""The one truth of a conversation survives storage, and a new session forgets what it must."""

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.indicators import indicators
from content.safety import RISKS
from screening.answers import settle
from screening.ask import ask_next
from screening.assessment import Assessment, Heard
from tests.screening.conftest import Talk, heard, willing

texts = st.text(max_size=30)
several = st.lists(st.sampled_from(["a", "b.c", "right.R7", "medical_emergency"]), max_size=4, unique=True).map(tuple)
evidence = st.builds(
    Heard,
    words=texts,
    source=st.sampled_from(["said", "confirmed", "staff"]),
    confidence=st.floats(0, 1),
    third_party=st.booleans(),
)
assessments = st.builds(
    Assessment,
    flow=st.sampled_from(["opening", "self", "queue"]), pending=st.none() | st.just("safe"), pending_tries=st.integers(0, 3),
    safe=st.sampled_from([None, "yes", "no"]), asked=several, answers=st.dictionaries(st.sampled_from(["safe", "role"]), texts),
    skipped=several, skips_in_row=st.integers(0, 3), say_first=several, paused=st.booleans(), role=st.sampled_from([None, "self", "family"]),
    age_band=st.sampled_from([None, "15_17", "unknown"]), needs=several,
    indicators=st.dictionaries(st.sampled_from(list(indicators())), evidence), possible=st.dictionaries(texts, st.floats(0, 1)),
    risks=st.dictionaries(st.sampled_from(RISKS), evidence), checks=several, reasons=several, told=several,
)  # fmt: skip


@given(known=assessments)
def test_an_assessment_survives_being_stored(known):
    assert Assessment.from_json(json.loads(json.dumps(known.to_json()))) == known
    assert known.to_json() == dataclasses.asdict(known)


def test_a_row_of_a_later_version_is_read_without_what_is_new():
    row = {**Assessment(role="self").to_json(), "mood": "calm", "language_memory": {}}

    assert Assessment.from_json(row) == Assessment(role="self")


@pytest.mark.parametrize("row", [None, {}])
def test_nothing_stored_is_a_fresh_start(row):
    assert Assessment.from_json(row) == Assessment()


def test_what_people_wrote_is_in_no_repr():
    known = Assessment().hear(indicators={"threats": Heard(words="he will kill my son")}, risks={})

    assert "kill" not in repr(known)


def test_a_finding_keeps_its_first_words_until_it_is_confirmed():
    first = Assessment().hear(indicators={"threats": Heard(words="first")}, risks={})

    again = first.hear(indicators={"threats": Heard(words="second")}, risks={})
    confirmed = again.hear(indicators={"threats": Heard(words="yes", source="confirmed")}, risks={})

    assert again.indicators["threats"].words == "first"
    assert confirmed.indicators["threats"].source == "confirmed"


@pytest.mark.parametrize("guess", ["model", "intent"])
def test_what_was_only_guessed_takes_the_words_of_the_rule_that_hears_it_later(guess):
    rule, guessed = Heard(words="he is here", source="near"), Heard(words="x", source=guess)
    findings = {"indicators": {"threats": rule}, "risks": {"controller_present": rule}}

    after = Assessment().hear(indicators={"threats": guessed}, risks={"controller_present": guessed}).hear(**findings)
    again = after.hear(indicators={"threats": guessed}, risks={"controller_present": guessed})

    assert (after.indicators["threats"], after.risks["controller_present"]) == (rule, rule)
    assert again == after


def test_a_child_is_an_indicator_and_a_risk_however_it_was_heard():
    for known in (heard("minor"), heard(risks=("minor_at_risk",)), heard("threats", age_band="15_17")):
        assert known.minor
        assert "minor_at_risk" in known.risks


def test_a_risk_that_is_sure_needs_no_careful_question():
    known = Assessment(checks=("suicide_self_harm",)).hear(indicators={}, risks={"suicide_self_harm": Heard()})

    assert known.checks == ()


# ---- a new session ----


def finished():
    """A talk that went to its end."""
    return Talk(heard("wages_withheld", spoke=True)).runs(willing(need="doctor", person="no"))


def test_a_new_session_asks_about_safety_first_and_waits_for_nothing():
    known = finished().known.ask("need").new_session()

    lines, after = ask_next(known)

    assert (known.safe, known.pending, known.flow) == (None, None, "opening")
    assert [line.key for line in lines] == ["opening"]
    assert after.pending == "safe"


@given(assessments, st.sampled_from([(), ("safe",), ("safe", "role")]))
def test_a_new_session_opens_with_the_safety_check_whatever_was_left_open_in_the_last(known, passed_over):
    before = known.with_(skipped=(*known.skipped, *passed_over), checked=("controller_present",))

    lines, after = ask_next(before.new_session())

    assert ([line.key for line in lines], after.pending) == (["opening"], "safe")


def test_the_opening_of_a_known_contact_is_that_of_a_new_one():
    known, _ = ask_next(finished().known.new_session())
    new, _ = ask_next(Assessment())

    assert known == new


def test_a_new_session_asks_nothing_that_was_answered():
    first = finished()

    second = Talk(first.known.new_session()).runs(willing(need="doctor", person="no"))

    assert set(second.asked) & set(first.asked) <= {"safe", "story"}


def test_findings_stay_for_staff_and_no_word_is_said_about_them():
    known = heard("debt_bondage", risks=("immediate_danger",), flow="queue", reasons=("risk.immediate_danger",))

    after = settle(known.new_session().with_(safe="yes", answers={"safe": "yes"}))

    assert set(after.indicators) == {"debt_bondage"}
    assert set(after.risks) == {"immediate_danger"}
    assert after.fresh_risks == ()
    assert after.flow == "queue"


def test_a_risk_that_is_heard_again_is_answered_again():
    known = heard(risks=("immediate_danger",)).new_session()

    again = known.hear(indicators={}, risks={"immediate_danger": Heard()})

    assert again.fresh_risks == ("immediate_danger",)


def test_a_pause_and_insults_end_with_the_session():
    after = Assessment(paused=True, abuse=2, skips_in_row=2, unclear_in_row=2).new_session()

    assert (after.paused, after.abuse, after.skips_in_row, after.unclear_in_row) == (False, 0, 0, 0)


def test_no_to_keeping_anything_is_still_a_no_after_a_gap():
    known = Talk(Assessment()).runs(willing(consent="no")).known.new_session()

    talk = Talk(known).runs(willing(need="information", person="no"))

    assert "consent" not in talk.asked
    assert talk.core == []


def test_what_one_source_told_can_be_doubted_and_what_others_told_stands():
    known = Assessment(indicators={
        "wages_withheld": Heard(source="model", confidence=0.7), "violence": Heard(source="model", confidence=0.9),
        "confinement": Heard(source="telling.confinement"),
    })  # fmt: skip

    after = known.doubt({"wages_withheld", "confinement"}, "model")

    assert (set(after.indicators), dict(after.possible)) == ({"violence", "confinement"}, {"wages_withheld": 0.7})
