"""A content file is read with the line of every value, or refused with what would be right."""

from pathlib import Path

import pytest

from content.languages import countries, languages, recognised
from content.source import ContentError, Node, load, loads
from content.wordlists import distinctive_words, frequent_texts, neutral_words, romanised_texts


def read(text: str) -> Node:
    return loads(text, Path("content/x.yml"))


def test_words_that_yaml_takes_for_truth_stay_words():
    fields = read("yes: [no, on, '1', 1]").mapping(required=("yes",))

    assert fields["yes"].strings() == ("no", "on", "1", "1")


@pytest.mark.parametrize(
    ("text", "line", "found"),
    [
        ("a: 1\nb: 2", 2, "unknown field b"),
        ("{}", 1, "the field a is missing"),
        ("a: 1\na: 2", 2, "the field a stands twice"),
        ("a: [1\nb: 2", 2, "not YAML"),
        ("- a", 1, "found a list"),
        ("", 1, "the file is empty"),
    ],
)
def test_a_wrong_file_is_refused_at_its_line(text, line, found):
    with pytest.raises(ContentError) as refused:
        read(text).mapping(required=("a",))

    assert refused.value.where == f"content/x.yml:{line}"
    assert found in refused.value.found
    assert refused.value.right


@pytest.mark.parametrize("ask", ["int", "float", "date", "bool", "list", "entries"])
def test_a_value_of_the_wrong_kind_is_refused(ask):
    with pytest.raises(ContentError):
        getattr(read("word"), ask)()


def test_a_missing_or_unreadable_file_is_a_sentence(tmp_path):
    broken = tmp_path / "broken.yml"
    broken.write_bytes(b"a: 1\nb: \xff")

    with pytest.raises(ContentError, match="no such file"):
        load(tmp_path / "none.yml")
    with pytest.raises(ContentError, match=r"broken\.yml:2 a byte that is not UTF-8"):
        load(broken)


def test_the_line_speaks_24_languages_and_says_how_far_each_is():
    assert len(languages()) == 24
    assert {"tl", "sr", "zh"} <= languages().keys()
    assert languages()["ar"].direction == "rtl"
    assert not any(language.catalogue == "reviewed" and not language.reviewed_by for language in languages().values())


def test_lists_name_known_languages_only():
    known = recognised().keys()

    assert {code for codes in countries().values() for code in codes} <= known
    assert {code for codes in distinctive_words().values() for code in codes} <= known
    assert romanised_texts().keys() | frequent_texts().keys() <= known
    assert neutral_words().isdisjoint(distinctive_words())
