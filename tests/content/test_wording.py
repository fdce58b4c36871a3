"""No sentence labels, judges, promises or shouts, in any language."""

import pytest

from content.catalogue import catalogue
from content.check import wording
from content.check.forbidden import forbidden


@pytest.mark.parametrize(
    ("language", "text", "word"),
    [
        ("en", "Were you a victim of this?", "victim"),
        ("en", "This may be trafficking.", "traffick"),
        ("en", "You are safe now.", "you are safe now"),
        ("en", "We guarantee that it stays here.", "guarantee"),
        ("en", "Are you illegal there?", "illegal"),
        ("es", "Las víctimas pueden pedir ayuda.", "víctima"),
        ("es", "Ya estás a salvo.", "estás a salvo"),
        ("es", "Te lo prometo.", "promet"),
        ("es", "¿Eres ilegal?", "ilegal"),
        ("id", "Anda adalah korban.", "korban"),
        ("id", "Ini perdagangan orang.", "perdagangan orang"),
        ("id", "Kami jamin Anda aman.", "jamin"),
        ("my", "လူကုန်ကူးခံရတာလား။", "လူကုန်ကူး"),
        ("my", "အာမခံပါတယ်။", "အာမခံ"),
    ],
)
def test_a_forbidden_word_is_named_with_the_reason(tree, language, text, word):
    where = tree.entry(language, "ack.ok", msgstr=text)

    found = tree.lines(wording.no_sentence_has_a_forbidden_word)

    assert found
    assert all(line.startswith(f"{where} ack.ok says ") for line in found)
    assert any(f'says "{word}" (' in line for line in found)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "In case you want it, write again. Nobody hides here."),
        ("es", "El chat trata de ti. El informe sigue aquí."),
        ("id", "Buku ini aman. Perdagangkan tidak."),
        ("my", "စက်ရုပ်ပါ။"),
    ],
)
def test_a_word_that_only_looks_like_a_forbidden_one_may_be_said(language, text):
    assert list(forbidden(language).find(text)) == []


def test_a_language_without_a_list_is_named(tree):
    tree.drop("content/forbidden/id.yml")

    found = tree.lines(wording.no_sentence_has_a_forbidden_word)

    assert found == ["content/forbidden/id.yml:1 id has no list of forbidden words; write it, in the language itself"]


@pytest.mark.parametrize("text", ["Hello!", "¡Hola", "你好！"])
def test_an_exclamation_mark_is_named(tree, text):
    where = tree.entry("es", "ack.ok", msgstr=text)

    assert tree.lines(wording.nothing_shouts) == [
        f"{where} ack.ok has an exclamation mark; end the sentence with a full stop"
    ]


@pytest.mark.parametrize("sign", ["🙏", "❤", "☎", "✅"])
def test_an_emoji_is_named(tree, sign):
    where = tree.entry("en", "ack.ok", msgstr=f"OK {sign}")

    assert tree.lines(wording.nothing_shouts) == [f"{where} ack.ok has the sign {sign}; say it in words"]


def test_two_keys_with_one_text_are_named(tree):
    tree.entry("id", "ack.ok", msgstr="baik.")
    where = tree.entry("id", "close", msgstr="Baik.")

    assert tree.lines(wording.no_two_keys_say_the_same) == [
        f"{where} close says the same as ack.ok; say each in words of its own"
    ]


def test_a_label_of_four_words_is_named(tree):
    where = tree.entry("en", "option.talk", msgstr="One to talk to")

    assert tree.lines(wording.option_labels_are_short) == [
        f"{where} option.talk has 4 words; at most 3 words are read at one look"
    ]


def test_a_label_too_wide_for_a_button_is_named_also_where_words_have_no_spaces(tree):
    where = tree.entry("my", "option.talk", msgstr="က" * 25)

    assert tree.lines(wording.option_labels_are_short) == [
        f"{where} option.talk has 25 letters; at most 24 fit on a button"
    ]


def test_marks_around_a_letter_take_no_room():
    assert wording.letters("ကို") == 1


def test_a_label_is_not_a_sentence(tree):
    where = tree.entry("my", "option.yes", msgstr="ဟုတ်ကဲ့။")

    assert tree.lines(wording.option_labels_are_short) == [
        f"{where} option.yes ends with a full stop; a label is not a sentence"
    ]


def test_who_deletes_while_a_person_is_asked_is_told_all_that_stays_and_of_no_helper_who_may_not_be_there():
    said = catalogue("en").sentences["deleted.handoff"].text

    assert all(stays in said for stays in ("its notes", "how urgent it is", "how to reach you"))
    assert "helper" not in said
