"""Lengths: no message costs more SMS than its note allows, counted as it is sent: filled in, with its answers.

How letters become parts is the channel's knowledge, so the measure is handed in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from content.catalogue import PLACEHOLDER, Catalogue, Sentence, catalogue, written
from content.check.problem import Problem, Rule
from content.check.sentences import SHORTER, entries
from content.languages import languages
from content.questions import questions

Measure: TypeAlias = Callable[[str], "tuple[int, bool]"]  # number of parts; whether it needs Unicode
_LETTERS = {"numbers": 30, "days": 3, "code": 2}  # numbers: two helplines and an emergency number
_LETTERS_OTHERWISE = 12  # one number with its spaces, or a helper's name
_NUMBERS, _WHO = "numbers", "who."
_LANGUAGES_OFFERED = 3


def sms_fits(measure: Measure) -> Rule:
    """Return the rule that counts with this measure."""

    def every_text_fits_its_sms() -> Iterator[Problem]:
        answers = _answers_by_key()
        for language in written():
            words = catalogue(language)
            for sentence in words.sentences.values():
                if sentence.key + SHORTER in words.sentences:
                    continue  # on SMS the shorter one is sent
                for options in answers.get(sentence.key.removesuffix(SHORTER), {()}):
                    yield from _judge(words, sentence, options, measure)

    return every_text_fits_its_sms


def _judge(words: Catalogue, sentence: Sentence, options: tuple[str, ...], measure: Measure) -> Iterator[Problem]:
    labels = [words.sentences[key].text for key in map(_label_key(words), options) if key in words.sentences]
    if sentence.key == "language.offer":
        labels = _longest_names()
    text = "\n".join([_filled(sentence, words), *(f"{number} {label}" for number, label in enumerate(labels, 1))])
    count, unicode = measure(text)
    allowed = sentence.parts_unicode if unicode else sentence.parts_gsm
    if count > allowed:
        with_answers = f" with its answers ({', '.join(options)})" if options else ""
        alphabet = f"in Unicode ({_first_outside(text, measure)})" if unicode else "in GSM-7"
        yield Problem(
            entries(words.language)[sentence.key].where,
            f"{sentence.key}{with_answers} takes {count} SMS {alphabet}",
            f"its note allows {allowed}: shorten it, or add a shorter {sentence.key.removesuffix(SHORTER)}{SHORTER}",
        )


def _first_outside(text: str, measure: Measure) -> str:
    """Return the letters that cost half of the room, where they are few enough to be written otherwise."""
    letters = list(dict.fromkeys(letter for letter in text if measure(letter)[1]))
    return "for " + " ".join(letters) if len(letters) <= len("abcd") else "its script"


def _label_key(words: Catalogue) -> Callable[[str], str]:
    def key(option: str) -> str:
        shorter = f"option.{option}{SHORTER}"
        return shorter if shorter in words.sentences else f"option.{option}"

    return key


def _answers_by_key() -> dict[str, set[tuple[str, ...]]]:
    """Return, for each key that asks, the answers that are sent with it."""
    found: dict[str, set[tuple[str, ...]]] = {}
    for question in questions().values():
        for key in filter(None, (question.key, question.again)):
            found.setdefault(key, set()).add(question.options)
    found["opening"] = {questions()["safe"].options}  # the first words of a session ask the same
    return found


def _longest_names() -> list[str]:
    known = languages()
    names = [known[code].native_name for code in written() if code in known]
    return sorted(names, key=len, reverse=True)[:_LANGUAGES_OFFERED]


def _filled(sentence: Sentence, words: Catalogue) -> str:
    if sentence.key.removesuffix(SHORTER) == _NUMBERS:  # here each number stands with who answers it
        labels = [one.text for key, one in words.sentences.items() if key.startswith(_WHO)]
        longest = max(labels, key=len, default="")
        return PLACEHOLDER.sub(lambda _: ", ".join([f"{'0' * 9} ({longest})"] * 3), sentence.text)
    return PLACEHOLDER.sub(lambda brace: "0" * _LETTERS.get(brace.group(1), _LETTERS_OTHERWISE), sentence.text)
