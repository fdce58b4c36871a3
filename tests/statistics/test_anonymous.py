"""What is published tells of nobody: no cell below eleven, and nothing to subtract one from another."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from lantern.statistics.anonymous import WITHHELD, K, cells

KINDS = st.tuples(st.sampled_from("st"), st.sampled_from("upoi"), st.sampled_from(["km", "lo", "my"]))
PEOPLE = st.dictionaries(KINDS, st.integers(0, 40))


def covers(cell, values):
    return all(shown in (WITHHELD, value) for shown, value in zip(cell.values, values, strict=True))


@effort(deadline=None)
@given(PEOPLE)
def test_no_cell_and_no_sum_of_cells_is_below_eleven_or_above_what_there_is(people):
    made = cells(people)

    assert all(cell.people >= K for cell in made)
    assert len({cell.values for cell in made}) == len(made)
    assert sum(cell.people for cell in made) <= sum(people.values())
    assert sum(people.values()) - sum(cell.people for cell in made) < K


@effort(deadline=None)
@given(PEOPLE)
def test_a_group_below_eleven_stands_nowhere_by_itself_nor_as_a_difference(people):
    """Each person is in one cell, so cells subtract to cells; a small group is only ever inside a withheld one."""
    made = cells(people)
    shown = {cell.values: cell.people for cell in made if WITHHELD not in cell.values}

    assert shown == {values: count for values, count in people.items() if count >= K}
    rest = Counter({values: count for values, count in people.items() if count < K})
    for cell in made:
        if WITHHELD in cell.values:
            assert cell.people <= sum(count for values, count in rest.items() if covers(cell, values))


def test_the_last_value_is_withheld_first():
    made = cells(
        {("sms", "urgent", "km"): 12, ("sms", "urgent", "lo"): 6, ("sms", "urgent", "my"): 5, ("tg", "info", "my"): 10}
    )

    assert [(cell.values, cell.people) for cell in made] == [
        (("sms", "urgent", "*"), 11),
        (("sms", "urgent", "km"), 12),
    ]
