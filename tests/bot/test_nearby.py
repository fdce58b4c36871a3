"""What a message means by the place that the talk has come to."""

from __future__ import annotations

import pytest

from bot import nearby
from content.questions import questions


@pytest.mark.parametrize(
    "text", ["i am not in danger but he hits me", "没有危险吧 就是老板打我", "не в опасности он просто кричит"]
)
def test_no_danger_with_more_is_a_no_where_danger_was_asked(rules_only, text):
    understood = rules_only.understand(text)

    assert nearby.says_no(questions()["check_immediate_danger"], understood)
    assert not nearby.says_no(questions()["check_controller_present"], understood), "there a no is another answer"


def test_danger_itself_is_no_no(rules_only):
    assert not nearby.says_no(questions()["check_immediate_danger"], rules_only.understand("he is hitting me now"))
