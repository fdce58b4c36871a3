"""A file that cannot be used is refused by name and line, and no file lies there unread."""

import pytest

from content.check import sources


@pytest.mark.parametrize(
    ("path", "old", "new", "found"),
    [
        ("content/languages.yml", "script: Thai", "script: Tai", "found 'Tai'"),
        ("content/indicators.yml", "dimension: CON", "dimension: CONTROL", "found 'CONTROL'"),
        ("content/questions.yml", "kind: yes_no", "kind: yesno", "found 'yesno'"),
        ("content/triage.yml", "stop_after_skips: 2", "stop_after_skips: two", "found 'two'"),
        ("content/rights.yml", "[R7, R8, R16]", "[R7, R8, R99]", "found 'R99'"),
        ("content/helplines.yml", "confidence: sure", "confidence: certain", "found 'certain'"),
        ("content/safety/minor_at_risk.my.yml", "band: sure", "band: certain", "found 'certain'"),
        ("content/answers/es.yml", "language: es", "language: pt", "the file is named es.yml"),
        ("content/forbidden/id.yml", "language: id", "language: ms", "the file is named id.yml"),
        ("content/romanised/my.yml", "language: my", "language: xx", "found 'xx'"),
        ("content/unused_keys.yml", "waiting: {}", 'waiting: {close: ""}', "found an empty text"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(tree, path, old, new, found):
    where = tree.plant(path, old, new)

    lines = tree.lines(sources.every_file_loads)

    assert any(line.startswith(f"{where} {found};") for line in lines), lines


def test_a_catalogue_that_is_no_catalogue_is_named(tree):
    path = "content/locales/es/LC_MESSAGES/bot.po"
    tree.write(path, "hola\n")

    assert f"{path}:1 not a gettext catalogue; save it as a .po file in UTF-8" in tree.lines(sources.every_file_loads)


@pytest.mark.parametrize("path", ["content/notes.yml", "content/answers/extra.yaml"])
def test_a_file_that_nobody_reads_is_named(tree, path):
    tree.write(path, "a: b\n")

    assert tree.lines(sources.no_file_is_read_by_nobody) == [
        f"{path}:1 no loader reads this file; move it to where it belongs, or remove it"
    ]
