"""Hearing: what a message means in its conversation."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace

import pytest

from bot import assessing, hearing, meaning
from bot.naming import is_name, language_named
from bot.understanding.clean import clean
from bot.understanding.details import Detail
from bot.understanding.findings import Finding
from records.messages.recent import Recent
from records.states import Owner
from screening.ask import ask_next
from screening.assessment import Assessment, Heard

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=timezone.utc)
ANA = "+12025550177"


def material(text="hello", *, known=None, gap=timedelta(seconds=30), channel="sms", kind="text", **facts):
    conversation = SimpleNamespace(
        channel=channel, owner=facts.pop("owner", Owner.BOT), last_in_at=NOW - gap if known else None, ended_at=None, not_safe_at=None,
        language=facts.pop("language", "en"), address=lambda: ANA, **facts,
    )  # fmt: skip
    message = SimpleNamespace(text=text, button=None, media=(), hint_language=None, pressed_on="")
    record = known.to_json() if known else None
    return SimpleNamespace(
        conversation=conversation,
        message=message,
        kind=kind,
        received_at=NOW,
        assessment=record,
        staff_said=None,
        recent=Recent,
    )


@pytest.fixture
def hear(rules_only):
    return lambda *given, **more: hearing.hear(rules_only, material(*given, **more), NOW)


TALKED = Assessment(flow="self", safe="yes", role="self", consent="yes", age_band="18_plus", country="US", spoke=True)


def test_ten_minutes_on_sms_begin_a_new_session_and_thirty_on_telegram(hear):
    assert not hear(known=TALKED, gap=timedelta(minutes=9)).new_session
    assert hear(known=TALKED, gap=timedelta(minutes=11)).new_session
    assert not hear(known=TALKED, gap=timedelta(minutes=11), channel="telegram").new_session
    assert hear(known=TALKED, gap=timedelta(minutes=31), channel="telegram").new_session


def test_a_new_session_knows_no_safety_and_waits_for_no_answer(hear):
    before = TALKED.with_(pending="person")

    known = hear("1", known=before, gap=timedelta(hours=1)).known

    assert (known.flow, known.safe, known.pending) == ("opening", None, None)
    assert known.consent == "yes", "nobody is asked twice"


def test_a_risk_of_an_earlier_session_is_not_answered_again(hear):
    before = TALKED.hear(indicators={}, risks={"suicide_self_harm": Heard()})

    heard = hear("hello", known=before, gap=timedelta(hours=1))

    assert heard.message.intent == "greet"
    assert heard.known.fresh_risks == ()
    assert "suicide_self_harm" in heard.known.risks, "staff still see it"


def test_the_same_risk_told_anew_is_answered_anew(hear):
    before = TALKED.hear(indicators={}, risks={"suicide_self_harm": Heard()})

    heard = hear("i want to kill myself", known=before, gap=timedelta(hours=1))

    assert heard.message.intent == "risk_heard"


def test_a_number_is_an_answer_only_to_a_question(hear):
    assert hear("1", known=TALKED).message.answer is None
    assert hear("1", known=TALKED.with_(pending="person")).message.answer == "yes"
    assert hear("7", known=TALKED.with_(pending="person")).message.answer is None


@pytest.mark.parametrize(
    ("text", "band"), [("25", "18_plus"), ("i am 16", "15_17"), ("im 12 yrs old", "under_15"), ("၁၆ နှစ်", "15_17")]
)
def test_an_age_in_own_words_is_a_band(hear, text, band):
    assert hear(text, known=TALKED.with_(pending="age_band", age_band=None)).message.answer == band


def test_two_numbers_are_no_age(hear):
    assert hear("16 hours, 7 days", known=TALKED.with_(pending="age_band", age_band=None)).message.answer is None


@pytest.mark.parametrize(
    ("text", "words", "band"),
    [
        ("၂၃ နှစ်", "၂၃ နှစ်", "18_plus"),
        ("23 years sir", "23 years", "18_plus"),
        ("not paid 16 years", "16 years", None),
        ("16 years in this house of theirs", "16 years", None),
    ],
)
def test_years_alone_are_an_age_and_years_of_something_are_not(rules_only, text, words, band):
    years = Detail(kind="duration", words=words, value=23 if "23" in clean(words).folded else 16, unit="year")
    known = TALKED.with_(pending="age_band", age_band=None)
    listens = SimpleNamespace(
        understand=lambda *told, **asked: replace(rules_only.understand(*told, **asked), details=(years,))
    )

    assert hearing.hear(listens, material(text, known=known), NOW).message.answer == band


@pytest.mark.parametrize(("text", "band"), [("not paid 5 months", None), ("i am 16, here since 5 months", "15_17")])
def test_months_are_no_years_of_age(rules_only, text, band):
    months = Detail(kind="duration", words="5 months", value=5, unit="month")
    known = TALKED.with_(pending="age_band", age_band=None)
    listens = SimpleNamespace(
        understand=lambda *told, **asked: replace(rules_only.understand(*told, **asked), details=(months,))
    )

    assert hearing.hear(listens, material(text, known=known), NOW).message.answer == band


def test_an_old_button_is_no_answer_to_a_new_question(rules_only):
    pressed = material("Yes", known=TALKED.with_(pending="age_band", age_band=None), kind="button", channel="telegram")
    pressed.message.button = "yes"

    assert hearing.hear(rules_only, pressed, NOW).message.answer is None


@pytest.mark.parametrize(
    ("pending", "asked_again"), [("age_band", True), ("role", True), ("story", False), (None, False)]
)
def test_an_old_button_has_the_waiting_question_asked_and_is_not_called_unclear(rules_only, pending, asked_again):
    pressed = material("Unsure", known=TALKED.with_(pending=pending), kind="button", channel="telegram")
    pressed.message.button = "18_plus" if pending == "role" else "unsure"

    assert (hearing.hear(rules_only, pressed, NOW).message.intent == "affirm") == asked_again


def test_an_old_button_never_says_yes_to_being_deleted(rules_only):
    pressed = material("About me", known=TALKED.with_(pending="delete"), kind="button", channel="telegram")
    pressed.message.button = "self"

    heard = hearing.hear(rules_only, pressed, NOW).message

    assert heard.answer is None
    assert heard.intent != "affirm"


@pytest.mark.parametrize("said", ["no", "unsure"])
@pytest.mark.parametrize("question", ["safe", "check_controller_present"])
def test_a_late_no_to_the_safety_question_says_that_it_is_not_safe(rules_only, said, question):
    for known in (TALKED.ask("consent"), TALKED.ask("delete"), TALKED):
        pressed = material("No", known=known, kind="button", channel="telegram")
        pressed.message.button = f"{said}@{question}"

        heard = hearing.hear(rules_only, pressed, NOW)

        assert (heard.message.intent, heard.message.answer, heard.known.safe) == ("not_safe_now", None, said)
        assert (heard.late, heard.told_staff) == (False, None)


@pytest.mark.parametrize("text", ["tidak aman", "no es seguro", "not safe", "không an toàn"])
@pytest.mark.parametrize("owner", [Owner.BOT, Owner.QUEUE, Owner.STAFF])
def test_not_safe_is_believed_whatever_question_stands_and_told_to_staff(rules_only, text, owner):
    for known in (TALKED.ask("consent"), TALKED.ask("person"), TALKED):
        heard = hearing.hear(rules_only, material(text, known=known, owner=owner), NOW)

        assert (heard.message.answer, heard.known.safe) == (None, "no")
        assert heard.message.intent == "risk_heard"
        assert "controller_present" in heard.known.risks
        assert heard.told_staff == ("no" if owner == Owner.STAFF else None)


def test_a_late_no_to_the_safety_question_is_told_to_the_staff_who_have_it(rules_only):
    pressed = material("No", known=TALKED, kind="button", channel="telegram", owner=Owner.STAFF)
    pressed.message.button = "no@safe"

    assert hearing.hear(rules_only, pressed, NOW).told_staff == "no"


@pytest.mark.parametrize(("pressed", "answer"), [("yes@person", "yes"), ("yes", None), ("yes@safe", None)])
def test_the_yes_of_another_question_is_no_yes_to_this_one(rules_only, pressed, answer):
    given = material("Yes", known=TALKED.ask("person"), kind="button", channel="telegram")
    given.message.button = pressed

    assert hearing.hear(rules_only, given, NOW).message.answer == answer


def test_a_language_button_is_taken_at_its_word(rules_only):
    pressed = material("Español", known=TALKED, kind="button", channel="telegram")
    pressed.message.button = "language:es"

    heard = hearing.hear(rules_only, pressed, NOW)

    assert (heard.language, heard.message.intent, heard.message.language_said) == ("es", "change_language", "es")


def test_a_bare_name_of_a_language_asks_for_it(hear):
    assert hear("Español", known=TALKED).language == "es"
    assert hear("မြန်မာ", known=TALKED).language == "my"


@pytest.mark.parametrize(("text", "code"), [("pake bahasa inggris", "en"), ("en ingles por favor", "en"), ("အင်္ဂလိပ်လို ပြောပါ", "en"), ("speak spanish pls", "es"), ("english or spanish", None)])  # fmt: skip
def test_a_language_is_named_in_any_language(text, code):
    assert language_named(clean(text)) == code


def test_a_word_inside_a_sentence_is_no_bare_name():
    assert is_name(clean("i speak english")) is None


def test_who_writes_for_another_is_asked_whether_it_is_safe_before_it_is_believed(rules_only):
    known = TALKED.with_(role="family", flow="family")
    risk = Finding(
        id="controller_present", kind="risk", confidence=0.9, words="he is with her", source="model", band="sure"
    )
    understood = replace(_plain(rules_only), risks=(risk,))

    after = assessing.with_findings(known, understood)

    assert "controller_present" not in after.risks
    assert after.checks == ("controller_present",)


@pytest.mark.parametrize("sure", [0.3, 0.55])
def test_a_label_that_ends_a_talk_is_not_believed_when_unsure(rules_only, sure):
    understood = replace(
        _plain(rules_only), intent="stop", intent_confidence=sure, ranking=(("stop", sure), ("disclose", 0.25))
    )

    assert meaning.likeliest(Assessment(), understood) == "disclose"


def test_who_is_alone_is_not_taken_for_someone_in_danger(rules_only):
    understood = replace(
        _plain(rules_only),
        intent="not_safe_now",
        intent_confidence=0.9,
        ranking=(("not_safe_now", 0.9), ("affirm", 0.05)),
    )

    assert meaning.likeliest(Assessment(pending="child_alone"), understood) == "affirm"
    assert meaning.likeliest(Assessment(), understood) == "not_safe_now"


def test_a_hand_back_lets_a_new_wish_for_a_person_count(hear):
    before = TALKED.with_(reasons=("ask_human",), flow="queue", person="yes")

    known = hear("hello", known=before).known

    assert not known.handed_off
    assert known.person is None


def test_a_hand_back_lets_a_danger_that_was_known_count_when_it_is_told_again(hear):
    before = TALKED.with_(
        reasons=("risk.immediate_danger",), flow="queue", risks={"immediate_danger": Heard(source="rule")},
        answered_risks=("immediate_danger",),
    )  # fmt: skip

    assert hear("thank you", known=before).message.intent != "risk_heard"
    assert hear("he is at the door with a knife he will kill me", known=before).message.intent == "risk_heard"


@pytest.mark.parametrize("said", ["brazil", "thailand", "ไทย พัทยา", "नेपाल", "中国"])
def test_the_name_of_a_country_answers_which_country_and_is_no_wish_for_a_language(hear, said):
    asked = TALKED.with_(pending="country", flow="queue", reasons=("ask_human",))

    message = hear(said, known=asked).message

    assert message.intent not in ("change_language", "not_understood", "out_of_scope")
    assert message.country_said is not None
    assert message.language_said is None


def test_who_says_only_their_country_is_kept_with_it_and_one_who_names_a_language_is_not(hear):
    nowhere = TALKED.with_(country=None)

    assert hear("brazil", known=nowhere, channel="telegram").known.country == "BR"
    assert hear("english please", known=nowhere, channel="telegram").known.country is None


def test_who_is_offered_a_person_and_says_that_all_is_well_has_said_no(rules_only, hear):
    offered = TALKED.with_(pending="outside_person")

    assert hear("i get paid on time and nobody hits me", known=offered).message.answer == "no"
    assert hear("nobody hits me but he keeps my passport", known=TALKED).message.answer is None


def test_what_the_model_heard_is_taken_back_when_they_say_that_it_is_not_so(hear):
    guessed = TALKED.with_(indicators={"wages_withheld": Heard(source="model", confidence=0.7)})
    reads_along = guessed.with_(risks={"controller_present": Heard(source="rule")})

    assert "wages_withheld" not in hear("i get paid on time", known=guessed).known.indicators
    assert "wages_withheld" in hear("i get paid on time", known=reads_along).known.indicators


def test_with_somebody_in_danger_a_doubt_of_the_model_asks_nothing(rules_only):
    doubt = replace(_plain(rules_only), intent="ask_help", ask=("suicide_self_harm",))
    danger = TALKED.hear(indicators={}, risks={"immediate_danger": Heard(words="he has a knife", source="rule")})

    assert assessing.with_findings(TALKED, doubt).checks == ("suicide_self_harm",)
    assert assessing.with_findings(danger, doubt).checks == ()
    assert assessing.with_findings(TALKED.with_(flow="queue"), doubt).checks == (), (
        "who waits is kept company, not screened"
    )


@pytest.mark.parametrize(("confidence", "asks"), [(0.05, ()), (0.15, ("immediate_danger",))])
def test_a_faint_doubt_of_the_heads_whether_there_is_danger_is_worth_no_question(rules_only, confidence, asks):
    faint = Finding("immediate_danger", "risk", confidence, "w", "model", "grey")
    heard = replace(_plain(rules_only), intent="disclose", risks=(faint,), ask=("immediate_danger",))

    assert assessing.with_findings(TALKED, heard).checks == asks


@pytest.mark.parametrize(
    ("topics", "asks"), [((), ("suicide_self_harm",)), (("no_person",), ()), (("keep_nothing",), ())]
)
def test_who_says_what_they_want_of_the_line_is_not_asked_about_dying_on_a_guess(rules_only, topics, asks):
    guess = Finding("suicide_self_harm", "risk", 0.5, "w", "model", "grey")
    heard = replace(_plain(rules_only), intent="disclose", risks=(guess,), ask=("suicide_self_harm",), topics=topics)

    assert assessing.with_findings(TALKED, heard).checks == asks


def test_of_who_wants_something_of_us_a_guess_of_the_model_is_not_believed(rules_only):
    guess = Finding(id="immediate_danger", kind="risk", confidence=0.9, words="tell me", source="model", band="sure")
    understood = replace(_plain(rules_only), risks=(guess,), ask=("suicide_self_harm",), intent="disclose")
    by_rule = replace(understood, risks=(replace(guess, source="immediate_danger.weapon.en"),))

    for flag in ("fishing", "officer", "press"):
        after = assessing.with_findings(TALKED.flag(flag), understood)
        assert (after.risks, after.checks) == ({}, ("immediate_danger",))
        assert "immediate_danger" in assessing.with_findings(TALKED.flag(flag), by_rule).risks
    assert "immediate_danger" in assessing.with_findings(TALKED, understood).risks


TOLD = TALKED.hear(indicators={"confinement": Heard(source="model")}, risks={})


@pytest.mark.parametrize(("known", "believed"), [(TALKED, False), (TOLD, True)])
def test_who_asks_who_we_are_after_things_were_told_holds_another_s_phone(rules_only, known, believed):
    near = Finding(id="controller_present", kind="risk", confidence=0.9, words="who is it", source="model", band="sure")
    understood = replace(_plain(rules_only), intent="ask_identity", intent_confidence=0.95, risks=(near,))

    assert ("controller_present" in assessing.with_findings(known, understood).risks) is believed


def test_who_mocks_is_not_taken_at_their_word(rules_only):
    near = Finding(id="controller_present", kind="risk", confidence=0.9, words="call me", source="model", band="sure")
    understood = replace(_plain(rules_only), intent="not_safe_now", intent_confidence=0.9, risks=(near,))

    assert "controller_present" in assessing.with_findings(TALKED, understood).risks
    assert "controller_present" not in assessing.with_findings(TALKED.with_(abuse=1), understood).risks


def test_what_a_rule_heard_keeps_its_words_where_the_label_says_the_same(rules_only):
    near = Finding(id="controller_present", kind="risk", confidence=1.0, words="he is here", source="near", band="sure")
    understood = replace(_plain(rules_only), intent="not_safe_now", intent_confidence=0.95, risks=(near,))

    heard = assessing.with_findings(TALKED, understood).risks["controller_present"]

    assert (heard.source, heard.words, heard.third_party) == ("near", "he is here", False)


def _plain(rules_only):
    return rules_only.understand("some words", country=None, hint=None, memory=None, question=None)


def test_a_statement_with_a_sign_in_it_is_no_question_of_theirs(rules_only):
    sign = Finding(
        id="threats", kind="indicator", confidence=0.9, words="they threaten me", source="model", band="sure"
    )
    label = (("ask_confidentiality", 0.7),)
    understood = replace(
        _plain(rules_only), indicators=(sign,), intent=label[0][0], intent_confidence=0.7, ranking=label
    )

    assert meaning.intent_of(TALKED, understood, material(known=TALKED), "en", None) == "disclose"


class Never(Recent):
    """Recent lines, some of which never went out."""

    def __init__(self, lost):
        super().__init__()
        object.__setattr__(self, "gone", lost)

    def lost(self, keys):
        return self.gone


@pytest.mark.parametrize(
    ("lost", "answer"), [((), "yes"), (("consent.keep",), None), (("ack.thanks",), "yes"), (("ask.consent",), None)]
)
def test_a_question_that_never_went_out_takes_no_answer_and_is_asked_again(rules_only, lost, answer):
    known = TALKED.with_(consent=None, told=("said.consent.keep",)).ask("consent")
    given = material("1", known=known)
    given.recent = lambda: Never(frozenset(lost))

    heard = hearing.hear(rules_only, given, NOW)

    assert heard.message.answer == answer
    if answer is None:
        assert (heard.message.intent, heard.known.pending) == ("affirm", None)
        lines, _ = ask_next(heard.known)
        assert "ask.consent" in [line.key for line in lines]
        assert ("consent.keep" in [line.key for line in lines]) == ("consent.keep" in lost)


def test_an_offer_of_a_person_that_never_went_out_goes_on_waiting(rules_only):
    given = material("1", known=TALKED.ask("outside_person"))
    given.recent = lambda: Never(frozenset({"unclear.offer"}))

    heard = hearing.hear(rules_only, given, NOW)

    assert (heard.message.answer, heard.known.pending) == (None, "outside_person")


@pytest.mark.parametrize("guess", ["stop", "disclose"])
def test_a_plain_wish_to_delete_is_asked_about_whatever_the_classifier_makes_of_it(rules_only, guess):
    class Guesses:
        def understand(self, text, **given):
            return replace(
                rules_only.understand(text, **given), intent=guess, intent_confidence=0.99, ranking=((guess, 0.99),)
            )

    heard = hearing.hear(Guesses(), material("stergeti tot ce am scris", known=TALKED, language="ro"), NOW)

    assert (heard.message.intent, heard.exits) == ("delete_data", False)


def test_who_wants_only_a_woman_to_talk_to_wants_a_person(hear):
    assert hear("no police. only woman i want talk to", known=TALKED).message.intent == "ask_human"
