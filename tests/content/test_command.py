"""The command prints each problem once, counts them, and ends with 1."""

import io

import pytest
from django.core.management import call_command

from lantern import judge


@pytest.fixture(autouse=True)
def few_areas(monkeypatch):
    """The areas that a file of the plant is read by: the rest have tests of their own and take seconds."""
    some = {name: rules for name, rules in judge.areas().items() if name in ("files", "wording", "lengths", "facts")}
    monkeypatch.setattr(judge, "areas", lambda: some)


def test_problems_go_to_standard_output_and_the_count_to_standard_error(tree):
    where = tree.entry("es", "ack.ok", msgstr="OK, gracias!")
    out, err = io.StringIO(), io.StringIO()

    with pytest.raises(SystemExit) as ended:
        call_command("check", stdout=out, stderr=err)

    assert ended.value.code == 1
    assert out.getvalue() == f"{where} ack.ok has an exclamation mark; end the sentence with a full stop\n"
    assert "wording: 1 to mend" in err.getvalue()
    assert err.getvalue().endswith("1 to mend\n")


def test_a_file_that_cannot_be_read_is_one_line_however_many_rules_need_it(tree):
    where = tree.plant("content/triage.yml", "positive_at: 5", "positive_at: five")
    out = io.StringIO()

    with pytest.raises(SystemExit):
        call_command("check", stdout=out, stderr=io.StringIO())

    assert out.getvalue() == f"{where} found 'five'; a whole number is expected here\n"
