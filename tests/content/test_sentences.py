"""Every language says the same things, for the English of today."""

from content.catalogue import written
from content.check import sentences

ES = "content/locales/es/LC_MESSAGES/bot.po"


def test_a_missing_sentence_is_named_with_its_english(tree):
    where = tree.plant(ES, 'msgctxt "close"', 'msgctxt "clos"')

    found = tree.lines(sentences.every_language_has_every_key)

    assert len(found) == 2
    assert found[0].startswith(f'{ES}:1 no entry for close; translate "You decide')
    assert found[1].startswith(f"{where} unknown key clos;")


def test_an_empty_translation_is_named(tree):
    where = tree.entry("es", "ack.ok", msgstr="")

    found = tree.lines(sentences.every_language_has_every_key)

    assert found == [f'{where} ack.ok has no text; translate "OK, thank you."']


def test_a_space_at_an_end_is_named(tree):
    where = tree.entry("id", "ack.ok", msgstr="Baik, terima kasih. ")

    found = tree.lines(sentences.every_language_has_every_key)

    assert found == [f"{where} ack.ok begins or ends with a space; remove it"]


def test_a_language_may_have_a_shorter_variant_for_sms_of_its_own(tree):
    shorter = '\n#. sms-parts: 1\nmsgctxt "close.sms"\nmsgid "{}"\nmsgstr "Escribe cuando quieras."\n'
    source = sentences.entries("en")["close"].text
    tree.write(ES, tree.read(ES) + shorter.format(source))

    found = tree.lines(
        sentences.every_language_has_every_key, sentences.no_translation_is_stale, sentences.braces_are_those_of_english
    )

    assert found == []


def test_a_translation_of_an_older_english_sentence_is_stale(tree):
    tree.entry("en", "ack.ok", msgid="OK. Thank you.", msgstr="OK. Thank you.")

    found = tree.lines(sentences.no_translation_is_stale)

    where = tree.line(ES, 'msgctxt "ack.ok"')
    assert len(found) == len(written()) - 1
    assert (
        f'{where} stale translation: ack.ok was made from "OK, thank you."; '
        'English now says "OK. Thank you."; translate that and copy it to msgid'
    ) in found


def test_english_says_one_thing_only(tree):
    where = tree.entry("en", "ack.ok", msgstr="Fine, thank you.")

    found = tree.lines(sentences.no_translation_is_stale)

    assert any(f"{where} ack.ok says one thing in msgid and another in msgstr" in line for line in found)


def test_a_fuzzy_mark_is_named(tree):
    tree.plant(ES, 'msgctxt "ack.ok"', '#, fuzzy\nmsgctxt "ack.ok"')

    found = tree.lines(sentences.no_translation_is_stale)

    where = tree.line(ES, 'msgctxt "ack.ok"')
    assert found == [f"{where} ack.ok is marked fuzzy; check the translation and take the mark off"]


def test_an_unknown_placeholder_is_named_with_the_known_ones(tree):
    where = tree.entry("es", "numbers", msgstr="Puedes llamar a: {numeros}.")

    found = tree.lines(sentences.braces_are_those_of_english)

    assert found == [
        f"{where} numbers has an unknown placeholder {{numeros}}; known here: {{numbers}}",
        f"{where} numbers lost its placeholder {{numbers}}; needed here: {{numbers}}",
    ]


def test_a_brace_without_a_name_is_named(tree):
    where = tree.entry("my", "ack.ok", msgstr="{ }")

    found = tree.lines(sentences.braces_are_those_of_english)

    assert found == [f"{where} ack.ok has a brace that holds no name; known here: none"]


def test_a_catalogue_that_the_list_of_languages_denies_is_named(tree):
    tree.plant(
        "content/languages.yml",
        "native: Español, english: Spanish, script: Latin, catalogue: {state: draft, voice: ",
        "native: Español, english: Spanish, script: Latin, catalogue: {state: none}} # ",
    )

    found = tree.lines(sentences.catalogues_match_the_list_of_languages)

    assert found == [f"{ES}:1 languages.yml says that es has no catalogue; set its state to draft"]


def test_a_language_without_its_catalogue_is_named(tree):
    tree.drop("content/locales/fr/LC_MESSAGES/bot.po")

    found = tree.lines(sentences.catalogues_match_the_list_of_languages)

    assert found == ["content/locales/fr/LC_MESSAGES/bot.po:1 no catalogue, but fr is draft; write it, or say none"]


def test_a_header_of_another_language_is_named(tree):
    tree.plant(ES, "Language: es", "Language: pt")

    found = tree.lines(sentences.catalogues_match_the_list_of_languages)

    assert found == [f"{ES}:1 the header says Language: pt; write Language: es"]
