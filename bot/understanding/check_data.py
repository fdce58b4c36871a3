"""Check data: safety rules against their own examples, short answers against each other, examples against labels.

Part of `./run check`; it stands here because only here a text is folded as it will be when it arrives.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from bot.understanding import sayings
from bot.understanding.clean import fold
from bot.understanding.detail_words import key_of
from bot.understanding.examples import FOLDER, Example, read_examples
from bot.understanding.labels import INTENTS, RISKS, ROLES
from bot.understanding.safety import misjudged
from content.about import FOLDER as ABOUT
from content.about import about
from content.answers import FOLDER as ANSWERS
from content.answers import read_lexicon
from content.catalogue import written
from content.check import Problem
from content.corrections import FOLDER as CORRECTIONS
from content.corrections import corrections
from content.denials import FOLDER as DENIALS
from content.denials import denials
from content.details import FOLDER as DETAILS
from content.details import PLACES, detail_words
from content.indicators import published
from content.languages import languages
from content.questions import questions
from content.safety import FOLDER as SAFETY
from content.safety import rules
from content.sayings import Saying
from content.source import Node, load, shown
from content.tellings import FOLDER as TELLINGS
from content.tellings import tellings
from content.topics import FOLDER as TOPICS
from content.topics import topics

# What two answers cannot both mean. "I don't know" may pass for a skip and for not sure, a cry for help for a person.
_APART = (
    ("yes", "no", "unsure", "more", "stop"), ("yes", "no", "skip"), ("skip", "more"), ("skip", "stop"),
    ("human", "yes", "no", "skip", "stop"), ("greet", "stop"), ("thanks", "no", "stop"), ("help", "no", "stop", "skip"),
)  # fmt: skip
_SAID_OTHERWISE = ("dont_know",)  # the words of skip say it


def safety_rules_do_as_they_promise() -> Iterator[Problem]:
    """Yield every example that its own rule gets wrong."""
    lines = _example_lines()
    for wrong in misjudged(rules()):
        kind = "must_fire" if wrong.should_fire else "must_not_fire"
        found = f"{wrong.rule.id} does not fire" if wrong.should_fire else f"{wrong.rule.id} fires"
        where = lines.get((wrong.rule.id, kind, wrong.text), wrong.rule.where)
        yield Problem(where, f"{found} for an example of {kind}", "mend the phrases, or the example if it is wrong")


def topics_do_as_they_promise() -> Iterator[Problem]:
    """Yield every example that its own topic gets wrong, and languages with words but without topics."""
    yield from _sayings_do("topics", TOPICS, topics())


def denials_do_as_they_promise() -> Iterator[Problem]:
    """Yield every example that its own denial gets wrong, and languages with words but without denials."""
    yield from _sayings_do("denials", DENIALS, denials())


def tellings_do_as_they_promise() -> Iterator[Problem]:
    """Yield every example that its own telling gets wrong, and languages with words but without tellings."""
    yield from _sayings_do("tellings", TELLINGS, tellings())


def corrections_do_as_they_promise() -> Iterator[Problem]:
    """Yield every example that its own correction gets wrong, and languages with words but without corrections."""
    yield from _sayings_do("corrections", CORRECTIONS, corrections())


def about_whom_does_as_it_promises() -> Iterator[Problem]:
    """Yield every example that the words about others get wrong, and languages with words but without them."""
    yield from _sayings_do("words about others", ABOUT, about())


def _sayings_do(what: str, folder: Path, written_down: Iterable[Saying]) -> Iterator[Problem]:
    for wrong in sayings.misjudged(written_down):
        found = f"{wrong.rule.id} is {'not heard' if wrong.should_fire else 'heard'} in {wrong.text!r}"
        yield Problem(wrong.rule.where, found, "mend the phrases, or the example if it is wrong")
    for language in written():
        if not (folder / f"{language}.yml").exists():
            yield Problem(
                f"{shown(folder / language)}.yml:1", f"no {what} in this language", "write how people say them"
            )


def _example_lines() -> dict[tuple[str, str, str], str]:
    return {
        example: where for path in sorted(SAFETY.glob("*.yml")) for example, where in _example_lines_of(path).items()
    }


def _example_lines_of(path: Path) -> dict[tuple[str, str, str], str]:
    found = {}
    for node in load(path).entries()["rules"]:
        row = node.entries()
        for kind in ("must_fire", "must_not_fire"):
            found.update({(row["id"].str(), kind, one.str()): one.where for one in row[kind]})
    return found


def short_answers_do_not_contradict() -> Iterator[Problem]:
    """Yield phrases that mean two things that cannot both be meant, as they are read after folding."""
    for path in sorted(ANSWERS.glob("*.yml")):
        read_lexicon(path)
        fields = load(path).entries()
        for kinds in _APART:
            yield from _clashes([(kind, fields[kind]) for kind in kinds])
        choices = fields["choices"].entries()
        for question in questions().values():
            offered = [(name, choices[name]) for name in question.options if name in choices]
            yield from _clashes(offered)


def _clashes(lists: list[tuple[str, Node]]) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for name, node in lists:
        for phrase in node:
            folded = fold(phrase.str()) or phrase.str()
            first = seen.setdefault(folded, name)
            if first != name:
                found = f"{phrase.str()!r} means {name} and {first}"
                yield Problem(phrase.where, found, "keep it where most people would mean it")


def every_language_can_answer() -> Iterator[Problem]:
    """Yield languages that the line speaks without words for the answers it offers."""
    offered = sorted({name for question in questions().values() for name in question.options})
    for language in written():
        path = ANSWERS / f"{language}.yml"
        if not path.exists():
            yield Problem(f"{shown(path)}:1", f"no short answers in {language}", "write yes, no, stop and the options")
            continue
        lexicon = read_lexicon(path)
        for name in offered:
            if not lexicon.words.get(name) and not lexicon.choices.get(name) and name not in _SAID_OTHERWISE:
                yield Problem(f"{shown(path)}:1", f"no words for the answer {name}", "write how people say it")


def names_and_words_do_not_contradict() -> Iterator[Problem]:
    """Yield unit words of one language that mean two units, words that fold to nothing, and languages without words."""
    for language in languages():
        path = DETAILS / f"{language}.yml"
        if not path.exists():
            yield Problem(f"{shown(path)}:1", f"no words for details in {language}", "write them")
    yield from _clashing_words()
    countries: dict[str, str] = {}
    for node in load(PLACES):
        fields = node.entries()
        for name in fields["names"]:
            key, code = key_of(name.str()), fields["country"].str()
            if not key or countries.setdefault(key, code) != code:
                yield Problem(name.where, f"{name.str()!r} is read as a name in two countries", "keep one of them")


def _clashing_words() -> Iterator[Problem]:
    for language in detail_words():
        fields = load(DETAILS / f"{language}.yml").entries()
        for group in ("units", "numbers", "multiples"):
            rows = fields[group].entries() if group in fields else {}
            seen: dict[str, str] = {}
            for name, node in rows.items():
                for word in node:
                    first = seen.setdefault(key_of(word.str()), name)
                    if first != name or not key_of(word.str()):
                        yield Problem(word.where, f"{word.str()!r} means {name} and {first}", "keep one of them")


def examples_have_known_labels() -> Iterator[Problem]:
    """Read all examples; the reader refuses an unknown label with its place."""
    examples()
    yield from ()


@cache
def examples() -> tuple[Example, ...]:
    """Return every example of every language, read once."""
    return read_examples(FOLDER)


def no_text_has_two_meanings() -> Iterator[Problem]:
    """Yield texts that stand twice with different labels, and texts that stand twice."""
    seen: dict[tuple[str, str], tuple[tuple[object, ...], str]] = {}
    for language, text, labels, where in _texts():
        key = (language, fold(text) or text)
        first_labels, first = seen.setdefault(key, (labels, where))
        if first != where and first_labels != labels:
            yield Problem(where, f"this text stands at {first} with other labels", "keep one of them")


def every_label_has_examples() -> Iterator[Problem]:
    """Yield labels that a language never shows: a model cannot hear there what it has never seen."""
    all_of_them = examples()
    for language in written():
        own = [one for one in all_of_them if one.language == language]
        seen = {("intent", name) for one in own for name in (one.intent, *one.also)}
        seen |= {("indicator", name) for one in own for name in one.indicators}
        seen |= {("risk", name) for one in own for name in one.risks}
        seen |= {("role", one.role) for one in own}
        wanted = [("intent", name) for name in INTENTS] + [("indicator", name) for name in published()]
        wanted += [("risk", name) for name in RISKS] + [("role", name) for name in ROLES]
        for kind, name in wanted:
            if (kind, name) not in seen:
                where = f"{shown(FOLDER / language / 'self.yml')}:1"
                yield Problem(where, f"no example in {language} has the {kind} {name}", "write some, as people text")


def _texts() -> Iterator[tuple[str, str, tuple[object, ...], str]]:
    """Yield language, text, labels and place of every example."""
    for path in sorted(FOLDER.glob("*/*.yml")):
        for group in load(path).entries()["nlu"]:
            fields = group.entries()
            intent = fields["intent"].str()
            if fields["examples"].is_text:
                start = fields["examples"].line
                for offset, line in enumerate(fields["examples"].str().splitlines(), 1):
                    if line.strip():
                        text = line.strip().removeprefix("- ")
                        yield path.parent.name, text, (intent,), f"{shown(path)}:{start + offset}"
                continue
            for node in fields["examples"]:
                row = node.entries()
                text = row["text"].str().strip().removeprefix("- ")
                yield path.parent.name, text, _labels(intent, row.get("metadata")), node.where


def _labels(intent: str, metadata: Node | None) -> tuple[object, ...]:
    fields = metadata.entries() if metadata else {}
    lists = tuple(tuple(sorted(fields[name].strings())) if name in fields else () for name in ("indicators", "risks"))
    role = fields["role"].str() if "role" in fields else "none"
    return (intent, *lists, role)
