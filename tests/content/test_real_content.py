"""The content that people are served is in order, and the command says so."""

import re
import subprocess
import sys

import pytest

from content.catalogue import catalogue, written
from content.check import run
from content.questions import questions
from content.source import ROOT
from lantern.judge import areas, counts


@pytest.mark.parametrize("area", areas())
def test_our_own_content_is_in_order(area):
    problems = run(areas()[area])

    assert [str(problem) for problem in problems] == []


def test_the_count_names_what_was_judged():
    assert counts().startswith("24 languages, ")
    assert "safety rules" in counts()


def test_every_rule_is_in_an_area():
    """A rule that somebody writes and forgets to list would judge nothing."""
    import inspect

    from bot.understanding import check_data
    from content.check import facts, keys, sentences, sources, stories, wording

    listed = {rule for rules in areas().values() for rule in rules}
    written = {
        value
        for module in (check_data, facts, keys, sentences, sources, stories, wording)
        for name, value in vars(module).items()
        if inspect.isgeneratorfunction(value)
        and value.__module__ == module.__name__
        and not name.startswith("_")
        and not inspect.signature(value).parameters
    }

    assert written - listed == {sentences.every_language}  # it yields entries, not problems


@pytest.mark.long
def test_the_command_says_in_one_line_that_all_is_in_order():
    ended = subprocess.run(
        [sys.executable, "-m", "lantern", "check"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=240
    )

    assert ended.returncode == 0
    assert ended.stdout.startswith("in order: ")
    assert len(ended.stdout.splitlines()) == 1


@pytest.mark.parametrize("language", written())
def test_the_question_about_papers_asks_one_thing(language):
    """A yes to "who keeps them? could you have them?" would be a yes to either."""
    text = catalogue(language).sentences[questions()["core.documents_withheld"].key].text

    assert len(re.findall("[?？؟။]", text)) <= 1
    assert text.count(". ") == 0


@pytest.mark.parametrize("language", written())
def test_no_question_asks_two_things(language):
    """One question a message: "who decided? could you say no?" leaves a yes that nobody can read."""
    asks = re.compile("[?？؟]|လား။|လဲ။|ไหม")  # Burmese and Thai ask with a word
    sentences = catalogue(language).sentences

    assert [one.id for one in questions().values() if len(asks.findall(sentences[one.key].text)) > 1] == []
