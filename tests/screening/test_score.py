"""The points add up to the ILO/EC 2009 rule, and nothing a person leaves unsaid counts against them."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.indicators import indicators
from content.questions import questions
from content.triage import triage
from screening.answers import pass_over, take_answer
from screening.assessment import Assessment
from screening.score import add_up, score
from tests.screening.conftest import heard

SPOKEN = [name for name, row in indicators().items() if row.dimension != "MOD"]
SCORED = ("REC", "CON", "EXP", "VUL")
ANSWERED = [q.id for q in questions().values() if q.fills in ("core", "age_band", "need", "story", "person", "role")]


def ilo_positive(strong, medium, weak):
    """The published rule: two strong; one strong and one other; three medium; two medium and one weak."""
    return strong >= 2 or (strong == 1 and medium + weak >= 1) or medium >= 3 or (medium == 2 and weak >= 1)


def test_a_dimension_is_positive_exactly_when_the_ilo_rule_says_so():
    for strong, medium, weak in product(range(6), range(8), range(8)):
        points = add_up(["S"] * strong + ["M"] * medium + ["W"] * weak)

        assert (points >= triage().positive_at) is ilo_positive(strong, medium, weak), (strong, medium, weak)


def test_points_are_what_staff_can_add_in_their_head():
    assert add_up(["S", "M", "W"]) == 7
    assert add_up(["W"] * 7) == 2
    assert add_up([]) == 0


def test_confinement_isolation_and_watching_are_one_line_of_the_ilo():
    found = score(heard("confinement", "isolation", "surveillance"))

    assert found.points["CON"] == 4 + 1 + 1
    assert sorted(line.weight for line in found.lines) == ["S", "W", "W"]


@pytest.mark.parametrize("name", ["confinement", "isolation", "surveillance"])
def test_any_of_the_three_alone_is_strong_and_not_yet_positive(name):
    found = score(heard(name))

    assert found.points["CON"] == 4
    assert found.positive == ()


def test_an_indicator_counts_once_however_often_it_is_told():
    once = heard("debt_bondage")

    twice = once.hear(indicators=dict(once.indicators), risks={})

    assert score(twice) == score(once)


def test_what_is_only_possible_counts_nothing():
    known = Assessment(possible={"debt_bondage": 0.49, "confinement": 0.4})

    assert score(known).total == 0
    assert score(known).pattern == "P0"


def test_being_a_child_is_no_weight_of_its_own():
    assert score(heard("minor")).total == 0


@pytest.mark.parametrize("name", SPOKEN)
def test_a_child_is_scored_by_the_childs_column(name):
    row = indicators()[name]
    sexual, labour = name in triage().sexual_columns_when, name in triage().labour_columns_when
    profile = "child_sexual" if sexual else "child_labour" if labour else "child_unknown"
    columns = {"child_unknown": ("child_labour", "child_sexual")}.get(profile, (profile,))

    line = next(line for line in score(heard("minor", name)).lines if line.indicator == name)

    assert score(heard("minor", name)).profile == profile
    weights = [row.weights[column] for column in columns if row.weights[column] != "-"]
    if weights:
        assert line.weight == min(weights, key="SMW".index)


def test_a_threat_weighs_more_when_the_person_is_a_child():
    at_work = ("threats", "recruitment_fee")

    assert score(heard(*at_work, age_band="18_plus")).points["CON"] == 2
    assert score(heard(*at_work, age_band="15_17")).points["CON"] == 4


def test_the_higher_weight_counts_while_the_form_is_not_known():
    assert score(heard("threats")).points["CON"] == 4
    assert score(heard("threats", "wages_withheld")).profile == "adult_labour"
    assert {line.indicator: line.weight for line in score(heard("threats", "wages_withheld")).lines}["threats"] == "M"


@pytest.mark.parametrize("sign", triage().sexual_columns_when)
def test_signs_of_the_sex_trade_bring_the_sexual_columns(sign):
    assert score(heard(sign)).profile == "adult_sexual"
    assert score(heard("debt_bondage")).profile == "adult_unknown"
    assert score(heard("wages_withheld")).profile == "adult_labour"


def test_an_indicator_outside_its_column_still_counts():
    """Somebody made to sell sex who is also asked for a kidney: nothing they say is worth nothing."""
    found = score(heard("sexual_exploitation", "organ_removal"))

    assert {line.indicator: line.weight for line in found.lines}["organ_removal"] == "S"


@pytest.mark.parametrize(
    ("said", "pattern"),
    [
        ((), "P0"),
        (("dependency",), "P6"),
        (("debt_bondage",), "P6"),
        (("deception", "recruitment_fee"), "P5"),
        (("excessive_hours", "bad_conditions"), "P4"),
        (("debt_bondage", "documents_withheld"), "P3"),
        (("debt_bondage", "documents_withheld", "excessive_hours", "bad_conditions"), "P2"),
        (
            ("debt_bondage", "documents_withheld", "excessive_hours", "bad_conditions", "deception", "recruitment_fee"),
            "P1",
        ),
        (("minor", "dependency"), "C"),
        (("minor",), "P0"),
    ],
)
def test_the_pattern_that_staff_see(said, pattern):
    assert score(heard(*said)).pattern == pattern


@given(said=st.sets(st.sampled_from(SPOKEN), max_size=8), more=st.sampled_from(SPOKEN), child=st.booleans())
def test_within_one_column_telling_more_never_lowers_a_point(said, more, child):
    age = "15_17" if child else "18_plus"
    before, after = score(heard(*said, age_band=age)), score(heard(*said, more, age_band=age))

    if before.profile == after.profile:
        assert all(after.points[dimension] >= before.points[dimension] for dimension in SCORED)


@given(
    said=st.sets(st.sampled_from(SPOKEN), max_size=6),
    question=st.sampled_from(ANSWERED),
    value=st.sampled_from(["skip", "dont_know", "no", "unsure", "told"]),
)
def test_no_skip_and_silence_never_lower_a_point(said, question, value):
    known = heard(*said).ask(question)

    answered, left_alone = take_answer(known, value), pass_over(known)

    for after in (answered, left_alone):
        assert all(score(after).points[name] >= score(known).points[name] for name in SCORED)
        assert set(after.indicators) >= set(known.indicators)


def test_every_point_names_its_indicator_and_its_rule():
    lines = score(heard("documents_withheld", "excessive_hours")).lines

    assert {(line.indicator, line.dimension, line.weight, line.rule) for line in lines} == {
        ("documents_withheld", "CON", "S", "adult_labour.S"),
        ("excessive_hours", "EXP", "S", "adult_labour.S"),
    }
