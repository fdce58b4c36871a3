"""Whatever a stranger sends, the readers keep their promises; a little of it in every run."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.attack.targets import TARGETS


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=30, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_reader_keeps_its_promise_whatever_comes(name, data):
    target = TARGETS[name]

    target.promise(data.draw(target.food))
