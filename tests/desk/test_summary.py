"""The summary of the person: its sentence about the points, and where each finding comes from."""

from __future__ import annotations

import pytest
from django.utils import timezone

from desk.summary import DIMENSIONS
from desk.summary_words import PATTERNS, PATTERNS_PARTLY
from records.models import Conversation, OutboxMessage
from records.states import NOT_ALONE, Level, OutboxStatus
from screening.assessment import Assessment, Heard
from screening.score import score

CONTROL, EXPLOITATION = ("confinement", "threats"), ("excessive_hours", "bad_conditions")


def known_of(*names) -> Assessment:
    return Assessment().hear(indicators={name: Heard() for name in names}, risks={})


def pane(hotline, seated, known) -> str:
    number = hotline.conversation(level=Level.URGENT, assessment=known)
    return seated().get(f"/desk/c/{number}/").content.decode()


@pytest.mark.parametrize(
    ("names", "pattern", "partly"),
    [
        (CONTROL, "P3", False),
        ((*CONTROL, "bad_conditions"), "P3", True),
        (EXPLOITATION, "P4", False),
        ((*EXPLOITATION, "threats"), "P4", True),
    ],
)
def test_no_dimension_with_points_is_called_not_heard(hotline, seated, names, pattern, partly):
    known = known_of(*names)
    found = score(known)
    page = pane(hotline, seated, known)

    said = str((PATTERNS_PARTLY if partly else PATTERNS)[pattern])
    assert found.pattern == pattern
    assert said in page
    assert ("not, or not yet" in page) is not partly
    assert all(f"{DIMENSIONS[name]}: {points}" in page for name, points in found.points.items() if points)


def test_the_number_of_a_choice_is_not_shown_as_what_was_said(hotline, seated):
    known = Assessment().hear(
        indicators={},
        risks={"immediate_danger": Heard(source="answer", words="1"), "minor_at_risk": Heard(words="hija 9")},
    )

    page = pane(hotline, seated, known)

    flags = page.split('class="flags"')[1].split("</ul>")[0]
    assert flags.count("<blockquote") == 1
    assert "hija 9" in flags


def test_the_pane_names_the_gravest_risk_first_as_the_card_does(hotline, seated):
    risks = {name: Heard(words=name) for name in ("minor_at_risk", "controller_present", "immediate_danger")}

    page = pane(hotline, seated, Assessment().hear(indicators={}, risks=risks))

    flags = page.split('class="flags"')[1].split("</ul>")[0]
    places = [flags.index(words) for words in ("In danger now", "Perhaps not alone", "A child may be at risk")]
    assert places == sorted(places)


def test_where_a_risk_comes_from_stands_apart_from_its_name(hotline, seated):
    known = Assessment().hear(indicators={}, risks={"controller_present": Heard(source="intent")})

    page = pane(hotline, seated, known)

    assert '<li>Perhaps not alone <span class="source">heard by the model</span></li>' in page


@pytest.mark.parametrize(
    ("answer", "doubt", "flag", "line"),
    [
        (None, NOT_ALONE, "Perhaps not alone", "They are perhaps not alone. Ask first."),
        ("yes", NOT_ALONE, "Perhaps not alone", "perhaps not alone. Ask again first."),
        ("yes", "", "Perhaps not alone, before they said that it is safe", "Safe to write: they said so"),
        ("no", "", "Perhaps not alone", "Not safe to write: they said so."),
    ],
)
def test_the_pane_never_says_otherwise_than_the_line_above_the_box_whether_one_may_write(
    hotline, seated, answer, doubt, flag, line
):
    known = Assessment().hear(indicators={}, risks={NOT_ALONE: Heard(words="con mi jefe")})
    number = hotline.conversation(level=Level.URGENT, assessment=known, reasons=(f"risk.{NOT_ALONE}",), safe=answer)
    Conversation.objects.filter(pk=number).update(doubt=doubt, doubt_at=timezone.now() if doubt else None)

    page = seated().get(f"/desk/c/{number}/").content.decode()

    assert f"<li>{flag}<blockquote" in page.split('class="flags"')[1]
    assert line in page.split('id="safe"')[1].split("</p>")[0]
    assert line in page.split("<dt>Safe to write</dt>")[1].split("</dd>")[0]
    assert "Not alone: not safe" not in page


