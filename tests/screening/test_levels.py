"""Who needs a person, and how soon."""

import pytest

from content.indicators import indicators, published
from content.safety import RISKS
from content.triage import triage
from screening.assessment import Assessment, Heard
from screening.levels import certain, level, urgent
from tests.screening.conftest import heard

OTHERS = [name for name in indicators() if name != "minor"]


@pytest.mark.parametrize("risk", [risk for risk in RISKS if risk != "minor_at_risk"])
def test_each_risk_alone_is_urgent(risk):
    found = level(heard(risks=(risk,)))

    assert found.name == "urgent"
    assert found.rules == (f"risk.{risk}",)


def test_a_child_who_has_told_nothing_yet_is_priority():
    assert level(heard(risks=("minor_at_risk",))).name == "priority"
    assert level(heard("minor")).name == "priority"
    assert level(heard(age_band="under_15")).name == "priority"


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("child", [{"age_band": "15_17"}, {"age_band": "under_15"}])
def test_a_child_with_any_other_indicator_is_urgent(name, child):
    assert level(heard(name, **child)).name == "urgent"
    assert level(heard("minor", name)).rules == ("child_with_indicator",)
    assert urgent(heard(name, risks=("minor_at_risk",)))


def test_consent_and_pay_change_nothing_for_a_child():
    known = heard("sexual_exploitation", age_band="15_17", answers={"core.coercion": "yes"})

    assert level(known).name == "urgent"


@pytest.mark.parametrize("name", published())
def test_one_strong_sign_of_control_or_exploitation_is_priority(name):
    row = indicators()[name]
    column = "adult_sexual" if name in triage().sexual_columns_when else "adult_labour"
    strong = row.weights[column] == "S"

    found = level(heard(name)).name

    if row.dimension in ("CON", "EXP") and strong:
        assert found == "priority"
    elif name != "minor":
        assert found in ("offer", "priority")


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        (("deception", "recruitment_fee"), "positive.REC"),
        (("wages_withheld", "threats", "threat_of_authorities"), "positive.CON"),
        (("bad_conditions", "food_deprivation", "denied_medical_care"), "positive.EXP"),
    ],
)
def test_a_positive_dimension_is_priority(said, rule):
    found = level(heard(*said))

    assert found.name == "priority"
    assert rule in found.rules


@pytest.mark.parametrize(
    "facts",
    [
        {"reasons": ("ask_human",)},
        {"reasons": ("wants_person",)},
        {"reasons": ("language_missing",)},
        {"reasons": ("unclear_twice",)},
        {"reasons": ("no_answer_to_offer",)},
        {"needs": ("doctor",)},
        {"role": "family", "spoke": True},
        {"role": "community", "spoke": True},
    ],
)
def test_whoever_asks_names_a_need_or_reports_is_offered_a_person(facts):
    assert level(Assessment(**facts)).name == "offer"


def test_one_point_is_enough_to_be_offered_a_person():
    assert level(heard("dependency")).name == "offer"


def test_a_talk_without_any_sign_is_information_and_no_door_closes():
    assert level(Assessment(spoke=True)).name == "info"
    assert level(Assessment()).name is None


def test_what_is_only_possible_raises_nothing():
    assert level(Assessment(possible={"confinement": 0.6}, checks=("suicide_self_harm",))).name is None


def test_a_risk_of_another_person_is_urgent_too():
    known = Assessment(role="family").hear(indicators={}, risks={"immediate_danger": Heard(third_party=True)})

    assert level(known).name == "urgent"


def test_who_left_because_it_was_not_safe_and_comes_back_is_priority():
    known = heard(left_unsafe=True, safe="yes")

    assert level(known).name == "priority"
    assert "returned_after_unsafe" in level(known).rules


@pytest.mark.parametrize(
    ("evidence", "sure"),
    [
        (Heard(source="said"), True),
        (Heard(source="confirmed"), True),
        (Heard(source="model", confidence=0.9), True),
        (Heard(source="model", confidence=0.5), False),
    ],
)
def test_a_person_comes_unasked_only_for_what_is_more_than_a_guess(evidence, sure):
    known = Assessment().hear(indicators={"confinement": evidence}, risks={})

    assert level(known).name == "priority", "it is offered all the same"
    assert certain(known) is sure


def test_what_is_urgent_is_always_certain():
    assert certain(heard(risks=("immediate_danger",)))
    assert certain(
        Assessment(age_band="under_15").hear(
            indicators={"forced_begging": Heard(source="model", confidence=0.2)}, risks={}
        )
    )
