"""Every sentence that is asked for exists; every sentence is asked for."""

import textwrap

import pytest

from content.check import keys
from content.check.code import mentions

EN = "content/locales/en/LC_MESSAGES/bot.po"


@pytest.mark.parametrize(
    ("path", "old", "new", "key"),
    [
        ("content/questions.yml", "key: ask.worry", "key: ask.wory", "ask.wory"),
        ("content/questions.yml", "again: ask.need.again", "again: ask.need.agai", "ask.need.agai"),
        ("content/questions.yml", "before: [family.hello]", "before: [family.helo]", "family.helo"),
        ("content/triage.yml", "say: [risk.sexual]", "say: [risk.sexuel]", "risk.sexuel"),
        ("content/triage.yml", "say_other: [risk.other_person]", "say_other: [risk.other]", "risk.other"),
        ("bot/domain/words.yml", "text: abuse.pause", "text: abuse.paus", "abuse.paus"),
        ("desk/phrases.yml", "key: helper.back", "key: helper.bac", "helper.bac"),
        ("content/questions.yml", "also: [helper.hello", "also: [helper.helo", "helper.helo"),
    ],
)
def test_a_key_that_no_catalogue_has_is_named_where_it_is_asked_for(tree, path, old, new, key):
    where = tree.plant(path, old, new)

    found = tree.lines(keys.every_key_asked_for_exists)

    assert [line.split(";")[0] for line in found] == [f"{where} no sentence has the key {key}"]


@pytest.mark.parametrize("path", ["actions/people.py", "bot/turn.py", "screening/ask.py", "desk/acts.py"])
@pytest.mark.parametrize(
    "code",
    ['Say(key="no.such")', 'Line(key="no.such" if known else "close")', 'key = "no.such"', 'f(say_first=("no.such",))'],
)
def test_a_key_that_the_program_makes_up_is_named(tree, path, code):
    tree.write(path, f"{tree.read(path)}\n{code}\n")

    found = tree.lines(keys.every_key_asked_for_exists)

    where = tree.line(path, f"\n{code}\n")
    assert [line.split(";")[0] for line in found] == [
        f"{path}:{int(where.rpartition(':')[2]) + 1} no sentence has the key no.such"
    ]


def test_a_key_with_a_slip_of_the_pen_is_answered_with_the_right_one(tree):
    tree.plant("content/questions.yml", "key: ask.worry", "key: ask.wory")

    assert "did you mean ask.worry" in tree.lines(keys.every_key_asked_for_exists)[0]


def test_an_option_without_a_label_is_named(tree):
    tree.plant(EN, 'msgctxt "option.go_home"', 'msgctxt "option.home"')

    found = tree.lines(keys.every_key_asked_for_exists)

    assert any(line.startswith("content/questions.yml:") and "option.go_home" in line for line in found)


def test_a_right_without_a_sentence_is_named(tree):
    tree.plant(EN, 'msgctxt "right.R19"', 'msgctxt "right.19"')

    found = tree.lines(keys.every_key_asked_for_exists)

    assert any(line.startswith("content/rights.yml:") and "right.R19" in line for line in found)


def test_a_sentence_that_nothing_sends_is_named(tree):
    tree.write(EN, tree.read(EN) + '\n#. Never sent.\nmsgctxt "lost"\nmsgid "Lost."\nmsgstr "Lost."\n')

    found = tree.lines(keys.every_key_is_used)

    where = tree.line(EN, 'msgctxt "lost"')
    assert found == [f"{where} nothing sends lost; remove it, or say in content/unused_keys.yml what it waits for"]


def test_a_waiting_key_that_is_sent_by_now_is_named(tree):
    tree.write("content/unused_keys.yml", "waiting:\n  close: not yet\n")

    where = tree.line("content/unused_keys.yml", "  close:")
    assert tree.lines(keys.every_key_is_used) == [f"{where} close is in use; remove the row"]


def test_a_waiting_key_that_is_gone_is_named(tree):
    tree.write("content/unused_keys.yml", "waiting:\n  closed.up: not yet\n")

    where = tree.line("content/unused_keys.yml", "  closed.up:")
    assert tree.lines(keys.every_key_is_used) == [f"{where} closed.up is no key; remove the row"]


def test_words_for_a_risk_exist_also_where_no_number_is_known(tree):
    tree.plant(EN, 'msgctxt "risk.medical.no_number"', 'msgctxt "risk.medical.none"')

    found = tree.lines(keys.sentences_with_a_number_have_a_twin_without)

    where = tree.line(EN, 'msgctxt "risk.medical"')
    assert found == [f"{where} risk.medical names a number that may be unknown; write risk.medical.no_number too"]


def test_keys_are_read_from_the_program_without_running_it(tree):
    source = """
        _LINES = ("a.one", "a.two")

        def offer(known, key, *, reason=None):
            return Say(key=key)

        offer(1, "a.three")
        offer(1, key="a.four" if known else "a.five")
        Say(key=_LINES[0])
        Say(key=f"a.six.{name}")
        Say(key=f"{key}.seven")
        print("a.eight")
        raise SystemExit
    """
    tree.write("actions/thread.py", textwrap.dedent(source))

    tree.lines()
    found = mentions()

    assert {"a.one", "a.two", "a.three", "a.four", "a.five"} <= found.named.keys()
    assert "a.eight" in found.texts
    assert "a.eight" not in found.named
    assert "a.six." in found.starts
    assert ".seven" in found.ends


def test_a_file_that_is_not_python_is_named(tree):
    tree.write("actions/thread.py", "a = 1\ndef (:\n")

    assert tree.lines(keys.every_key_asked_for_exists) == ["actions/thread.py:2 not Python; mend the line"]
