"""What a message means by the place that the talk has come to."""

from __future__ import annotations

import pytest

from bot import nearby
from content.questions import questions
from screening.assessment import Assessment, Heard


@pytest.mark.parametrize(
    "text", ["i am not in danger but he hits me", "没有危险吧 就是老板打我", "не в опасности он просто кричит"]
)
def test_no_danger_with_more_is_a_no_where_danger_was_asked(rules_only, text):
    understood = rules_only.understand(text)

    assert nearby.says_no(questions()["check_immediate_danger"], understood)
    assert not nearby.says_no(questions()["check_controller_present"], understood), "there a no is another answer"


def test_danger_itself_is_no_no(rules_only):
    assert not nearby.says_no(questions()["check_immediate_danger"], rules_only.understand("he is hitting me now"))


TOLD = Assessment(checks=("sexual_violence_recent",)).hear(indicators={"sexual_violence": Heard()}, risks={})


@pytest.mark.parametrize(
    "text",
    [
        "last night again. dont want to tell it",
        "anoche otra vez. no quiero contarlo",
        "昨晚又来了",
        "မနေ့ညက ထပ်လုပ်တယ်",
        "kal raat phir",
    ],
)
def test_last_night_again_is_recent_where_sexual_violence_was_told_and_in_doubt(rules_only, text):
    assert "sexual_violence_recent" in nearby.harm(TOLD, rules_only.understand(text), {})


@pytest.mark.parametrize("known", [Assessment(), TOLD.with_(checks=()), TOLD.with_(indicators={})])
def test_last_night_alone_says_nothing(rules_only, known):
    assert not nearby.harm(known, rules_only.understand("last night i worked until 3"), {})


@pytest.mark.parametrize(
    "text",
    [
        "i am a nurse and a patient came, the man with her answers all questions for her",
        "llego una paciente a la clinica y el encargado contesta todo por ella",
        "来了一个病人 老板一直在旁边替他回答",
    ],
)
def test_who_met_somebody_at_work_writes_about_them(rules_only, text):
    assert nearby.whom(Assessment(role="self"), rules_only.understand(text)) == "community"


def test_who_is_exploited_as_a_nurse_writes_of_themselves(rules_only):
    said = rules_only.understand("i am a nurse here, i care for my patient day and night and they keep my passport")

    assert nearby.whom(Assessment(), said) is None
