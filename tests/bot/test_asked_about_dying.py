"""Words about dying hurt who never thought of it: they are asked about on a ground, and then whatever else is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot import assessing
from bot.understanding.findings import MODEL, Finding
from screening.assessment import Assessment

TALKED = Assessment(flow="self", safe="yes", role="self")
SUICIDE = "suicide_self_harm"


def _asked(rules_only, *, label, told, doubt):
    work = (Finding(told, "indicator", 0.8, "w", MODEL, "sure"),) if told else ()
    heard = replace(
        rules_only.understand("x"), intent=label, intent_confidence=0.9, indicators=work, risks=(doubt,), ask=(SUICIDE,)
    )
    return assessing.with_findings(TALKED, heard).checks


def _guess(confidence):
    return Finding(SUICIDE, "risk", confidence, "w", MODEL, "grey")


@pytest.mark.parametrize("told", ["wages_withheld", "debt_bondage", "documents_withheld"])
def test_who_tells_of_wages_debts_or_papers_is_not_asked_about_dying_on_a_weaker_guess(rules_only, told):
    assert not _asked(rules_only, label="disclose", told=told, doubt=_guess(0.3))


@pytest.mark.parametrize("label", ["deny", "skip", "ask_human"])
def test_who_declines_or_wants_a_person_is_not_asked_about_dying_on_a_guess(rules_only, label):
    assert not _asked(rules_only, label=label, told="minor", doubt=_guess(0.3))


@pytest.mark.parametrize(
    ("told", "doubt"), [("wages_withheld", _guess(0.88)), ("dependency", _guess(0.3)), (None, _guess(0.3))]
)
def test_a_surer_guess_or_one_with_nothing_against_it_is_worth_the_question(rules_only, told, doubt):
    assert _asked(rules_only, label="disclose", told=told, doubt=doubt) == (SUICIDE,)


def test_a_word_about_dying_is_asked_about_whatever_else_is_told(rules_only):
    word = Finding(SUICIDE, "risk", 0.5, "w", "suicide_self_harm.despair.en", "grey")

    assert _asked(rules_only, label="disclose", told="wages_withheld", doubt=word) == (SUICIDE,)
