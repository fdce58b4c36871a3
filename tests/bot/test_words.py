"""Words: lines of the dialogue as messages: joined, numbered, with buttons, never half filled."""

from __future__ import annotations

from itertools import pairwise

import pytest

from bot.words import MOST_MESSAGES, SMS_PARTS, Line, Unsayable, look, speaks, word
from channels.base import press_data
from channels.parts import SMART, parts
from content.catalogue import catalogue, written
from content.helplines import countries, released, with_who
from content.questions import questions

YES_NO = ("yes", "no")


def test_answers_are_numbered_on_sms_and_buttons_on_telegram():
    line = Line(key="ask.role", options=("self", "family", "community"))

    (sms,) = word([line], language="en", channel="sms")
    (telegram,) = word([line], language="en", channel="telegram")

    assert sms.text.splitlines()[1:] == ["1 About me", "2 Family or friend", "3 Someone I noticed"]
    assert sms.buttons == ()
    assert [button for button, _ in telegram.buttons] == ["self", "family", "community"]
    assert "1 " not in telegram.text


def test_the_try_out_phones_look_like_the_channel_they_stand_for():
    assert look("sim-telegram") == "telegram"
    assert look("sim-sms") == look("sms") == "sms"


def test_buttons_name_their_question():
    (one,) = word([Line(key="ask.person", options=YES_NO, question="person")], language="en", channel="telegram")

    assert [button for button, _ in one.buttons] == ["yes@person", "no@person"]


def test_every_button_of_every_question_fits_what_telegram_bears():
    for question in questions().values():
        for option in question.options:
            assert press_data(option, question.id)


def test_a_turn_takes_three_messages_and_leaves_out_what_it_can_spare():
    language = "km"
    told = [Line(key=key) for key in ("answer.rights", "right.R2", "right.R12", "right.R16")]
    asked = Line(key="ask.consent", options=("yes", "no", "more"))

    said = word([*told, Line(key="answer.rights.last", spare=True), asked], language=language, channel="sms")

    assert len(said) == MOST_MESSAGES
    assert "answer.rights.last" not in " ".join(one.key for one in said)
    assert (
        "answer.rights.last"
        in word([*told, Line(key="answer.rights.last", spare=True)], language=language, channel="telegram")[-1].key
    )


def test_short_lines_go_as_one_message():
    lines = [Line(key="ack.thanks"), Line(key="ask.person", options=YES_NO)]

    (joined,) = word(lines, language="en", channel="sms")

    assert joined.key == "ack.thanks ask.person"
    assert joined.text.endswith("1 Yes\n2 No")


def test_nothing_is_joined_behind_a_question():
    lines = [Line(key="ask.person", options=YES_NO), Line(key="handoff.wait")]

    for channel in ("sms", "telegram"):
        assert [one.key for one in word(lines, language="en", channel=channel)] == ["ask.person", "handoff.wait"]


def test_languages_are_listed_by_name_without_numbers_and_stand_alone():
    options = ("language:es", "language:my")
    lines = [Line(key="language.offer", options=options, question="language"), Line(key="ask.role", options=("self",))]

    first, second = word(lines, language="en", channel="sms")

    assert first.text.splitlines()[1:] == ["Español", "မြန်မာ"]
    assert second.key == "ask.role"


@pytest.mark.parametrize("language", written())
def test_a_joined_sms_stays_within_its_parts(language):
    keys = [
        key
        for key in catalogue(language).sentences
        if not key.startswith("option.") and "{" not in catalogue(language).text(key)
    ]
    pairs = list(pairwise(keys))

    for first, second in pairs:
        for one in word([Line(key=first), Line(key=second)], language=language, channel="sms"):
            counted = parts(one.text)
            if " " in one.key:
                assert counted.count <= SMS_PARTS[counted.unicode], one.key


def test_an_unfilled_brace_is_refused():
    with pytest.raises(Unsayable, match="number"):
        word([Line(key="risk.danger")], language="en", channel="sms")


def test_a_key_without_words_is_refused():
    with pytest.raises(Unsayable, match="no words"):
        word([Line(key="no.such.key")], language="en", channel="sms")


def test_an_option_without_words_is_refused():
    with pytest.raises(Unsayable, match="option"):
        word([Line(key="ask.person", options=("perhaps_not",))], language="en", channel="sms")


def test_a_language_without_words_is_told_in_english():
    (one,) = word([Line(key="technical")], language="am", channel="sms")

    assert one.text == catalogue("en").text("technical", "sms")
    assert not speaks("am")
    assert not speaks(None)


def test_an_sms_holds_no_typographic_marks_that_double_its_price():
    for key in catalogue("en").sentences:
        if "{" not in catalogue("en").text(key) and not key.startswith("option."):
            (one,) = word([Line(key=key)], language="en", channel="sms")
            assert not set(one.text) & set("’‘“”–—…"), key


@pytest.mark.parametrize("language", sorted(written()))
@pytest.mark.parametrize("country", ["TH", "PH", "KH"])
def test_a_number_is_said_with_who_answers_it_and_never_with_a_name(language, country):
    day = released()
    found = with_who(country, child=False, today=day)

    (said,) = word([Line(key="numbers", params={"numbers": ", ".join(found)})], language=language, channel="sms")

    police = catalogue(language).text("who.police", "sms").translate(SMART)
    assert f"({police})" in said.text
    assert "@" not in said.text
    assert parts(said.text).count <= SMS_PARTS[parts(said.text).unicode]
    assert not [line.name for line in countries()[country].helplines if line.name in said.text]
