"""At most three rights, those that fit, new ones first."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.indicators import published
from content.rights import IDS, rights
from screening.assessment import Assessment
from screening.rights import fitting_rights
from tests.screening.conftest import heard

NEEDS = ("safe_place", "doctor", "pay_papers", "go_home", "talk", "information")


@pytest.mark.parametrize("need", NEEDS)
def test_the_rights_that_fit_a_need_come_first(need):
    assert fitting_rights(Assessment(needs=(need,))) == rights().by_need[need][:3]


@pytest.mark.parametrize("name", [name for name in published() if name in rights().by_indicator])
def test_the_rights_that_fit_what_was_told(name):
    assert fitting_rights(heard(name)) == rights().by_indicator[name][:3]


def test_what_they_need_goes_before_what_they_told():
    assert fitting_rights(heard("wages_withheld", needs=("doctor",))) == rights().by_need["doctor"][:3]


def test_a_child_hears_the_rights_of_children():
    assert fitting_rights(heard("minor", needs=("doctor",))) == rights().child


def test_with_nothing_known_there_are_rights_that_fit_everyone():
    assert fitting_rights(Assessment()) == rights().otherwise


def test_a_right_that_was_told_makes_room_for_another():
    first = fitting_rights(heard("wages_withheld", "debt_bondage"))
    told = heard("wages_withheld", "debt_bondage", told=tuple(f"right.{name}" for name in first))

    second = fitting_rights(told)

    assert not set(first) & set(second)


@given(
    said=st.sets(st.sampled_from(published()), max_size=6), needs=st.sets(st.sampled_from(NEEDS)).map(tuple), child=st.booleans(),
    told=st.sets(st.sampled_from([f"right.R{n}" for n in range(1, 25)])).map(tuple),
)  # fmt: skip
def test_never_more_than_three_never_none_never_one_twice(said, needs, child, told):
    found = fitting_rights(heard(*said, needs=needs, told=told, age_band="15_17" if child else "18_plus"))

    assert 1 <= len(found) <= 3
    assert len(set(found)) == len(found)


def test_what_a_local_lawyer_took_out_is_not_told_there(monkeypatch):
    changed = dataclasses.replace(rights(), not_told_in={"XX": ("R12",)})
    monkeypatch.setattr("screening.rights.rights", lambda: changed)

    assert "R12" not in fitting_rights(heard("wages_withheld", country="XX"))
    assert "R12" in fitting_rights(heard("wages_withheld", country="YY"))


def test_every_right_names_where_it_comes_from():
    assert all(source.texts and source.scope for source in rights().sources.values())
    assert set(rights().sources) == set(IDS)
