"""After the offer of a person that got no clear answer: who comes unasked, and who is asked about numbers."""

from __future__ import annotations

from datetime import date

import pytest

from actions.act import Seen
from actions.people import TakePerson, offer_person
from screening.assessment import Assessment, Heard

GUESS, SURE = Heard(source="model", confidence=0.5), Heard(source="model", confidence=0.9)


def offered(evidence, **facts):
    told = Assessment(flow="self", tellings=1, **facts).hear(indicators={"confinement": evidence}, risks={})
    return offer_person(told, "ask.person.again")[1]


def after(known, intent="disclose"):
    seen = Seen(known=known, message={"text": "", "intent": {"name": intent}}, today=date(2026, 11, 23), loop=None)
    return TakePerson().decide(seen)[1]


def test_a_guess_and_nothing_more_brings_numbers_and_no_person():
    known = after(offered(GUESS))

    assert not known.handed_off
    assert (known.pending, known.person) == ("numbers", None), "they may still say that they want one"


@pytest.mark.parametrize("facts", [{"role": "family"}, {"role": "community"}])
def test_who_worries_about_another_is_brought_one(facts):
    assert after(offered(GUESS, **facts)).handed_off


def test_who_goes_on_telling_is_brought_one():
    known = offered(GUESS)

    assert after(known.with_(tellings=known.tellings + 1)).handed_off


@pytest.mark.parametrize("intent", ["ask_help", "not_understood", "media_received"])
def test_who_asks_for_help_or_is_at_a_loss_is_brought_one(intent):
    assert after(offered(GUESS), intent).handed_off


def test_what_is_sure_needs_no_second_telling():
    assert after(offered(SURE)).handed_off