NOTHING, NO_CLEAR_SIGN = "Nothing was heard yet.", "No clear sign of exploitation was heard yet."


@pytest.mark.parametrize(
    ("known", "reasons", "said"),
    [
        (Assessment(), (), NOTHING),
        (Assessment().hear(indicators={}, risks={"immediate_danger": Heard()}), (), NO_CLEAR_SIGN),
        (Assessment(), ("risk.immediate_danger",), NO_CLEAR_SIGN),
        (Assessment(possible={"threats": 0.2}), (), NO_CLEAR_SIGN),
        (known_of("threats"), (), ""),
    ],
)
def test_nothing_was_heard_stands_beside_no_danger_and_no_guess(hotline, seated, known, reasons, said):
    number = hotline.conversation(assessment=known, reasons=reasons)

    page = seated().get(f"/desk/c/{number}/").content.decode()

    assert [words for words in (NOTHING, NO_CLEAR_SIGN) if words in page] == ([said] if said else [])


SENT, DROPPED, WAITING = OutboxStatus.SENT, OutboxStatus.DROPPED, OutboxStatus.WAITING


def asked_for_consent(hotline, *lines) -> int:
    """Whoever answered that it is safe, and was asked for consent by these lines."""
    known = Assessment(flow="self", asked=("safe", "consent"), answers={"safe": "yes"}, pending="consent")
    number = hotline.conversation(assessment=known, bot_says=[key for key, _status in lines])
    rows = OutboxMessage.objects.filter(conversation=number).order_by("n")
    for row, (key, status) in zip(rows, lines, strict=True):
        OutboxMessage.objects.filter(pk=row.pk).update(key=key, status=status)
    return number


def row_of(page, name) -> str:
    return page.split(f"<dt>{name}</dt><dd>")[1].split("</dd>")[0] if f"<dt>{name}</dt>" in page else ""


@pytest.mark.parametrize(
    ("lines", "went"),
    [
        ([("consent.keep ask.consent", SENT)], True),
        ([("consent.keep ask.consent", WAITING)], True),
        ([("consent.keep ask.consent", DROPPED)], False),
        ([("ask.consent", DROPPED), ("ask.consent.again", OutboxStatus.FAILED)], False),
        ([("ask.consent", SENT), ("ask.consent.again", DROPPED)], True),
        ([("ask.consent", DROPPED), ("ask.consent", SENT)], True),
    ],
)
def test_a_question_that_never_went_out_is_not_said_to_have_been_asked(hotline, seated, lines, went):
    number = asked_for_consent(hotline, *lines)

    page = seated().get(f"/desk/c/{number}/").content.decode()

    assert ("may we keep it" in row_of(page, "Waiting")) is went
    assert ("may we keep it" in row_of(page, "Not asked")) is not went
    assert row_of(page, "Told of the limits") == ("yes" if went else "not yet")


def test_what_they_told_unasked_stays_answered_where_the_question_never_went_out(hotline, seated):
    known = Assessment(flow="self", asked=("safe",), answers={"safe": "yes"})
    number = hotline.conversation(assessment=known, bot_says=["ask.safe"])
    OutboxMessage.objects.filter(conversation=number).update(key="ask.safe", status=DROPPED)

    page = seated().get(f"/desk/c/{number}/").content.decode()

    assert row_of(page, "Answered") == "Safe to write: Yes"


@pytest.mark.parametrize(("status", "told"), [(SENT, True), (WAITING, True), (DROPPED, False), (None, False)])
def test_a_right_that_did_not_go_out_is_not_said_to_have_been_told(hotline, seated, status, told):
    number = hotline.conversation(assessment=Assessment(told=("right.R2",)), bot_says=["your passport is yours"])
    if status:  # else it is owed until they are safe
        OutboxMessage.objects.filter(conversation=number).update(key="right.R2", status=status)

    page = seated().get(f"/desk/c/{number}/").content.decode()

    assert ("Rights told already" in page) is told
