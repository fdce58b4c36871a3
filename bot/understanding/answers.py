"""Answers: short replies, read in the light of the last question before any classifier.

Promises that a number counts only where a question offered numbers, that 0 and the words for stop and
for a person are heard at any time, and that a sentence is an answer only if it opens with a plain yes or
no; what follows is kept as free text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from bot.understanding import safe_answers
from bot.understanding.clean import Cleaned, fold
from content.answers import Lexicon, lexicons, number_words
from content.catalogue import catalogue, written
from content.languages import recognised

# What a whole message of one kind of words means where no question waits for it.
INTENTS = {
    "stop": "stop", "human": "ask_human", "help": "ask_help", "greet": "greet", "thanks": "thanks",
    "yes": "affirm", "no": "deny", "unsure": "skip", "skip": "skip",
}  # fmt: skip
_ANY_TIME = ("stop", "human", "help", "greet", "thanks")
_REPLIES = ("yes", "no", "unsure", "skip", "more")
# The nearest option, where a question does not offer the reply itself.
_NEAREST = {"skip": ("dont_know", "unsure"), "unsure": ("dont_know",)}
_EXIT = "0"
_DANGER = ("check_immediate_danger", "their_danger")  # questions to which "not safe" says yes
_LABEL = "option."
_NUMBERED = re.compile(r"(?P<number>\d)(?: (?P<words>.+))?")
_BREAKS = r",.;:!?\n\u060c\u061f\u06d4\u0964\u104a\u104b\u3001\u3002\uff0c\u2013\u2014-"
_OPENING = re.compile(rf"(?P<head>[^{_BREAKS}]+)(?P<rest>[{_BREAKS}].+)", re.S)
_UNSPACED_OPENING = re.compile("(?P<head>[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]+) (?P<rest>.+)", re.S)
_LEADING = ",.;:!?-–—،۔।၊။、。， \n"
_FIRST_WORD = re.compile(r"(?P<head>\w+)\s+(?P<rest>.+)", re.S)
# Said first, these mean yes and nothing else. Not "si" without its accent (if), "ya" (already), "no" (also: not).
_ONLY_YES = frozenset({"yes", "yeah", "yep", "yup", "sí", "iya", "oui", "sim", "да", "так", "haan", "opo"})
_SKIN_AND_VARIANT = re.compile("[\ufe0f\U0001f3fb-\U0001f3ff]")


@dataclass(frozen=True, slots=True)
class QuestionShape:
    """The last question, as far as reading an answer needs it."""

    id: str
    options: tuple[str, ...]  # ids in the order of their numbers; codes where a language was asked


@dataclass(frozen=True, slots=True)
class Answer:
    """A short reply."""

    kind: str  # option: one that the question offered · reply: yes, no ... that it did not offer · intent
    value: str
    rest: str = field(default="", repr=False)  # what they wrote after it

    @property
    def intent(self) -> str | None:
        """The intent that the reply amounts to, if it does."""
        return self.value if self.kind == "intent" else INTENTS.get(self.value)


def read(cleaned: Cleaned, question: QuestionShape | None, languages: Sequence[str]) -> Answer | None:
    """Return the short reply that a message is, or None.

    Args:
        cleaned: the message.
        question: the one that waits for an answer, None if none does.
        languages: the conversation's language, then other likely ones.
    """
    key = _key(cleaned.text)
    if key == _EXIT or _kind_of(key, languages) == "stop":
        return Answer("intent", "stop")
    if not _asks_safe(question) and safe_answers.says_unsafe(cleaned.text, languages):
        # "Are you in danger?" - "not safe". To anything else it is no answer: somebody may be reading.
        return Answer("option", "yes") if question and question.id in _DANGER else Answer("intent", "not_safe_now")
    if question is None:
        kind = _kind_of(key, languages)
        return Answer("intent", INTENTS[kind]) if kind in _ANY_TIME else None
    asks_safe = _asks_safe(question)
    said = safe_answers.listed(cleaned.text, languages[:1]) if asks_safe else None
    value = said or _value(key, question, languages)
    if value is None and asks_safe:
        value = safe_answers.read(cleaned.text, languages[:1])
    if value is not None:
        return _answer(value, question)
    opening = _opening(cleaned.text, question, languages)
    if (
        asks_safe
        and opening is not None
        and opening.value == "yes"
        and safe_answers.takes_back(opening.rest, languages)
    ):
        return _answer("unsure", question, opening.rest)
    return opening


def _asks_safe(question: QuestionShape | None) -> bool:
    return question is not None and question.id in safe_answers.QUESTIONS


def intent_of(cleaned: Cleaned, languages: Sequence[str]) -> str | None:
    """Return what a whole message of known words means without any question, or None."""
    key = _key(cleaned.text)
    if key == _EXIT:
        return "stop"
    return INTENTS.get(_kind_of(key, languages) or "")


def _answer(value: str, question: QuestionShape, rest: str = "") -> Answer:
    if value in question.options:
        return Answer("option", value, rest)
    for nearest in _NEAREST.get(value, ()):
        if nearest in question.options:
            return Answer("option", nearest, rest)
    if value in _REPLIES:
        return Answer("reply", value, rest)
    return Answer("intent", INTENTS[value], rest)


def _value(key: str, question: QuestionShape, languages: Sequence[str]) -> str | None:
    """Return the option id or the kind of words that a whole message is."""
    numbered = _NUMBERED.fullmatch(key) if question.options else None
    if numbered:
        place, words = int(numbered["number"]) - 1, numbered["words"]
        if not 0 <= place < len(question.options):
            return None
        option = question.options[place]
        # "2 no" is the second option; "2 days no food" is a sentence.
        return option if words is None or _word_value(words, question, languages) == option else None
    if question.options and (digit := _number_word(key, languages)) and int(digit) <= len(question.options):
        return question.options[int(digit) - 1]
    return _word_value(key, question, languages)


def _word_value(key: str, question: QuestionShape, languages: Sequence[str]) -> str | None:
    for code in question.options:
        if key and key in _names().get(code, ()):
            return code
    for lexicon in _in_order(languages):
        option = lexicon.choices.get(key)
        if option and (offered := [one for one in option if one in question.options]):
            return offered[0]
    labels = next((_labels(code) for code in languages if code in written()), {})
    return labels[key] if labels.get(key) in question.options else _kind_of(key, languages)


def _opening(text: str, question: QuestionShape, languages: Sequence[str]) -> Answer | None:
    """Return the plain yes or no that a longer text opens with."""
    for pattern in (_OPENING, _UNSPACED_OPENING):
        opening = pattern.fullmatch(text)
        kind = _head(opening["head"], question, languages) if opening else None
        if opening and kind in {"yes", "no"}:
            return _answer(str(kind), question, opening["rest"].lstrip(_LEADING))
    first = _FIRST_WORD.fullmatch(text)
    only_yes = first is not None and first["head"].lower() in _ONLY_YES
    if first and question.id in safe_answers.QUESTIONS:
        only_yes = only_yes or safe_answers.opens_with_yes(text, languages[0] if languages else "")
    return _answer("yes", question, first["rest"]) if first and only_yes else None


def _head(head: str, question: QuestionShape, languages: Sequence[str]) -> str | None:
    """Return yes or no for what stands before the first break, as far as it is nothing else."""
    kind = _own_kind(_key(head), languages)
    if kind is None and question.id in safe_answers.QUESTIONS:
        return safe_answers.read(head, languages[:1])
    return kind


def says_no_twice(cleaned: Cleaned, languages: Sequence[str]) -> bool:
    """True for a message that opens with two words for no: one may also be "not" or "there is no"."""
    words = cleaned.text.split(maxsplit=2)
    return len(words) > 1 and {_own_kind(_key(word), languages) for word in words[:2]} == {"no"}


@dataclass(frozen=True, slots=True)
class _Folded:
    """A lexicon, folded as messages are."""

    kinds: Mapping[str, str]  # words -> kind
    choices: Mapping[str, tuple[str, ...]]  # words -> option ids


def _key(text: str) -> str:
    """Return a whole message as it is looked up; one of emoji only is looked up as it is."""
    return fold(text) or "".join(_SKIN_AND_VARIANT.sub("", text).split())


def _fold_lexicon(lexicon: Lexicon) -> _Folded:
    choices: dict[str, tuple[str, ...]] = {}
    for option, words in lexicon.choices.items():
        for word in words:
            choices[_key(word)] = (*choices.get(_key(word), ()), option)
    # Where a word stands in two lists the first counts: yes and no before more, stop before help.
    kinds: dict[str, str] = {}
    for kind, words in lexicon.words.items():
        for word in words:
            if _key(word) != _EXIT:
                kinds.setdefault(_key(word), kind)
    return _Folded(kinds, choices)


@cache
def _folded_lexicons() -> dict[str, _Folded]:
    return {language: _fold_lexicon(lexicon) for language, lexicon in lexicons().items()}


@cache
def _folded_numbers() -> dict[str, dict[str, str]]:
    return {code: {_key(word): digit for word, digit in words.items()} for code, words in number_words().items()}


@cache
def _names() -> dict[str, frozenset[str]]:
    """Return the names of each language, folded, for the question which one to use."""
    return {
        code: frozenset({_key(part) for part in language.native_name.split("/")} | {_key(language.english_name), code})
        for code, language in recognised().items()
    }


@cache
def _labels(language: str) -> dict[str, str]:
    """Return what a language's own buttons and numbered lines say: people copy them."""
    words = catalogue(language).sentences
    return {_key(one.text): name.removeprefix(_LABEL) for name, one in words.items() if name.startswith(_LABEL)}


def _in_order(languages: Iterable[str]) -> list[_Folded]:
    return [_folded_lexicons()[code] for code in languages if code in _folded_lexicons()]


def _own_kind(key: str, languages: Sequence[str]) -> str | None:
    return next((lexicon.kinds.get(key) for lexicon in _in_order(languages[:1])), None)


def _kind_of(key: str, languages: Sequence[str]) -> str | None:
    """Return the kind of words by the likely languages in turn, else by all others if they agree."""
    if not key:
        return None
    for lexicon in _in_order(languages):
        if key in lexicon.kinds:
            return lexicon.kinds[key]
    others = {lexicon.kinds[key] for lexicon in _folded_lexicons().values() if key in lexicon.kinds}
    return others.pop() if len(others) == 1 else None


def _number_word(key: str, languages: Sequence[str]) -> str | None:
    numbers = _folded_numbers()
    for code in languages:
        if key in numbers.get(code, {}):
            return numbers[code][key]
    others = {words[key] for words in numbers.values() if key in words}
    return others.pop() if len(others) == 1 else None
