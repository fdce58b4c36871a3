"""Explain: the rules behind a level, by name, without a word of anybody."""

from screening.explain import explain
from tests.screening.conftest import heard


def test_each_indicator_says_its_weight_its_dimension_and_its_points():
    lines = explain(heard("documents_withheld", "debt_bondage", role="self"))

    assert "  documents_withheld: strong in CON, 4 points, by adult_unknown.S" in lines
    assert "CON: 8 points, positive" in lines
    assert any(line.startswith("level: priority, by positive.CON") for line in lines)


def test_what_is_only_possible_counts_nothing():
    lines = explain(heard(role="self").with_(possible={"threats": 0.4}))

    assert "  threats: possible, 0 points; it may be asked" in lines
    assert "pattern: P0" in lines


def test_a_risk_is_named_as_the_rule_of_the_level():
    assert any("risk.immediate_danger" in line for line in explain(heard(risks=("immediate_danger",))))


def test_no_words_of_the_contact_are_in_it():
    known = heard("threats")

    assert not any("said" in line for line in explain(known))
