"""Going back and writing about somebody else: what an answer set is taken back, what was told stays."""

from content.questions import questions
from screening.answers import settle, take_answer
from screening.ask import ask_next
from screening.assessment import Assessment
from screening.correct import about, back
from tests.screening.conftest import Talk, heard, willing


def asked_up_to(name):
    """A talk that has answered everything before this question, which waits."""
    answers = {"safe": "yes", "role": "self", "consent": "yes", "age_band": "18_plus", "story": "told"}
    talk = Talk(Assessment()).runs(
        lambda question, known: None if question.id == name else answers.get(question.id, "no")
    )
    assert talk.known.pending == name
    return talk.known


def test_going_back_asks_the_question_before_again():
    lines, known = ask_next(back(asked_up_to("story")))

    assert lines[-1].question == "age_band"
    assert known.age_band is None


def test_a_child_by_a_wrong_answer_is_no_child_after_going_back():
    known = settle(take_answer(asked_up_to("age_band"), "15_17"))
    assert known.minor

    known = back(known)

    assert not known.minor
    assert known.flow == "self"


def test_a_child_who_said_so_in_own_words_stays_a_child():
    known = back(asked_up_to("story").hear(indicators=heard("minor").indicators, risks={}))

    assert known.minor


def test_safety_and_consent_are_not_taken_back():
    known = asked_up_to("age_band").with_(role=None, answers={"safe": "yes", "consent": "yes"})

    assert back(known).answers == known.answers


def test_what_a_core_answer_confirmed_is_taken_back_and_what_was_told_stays():
    known = asked_up_to("core.coercion").hear(indicators=heard("wages_withheld").indicators, risks={})
    known = take_answer(known, questions()["core.coercion"].confirms)
    assert "coercion" in known.indicators

    known = back(known)

    assert "coercion" not in known.indicators
    assert "wages_withheld" in known.indicators


def test_about_somebody_else_goes_on_in_their_flow():
    assert about(asked_up_to("story"), "family").flow == "family"


def test_about_somebody_else_without_saying_who_asks_again():
    lines, known = ask_next(about(asked_up_to("story"), None))

    assert lines[-1].question == "role"
    assert known.role is None


def test_in_the_queue_nobody_is_sent_back_to_a_form():
    assert about(asked_up_to("story").with_(flow="queue"), None).flow == "queue"


def test_whether_others_are_there_is_asked_within_the_budget():
    talk = Talk(Assessment()).runs(willing())

    assert talk.asked.count("others") <= 1
    assert len(talk.core) + talk.asked.count("others") <= 4
