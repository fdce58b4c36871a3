"""Facts: numbers, countries and languages are of the right kind, and no number is shown that nobody checked."""

from __future__ import annotations

import re
from collections.abc import Iterator

from babel import Locale

from content.catalogue import written
from content.check.problem import Problem
from content.helplines import countries, emergency, released, showable
from content.indicators import published
from content.languages import recognised
from content.questions import CORE, questions
from content.safety import FOLDER as SAFETY
from content.safety import RISKS, Band, Status, rules
from content.source import CONTENT, Node, load, shown

_NUMBER = re.compile(r"\+?[0-9]([0-9 -]*[0-9])?")
_KINDS = ("trafficking", "migrant_labour", "women_violence", "child", "consular", "missing", "ngo", "suicide")
_CODE = re.compile("[a-z]{2,3}")
_CODES_OF_OUR_OWN = ("tl",)  # Filipino; the register of codes calls it fil


def codes_are_those_of_the_world() -> Iterator[Problem]:
    """Yield languages and countries whose code no register has."""
    english = Locale("en")
    fields = load(CONTENT / "languages.yml").entries()
    for place in ("languages", "recognised"):
        for code, row in fields[place].entries().items():
            if not _CODE.fullmatch(code) or (code not in english.languages and code not in _CODES_OF_OUR_OWN):
                yield Problem(row.where, f"no language has the code {code}", "use the code of ISO 639")
    for code, row in fields["countries"].entries().items():
        if code not in english.territories:
            yield Problem(row.where, f"no country has the code {code}", "use the two letters of ISO 3166")
    for code, row in _helpline_rows():
        if code not in english.territories:
            yield Problem(row.where, f"no country has the code {code}", "use the two letters of ISO 3166")


def every_language_is_likely_somewhere() -> Iterator[Problem]:
    """Yield languages of the line that no country lists: their phones would never tip the scale."""
    fields = load(CONTENT / "languages.yml").entries()
    listed = {one.str() for row in fields["countries"].entries().values() for one in row}
    for code, row in fields["languages"].entries().items():
        if code not in listed:
            yield Problem(row.where, f"no country lists {code}", "name it where its speakers live and work")


def numbers_can_be_dialled() -> Iterator[Problem]:
    """Yield numbers with signs that no phone has, unknown kinds, and checks of a day to come."""
    for _, row in _helpline_rows():
        for place in ("emergency", "helplines"):
            for node in row.entries()[place]:
                fields = node.entries()
                number, kind = fields["number"], fields.get("kind")
                if not _NUMBER.fullmatch(number.str()):
                    yield Problem(
                        number.where, f"found the number {number.str()!r}", "digits, spaces and one leading +"
                    )
                if kind and kind.str() not in _KINDS:
                    yield Problem(kind.where, f"found the kind {kind.str()!r}", f"known here: {', '.join(_KINDS)}")
                checked = fields["last_checked"]
                if not checked.is_null and checked.date() < released() and fields["confidence"].str() == "verify":
                    right = "a check is newer than the release, or the row is sure"
                    yield Problem(checked.where, f"checked on {checked.str()}, before the release", right)


def no_unchecked_number_is_shown() -> Iterator[Problem]:
    """Yield numbers that a contact would be shown on the day of release although a row calls them unsure or police."""
    for code, row in _helpline_rows():
        shown_now = {emergency(code, service) for service in ("police", "ambulance")}
        shown_now |= {*showable(code, child=False, today=released()), *showable(code, child=True, today=released())}
        for line, node in zip(countries()[code].helplines, row.entries()["helplines"], strict=True):
            if line.number not in shown_now:
                continue
            if not line.sure and line.last_checked is None:
                yield Problem(node.where, f"{line.number} waits to be checked and would be shown", "keep one row of it")
            if line.run_by == "police":
                yield Problem(
                    node.where, f"{line.number} is run by police and would be shown", "list it under emergency"
                )


def every_risk_is_heard_in_every_language() -> Iterator[Problem]:
    """Yield risks without a live rule that is sure, in a language that the line speaks."""
    found = {(rule.risk, rule.language) for rule in rules() if (rule.status, rule.band) == (Status.LIVE, Band.SURE)}
    for language in written():
        for risk in RISKS:
            if (risk, language) not in found:
                path = SAFETY / f"{risk}.{language}.yml"
                yield Problem(f"{shown(path)}:1", f"no live and sure rule for {risk} in {language}", "write one")


def every_question_has_its_answers() -> Iterator[Problem]:
    """Yield questions that offer one answer twice or confirm by one they do not offer, and indicators never asked."""
    nodes = load(CONTENT / "questions.yml").entries()["questions"].entries()
    for question in questions().values():
        where = nodes[question.id].where
        if len(set(question.options)) < len(question.options):
            yield Problem(where, f"{question.id} offers an answer twice", "offer each once")
        if question.confirms and question.confirms not in question.options:
            yield Problem(where, f"{question.id} confirms by {question.confirms}", "offer that answer")
        if question.kind == "choice" and not question.options and question.id != "language":
            yield Problem(where, f"{question.id} is a choice without options", "offer some, or make it open")
        if question.indicator and question.indicator not in published():
            yield Problem(where, f"{question.id} asks for what only staff may note", "ask for a published indicator")
        if question.id.startswith(CORE) and question.topic is None:
            yield Problem(where, f"{question.id} has no topic", "a skipped topic is left alone, so name it")


def every_language_knows_its_script() -> Iterator[Problem]:
    """Yield languages whose own name is not written in the script of their row."""
    for code, row in load(CONTENT / "languages.yml").entries()["languages"].entries().items():
        name, script = recognised()[code].native_name, recognised()[code].script
        if (script == "Latin") != any("a" <= letter.lower() <= "z" for letter in name) and code != "sr":
            yield Problem(row.where, f"{code} is {script} but calls itself {name}", "write its name in its own script")


def _helpline_rows() -> list[tuple[str, Node]]:
    return list(load(CONTENT / "helplines.yml").entries()["countries"].entries().items())
