"""A short reply is read in the light of the last question; a sentence stays a sentence."""

import pytest

from bot.understanding.answers import QuestionShape, intent_of, read, says_no_twice
from bot.understanding.clean import clean
from content.answers import KINDS, read_lexicon
from content.source import ContentError

SAFE = QuestionShape("safe", ("yes", "no", "unsure"))
AGE = QuestionShape("their_age", ("under_15", "15_17", "18_plus", "dont_know"))
STORY = QuestionShape("story", ())
LANGUAGE = QuestionShape("language", ("en", "my", "id"))


def answer(text, question=SAFE, languages=("en",)):
    found = read(clean(text), question, languages)
    return found and (found.kind, found.value)


@pytest.mark.parametrize("text", ["2", "2.", "2)", " ２ ", "2️⃣", "၂", "๒", "२", "۲", "two", "2 no", "2. no!", "#2"])
def test_a_number_is_the_option_in_its_place(text):
    assert answer(text) == ("option", "no")


@pytest.mark.parametrize(
    ("text", "languages"), [("satu", ("id",)), ("တစ်", ("my",)), ("uno", ("es",)), ("một", ("vi",))]
)
def test_number_words_are_numbers(text, languages):
    assert answer(text, languages=languages) == ("option", "yes")


@pytest.mark.parametrize("text", ["1", "2", "9", "one"])
def test_a_number_that_no_question_asked_for_is_no_answer(text):
    assert answer(text, None) is None
    assert answer(text, STORY) is None


@pytest.mark.parametrize("text", ["9", "4", "12", "2 days no food", "1 month no pay", "3 of us are here"])
def test_a_number_out_of_range_or_inside_a_sentence_is_no_answer(text):
    assert answer(text) is None


def test_words_mean_options():
    assert answer("Yes!!") == ("option", "yes")
    assert answer("not sure") == ("option", "unsure")
    assert answer("sí", languages=("es",)) == ("option", "yes")
    assert answer("👍") == ("option", "yes")
    assert answer("tidak", languages=("id",)) == ("option", "no")


def test_what_is_not_offered_becomes_the_nearest_or_a_reply():
    assert answer("i dont know") == ("option", "unsure")
    assert answer("i dont know", AGE) == ("option", "dont_know")
    assert answer("yes", AGE) == ("reply", "yes")


def test_a_language_is_named_in_itself_or_in_english():
    assert answer("မြန်မာ", LANGUAGE) == ("option", "my")
    assert answer("burmese", LANGUAGE) == ("option", "my")
    assert answer("Bahasa Indonesia", LANGUAGE) == ("option", "id")


@pytest.mark.parametrize("question", [None, SAFE, STORY])
@pytest.mark.parametrize("text", ["0", "０", "၀", "STOP", "stop."])
def test_the_exit_word_is_heard_at_any_time(text, question):
    assert answer(text, question) == ("intent", "stop")


@pytest.mark.parametrize("question", [None, STORY])
def test_a_person_is_heard_at_any_time(question):
    assert answer("a person please", question) == ("intent", "ask_human")


def test_a_plain_yes_before_a_sentence_answers_and_the_rest_is_kept():
    found = read(clean("Yes, he keeps my passport"), SAFE, ("en",))

    assert found is not None
    assert (found.value, found.rest) == ("yes", "he keeps my passport")
    assert answer("yes he took my passport") == ("option", "yes")
    assert answer("no. he is here") == ("option", "no")


def test_no_said_twice_is_plain_and_once_it_may_be_the_first_word_of_a_story():
    assert says_no_twice(clean("no no im fine"), ["en"])
    assert says_no_twice(clean("ні ні ніхто не ображає"), ["uk"])
    assert not says_no_twice(clean("no me dejan salir"), ["es"])
    assert not says_no_twice(clean("no"), ["en"])


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("no one lets me out", "en"),
        ("no puedo salir", "es"),
        ("si me encuentran me matan", "es"),
        ("tidak boleh keluar", "id"),
        ("ya saya dikurung", "id"),
        ("ok so he hit me", "en"),
    ],
)
def test_a_sentence_that_only_begins_like_yes_or_no_is_no_answer(text, language):
    assert answer(text, languages=(language,)) is None


def test_without_a_question_yes_is_only_an_intent():
    assert answer("yes", None) is None
    assert intent_of(clean("yes"), ("en",)) == "affirm"
    assert intent_of(clean("yes he hit me"), ("en",)) is None


def test_a_lexicon_with_an_unknown_option_is_refused(tmp_path):
    path = tmp_path / "en.yml"
    kinds = "\n".join(f"{kind}: [x]" for kind in KINDS)
    path.write_text(f"language: en\n{kinds}\nchoices:\n  elf: [me]\n", encoding="utf-8")

    with pytest.raises(ContentError, match=r"en\.yml:13 unknown field elf"):
        read_lexicon(path)
