"""What is asked, in which order, and when asking stops."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from content.indicators import published
from content.questions import CORE, questions
from content.safety import RISKS
from content.triage import triage
from screening.answers import MOST_TRIES, pass_over, settle, take_answer
from screening.ask import ask_by_id, ask_next
from screening.assessment import Assessment, Heard
from screening.next_question import next_core, next_question, stop_rule
from tests.screening.conftest import Talk, adult, heard, willing

CORE_IDS = [name for name in questions() if name.startswith(CORE)]
SENSITIVE = {name for name in CORE_IDS if questions()[name].sensitive}
READY = {"flow": "self", "safe": "yes", "role": "self", "consent": "yes", "age_band": "18_plus", "spoke": True}
READY_ANSWERS = {"safe": "yes", "role": "self", "consent": "yes", "age_band": "18_plus", "story": "told"}


def ready(*indicators, **facts):
    """An adult who is safe, agreed, and told their story."""
    return heard(*indicators, **{**READY, "answers": READY_ANSWERS, **facts})


# ---- the order ----


def test_the_first_words_are_the_safety_check_whatever_is_known():
    for known in (
        Assessment(),
        heard("debt_bondage"),
        heard("minor"),
        Assessment(role="family"),
        Assessment(country="ID"),
    ):
        lines, after = ask_next(known)

        assert [line.key for line in lines] == ["opening"]
        assert after.pending == "safe"


def test_safety_whom_consent_age_story_then_at_most_four_then_need_then_a_person():
    talk = Talk(Assessment()).runs(
        willing(**{name: "yes" if questions()[name].confirms == "no" else "no" for name in CORE_IDS})
    )

    assert talk.asked[:5] == ["safe", "role", "consent", "age_band", "story"]
    assert len(talk.core) == 4
    assert talk.asked[-2:] == ["need", "person"]


@pytest.mark.parametrize(
    ("role", "steps"),
    [
        ("family", ["worry", "their_age", "their_danger", "reach", "they_know", "family_person"]),
        ("community", ["their_danger", "seen", "where", "when", "their_age", "write_back"]),
    ],
)
def test_whoever_writes_about_another_person_is_asked_six_things(role, steps):
    answers = {"their_age": "18_plus", "their_danger": "no", "they_know": "no"}

    talk = Talk(Assessment()).runs(
        willing(role=role, **dict.fromkeys(("worry", "reach", "seen", "where", "when"), "told"), **answers)
    )

    assert [name for name in talk.asked if name not in ("safe", "role", "consent")] == steps


def test_with_nothing_known_it_begins_with_leaving_then_fear_papers_and_pay():
    talk = Talk(Assessment()).runs(
        willing(**{"core.coercion": "yes", "core.documents_withheld": "yes", "core.wages_withheld": "yes"})
    )

    assert talk.core == ["core.coercion", "core.threats", "core.documents_withheld", "core.wages_withheld"]


@pytest.mark.parametrize(
    ("said", "first"),
    [
        ("sexual_exploitation", "core.earnings_taken"),
        ("domestic_servitude", "core.confinement"),
        ("forced_criminality", "core.coercion"),
        ("forced_begging", "core.coercion"),
        ("marriage_for_payment", "core.forced_marriage"),
    ],
)
def test_what_was_told_decides_the_first_question(said, first):
    assert next_core(ready(said)).id == first


# ---- how many ----


def test_an_adult_is_asked_four_core_questions_at_most():
    for value in ("told", "no", "yes"):
        talk = Talk(Assessment()).runs(
            lambda question, known, value=value: value if question.indicator else adult(question, known)
        )

        assert len(talk.core) <= 4


@pytest.mark.parametrize("age", ["under_15", "15_17"])
def test_a_child_is_asked_three_things_and_nothing_about_sex_or_violence(age):
    answers = {"child_alone": "told", "child_story": "told", "child_person": "yes"}

    talk = Talk(Assessment()).runs(willing(age_band=age, **answers))

    assert talk.asked[talk.asked.index("age_band") + 1 :] == ["child_alone", "child_story", "child_person"]
    assert talk.core == []


def test_who_seems_a_child_in_free_text_is_never_asked_the_age():
    talk = Talk(heard("minor")).runs(willing(child_alone="told", child_story="told"))

    assert "age_band" not in talk.asked
    assert talk.core == []


@pytest.mark.parametrize("name", sorted(SENSITIVE))
def test_no_sensitive_question_can_come_to_a_child(name):
    known = heard("minor", **{**READY, "age_band": "15_17"}).with_(possible={questions()[name].indicator: 0.99})

    asked = [q.id for q in iter_core(known)]

    assert not set(asked) & SENSITIVE


def iter_core(known):
    """Every core question that would come, one after the other."""
    while (question := next_core(known)) is not None:
        yield question
        known = take_answer(known.ask(question.id), "told")


# ---- when it stops ----


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        (lambda: ready("debt_bondage", risks=("medical_emergency",)), "urgent"),
        (lambda: heard("debt_bondage", "minor", flow="child"), "urgent"),
        (lambda: ready(skips_in_row=2), "two_skips"),
        (lambda: ready(unclear_in_row=2), "two_unclear"),
        (lambda: ready("debt_bondage", "documents_withheld"), "priority_reached"),
        (lambda: ready(asked=tuple(CORE_IDS[:4])), "budget_spent"),
        (ready, None),
        (lambda: ready(skips_in_row=1, unclear_in_row=1), None),
    ],
)
def test_the_rule_by_which_asking_stops(facts, rule):
    assert stop_rule(facts()) == rule


@pytest.mark.parametrize(
    "known",
    [
        ready(risks=("immediate_danger",), answered_risks=("immediate_danger",)), ready(skips_in_row=2),
        ready(unclear_in_row=2), ready("debt_bondage", "documents_withheld"), ready(asked=tuple(CORE_IDS[:4])), ready(consent="no"),
    ],
    ids=["urgent", "two skips", "two unclear", "enough is known", "budget", "no consent"],
)  # fmt: skip
def test_after_a_stop_only_the_need_and_a_person_are_left(known):
    talk = Talk(known).runs(lambda question, known: "no" if question.id == "person" else "talk")

    # Where enough is known of them, it is asked once whether others are there too: that is not about them.
    assert [name for name in talk.asked if name != "others"] == ["need", "person"]
    assert talk.asked.count("others") == (stop_rule(known) == "priority_reached")


def test_two_skips_in_a_row_end_the_questions_and_one_in_between_does_not():
    skipping = Talk(Assessment()).runs(lambda q, known: "skip" if q.indicator else adult(q, known))
    in_turns = Talk(Assessment()).runs(
        lambda q, known: (
            ("skip" if len([n for n in known.asked if n.startswith(CORE)]) % 2 else "told")
            if q.indicator
            else adult(q, known)
        )
    )

    assert len(skipping.core) == 2
    assert len(in_turns.core) == 4


def test_no_to_keeping_anything_asks_nothing_more_about_them():
    talk = Talk(Assessment()).runs(willing(consent="no"))

    assert talk.known.flow == "refused"
    assert talk.asked == ["safe", "role", "consent"]


@pytest.mark.parametrize("value", ["no", "unsure"])
def test_not_safe_and_not_sure_end_the_talk_at_once(value):
    talk = Talk(Assessment()).runs(willing(safe=value))

    assert talk.asked == ["safe"]
    assert talk.known.flow == "unsafe"


def test_who_wants_a_person_is_asked_nothing_more():
    assert next_question(ready(person="yes")) is None


# ---- what is never asked ----


@pytest.mark.parametrize("name", [questions()[one].indicator for one in CORE_IDS])
def test_what_was_said_is_not_asked(name):
    known = ready(name)

    assert f"{CORE}{name}" not in [question.id for question in iter_core(known)]


def test_whom_age_danger_and_story_are_not_asked_of_who_said_them():
    said = heard("wages_withheld", role="self", spoke=True, age_band="18_plus")

    talk = Talk(said).runs(willing(**{"core.coercion": None}))

    assert talk.asked == ["safe", "consent"]
    told = Talk(Assessment(role="family", risks={"immediate_danger": Heard()}, answered_risks=("immediate_danger",)))
    assert "their_danger" not in told.runs(willing(worry="told", reach="told")).asked


def test_a_skipped_topic_is_left_alone():
    known = settle(take_answer(ready().ask("core.coercion"), "skip"))

    topics = [question.topic for question in iter_core(known)]

    assert "freedom" not in topics


@pytest.mark.parametrize("first", sorted(SENSITIVE))
def test_two_sensitive_questions_never_follow_each_other(first):
    known = take_answer(ready().ask(first), "told").with_(possible=dict.fromkeys(published(), 0.9))

    assert next_core(known).id not in SENSITIVE


def test_a_careful_question_is_asked_once_and_after_the_safety_check():
    known = Assessment(checks=("suicide_self_harm", "medical_emergency"))

    talk = Talk(known).runs(willing(check_suicide_self_harm="no", check_medical_emergency="no", hard_person="no"))

    assert talk.asked[:4] == ["safe", "check_suicide_self_harm", "hard_person", "check_medical_emergency"]
    assert len(talk.asked) == len(set(talk.asked))


@pytest.mark.parametrize("risk", RISKS)
@pytest.mark.parametrize("leave", ["skip", "pass over"])
def test_a_careful_question_that_is_left_alone_does_not_come_back(risk, leave):
    lines, known = ask_next(ready(checks=(risk,), age_band=None))
    assert lines[-1].question == f"check_{risk}"

    after = pass_over(known) if leave == "pass over" else take_answer(known, "skip")

    following = next_question(after)
    assert following is None or following.id != f"check_{risk}"


@pytest.mark.parametrize("leave", ["skip", "pass over", "no"])
def test_after_a_no_to_dying_a_person_is_offered_once(leave):
    known = settle(take_answer(ready(checks=("suicide_self_harm",)).ask("check_suicide_self_harm"), "no"))
    lines, known = ask_next(known)
    assert [line.key for line in lines] == ["risk.suicide.no"]

    after = pass_over(known) if leave == "pass over" else take_answer(known, leave)

    assert next_question(after) is None or next_question(after).id != "hard_person"


def test_careful_questions_about_oneself_are_not_put_to_who_writes_for_another():
    known = ready(role="family", flow="family", checks=("suicide_self_harm", "minor_at_risk"))

    assert not next_question(known).id.startswith("check_")


# ---- any talk at all ----

answers_of_any_kind = st.sampled_from(["yes", "no", "skip", "told", "unsure", "dont_know", "more", 0, 1, 2, 3, 4, 5])


@settings(max_examples=150, deadline=None)
@given(
    said=st.sets(st.sampled_from(published()), max_size=4),
    possible=st.sets(st.sampled_from(published()), max_size=6),
    checks=st.sets(
        st.sampled_from(["suicide_self_harm", "medical_emergency", "controller_present", "minor_at_risk"]), max_size=2
    ),
    role=st.sampled_from([None, "self", "family", "community"]),
    given_answers=st.lists(answers_of_any_kind, min_size=30, max_size=30),
)
def test_in_any_talk_nothing_is_asked_twice_and_no_rule_is_broken(said, possible, checks, role, given_answers):
    start = heard(*said, role=role, spoke=bool(said)).with_(
        possible=dict.fromkeys(possible - said, 0.5), checks=tuple(sorted(checks)), answered_risks=("minor_at_risk",)
    )
    replies = iter(given_answers)
    more = []

    def answer(question, known):
        value = next(replies, "no")
        if isinstance(value, int):
            value = question.options[value % len(question.options)] if question.options else "told"
        if value == "more" and (question.id != "consent" or more):
            value = "yes"
        more.extend(["more"] if value == "more" else [])
        return value

    talk = Talk(start).runs(answer)

    asked = [
        name
        for place, name in enumerate(talk.asked)
        if not (name == "consent" and talk.asked[place - 1 : place] == ["consent"])
    ]
    assert len(asked) == len(set(asked))
    assert len(talk.core) <= triage().budgets["self"]
    assert not {questions()[name].indicator for name in talk.core} & said
    topics = [questions()[name].topic for name in talk.core]
    for place, name in enumerate(talk.core):
        if name in SENSITIVE:
            assert not talk.known.minor or "minor" not in said
            assert place == 0 or talk.core[place - 1] not in SENSITIVE
        if talk.known.answers[name] in ("skip", "dont_know"):
            assert topics[place] not in topics[place + 1 :]
    if "minor" in said:
        assert talk.core == []


# ---- wording ----


@pytest.mark.parametrize("name", [q.id for q in questions().values() if q.again])
def test_a_waiting_question_is_never_asked_twice_in_a_row_in_the_same_words(name):
    known = Assessment()

    keys = []
    for _ in range(5):
        lines, known = ask_by_id(known, name)
        keys.append(lines[-1].key)

    assert all(first != second for first, second in pairwise(keys))


@pytest.mark.parametrize("role", ["self", "family", "community"])
def test_no_question_comes_more_often_than_its_tries_whatever_is_answered_in_between(role):
    known = ready(role=role, flow=role, answers={"safe": "yes", "role": role}, consent=None, age_band=None)
    asked = []
    for _ in range(60):
        before = known
        _, known = ask_next(known)
        if known == before:
            break
        asked.append(known.pending)

    assert max(map(asked.count, asked)) == MOST_TRIES


def test_the_last_question_of_a_talk_waits_in_silence_once_it_was_asked_enough():
    known = ready(role="community", flow="community", answers={}, consent="yes").with_(
        pending="write_back", pending_tries=MOST_TRIES, skipped=("their_danger", "seen", "where", "when", "their_age")
    )

    assert ask_next(known) == ((), known)


def test_safety_and_words_of_despair_are_asked_until_they_are_answered():
    for known in (
        Assessment(pending="safe", pending_tries=MOST_TRIES),
        ready(checks=("suicide_self_harm",), despair=True).with_(
            pending="check_suicide_self_harm", pending_tries=MOST_TRIES
        ),
    ):
        lines, after = ask_next(known)

        assert lines
        assert after.pending == known.pending


def test_the_line_on_skipping_is_said_once():
    talk = Talk(Assessment()).runs(willing(**dict.fromkeys(CORE_IDS, "told")))

    assert talk.keys.count("ask.skip_hint") == 1


def test_the_two_consent_lines_come_together_and_tell_me_more_comes_before_asking_again():
    answers = iter(["more", "yes"])

    talk = Talk(Assessment()).runs(lambda q, known: next(answers) if q.id == "consent" else adult(q, known))

    place = talk.keys.index("consent.keep")
    assert talk.keys[place : place + 4] == ["consent.keep", "ask.consent", "consent.more", "ask.consent.again"]


def test_the_age_is_asked_also_where_much_was_told_at_once():
    told = heard(
        "documents_withheld", "confinement", "excessive_hours", flow="self", role="self", consent="yes", spoke=True
    )

    assert next_question(told).id == "age_band"
