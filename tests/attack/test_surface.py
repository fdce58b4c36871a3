"""The whole HTTP surface: described for machines, and thrown at by schemathesis from that description and the URLs.

schemathesis lives in the environment of the judges (`./run supply` makes it); benchmarks/surface.py throws more. At the
desk, test_attacks.py throws in every run.
"""

from __future__ import annotations

import os

import pytest
import yaml

from benchmarks import surface
from tests.desk.test_roles import ADDRESSES

DESCRIBED = yaml.safe_load(surface.MACHINES.read_text(encoding="utf-8"))


def test_the_description_names_every_address_of_machines():
    people = ("/desk/", "/try/")

    assert set(DESCRIBED["paths"]) == {path for _, path, _ in ADDRESSES if not path.startswith(people)}


def test_every_address_of_the_desk_is_thrown_at_but_those_that_end_the_round():
    thrown = set(surface.desk_description()["paths"])

    left_out = {path for _, path, _ in ADDRESSES if path.startswith("/desk/") and "<" not in path} - thrown

    assert {*surface.HOLDS_ON, *surface.ENDS_IT} <= left_out
    assert len(thrown) > 80


@pytest.mark.parametrize("who", ["machines", pytest.param("desk", marks=pytest.mark.long)])
def test_nothing_of_the_surface_breaks_under_what_schemathesis_throws(tmp_path, who):
    if not surface.JUDGE.exists():
        if os.environ.get("CI"):
            pytest.fail("schemathesis is not there: `./run supply static` makes its environment")
        pytest.skip("schemathesis is not there: `./run supply static` makes its environment")

    with surface.up(tmp_path, demo=who == "desk") as place:
        done = getattr(surface, who)(place, examples=2, phases="fuzzing")

    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
    assert "No issues found" in done.stdout
