"""Misread: what heads and rules make of a message that its plain words speak against."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from functools import cache

from bot.understanding.clean import Cleaned, clean
from bot.understanding.details import Detail, ages_told
from bot.understanding.findings import MODEL, Finding
from bot.understanding.heads import Prediction
from bot.understanding.slips import APART
from bot.understanding.weighing import ADULT, MINOR, MINOR_RISK, SUICIDE, Found
from content.context_words import ADDRESS, DIED, MY_CHILD
from content.denials import denied_by
from content.languages import UNSPACED
from content.people_words import people_words

_ONLY_WRITE, _NO_PERSON = "only_write", "no_person"  # topics: how they want to be reached, and that nobody may join
_DELETES = "delete"  # the topic of a plain wish that their messages be deleted
_NO_LABEL = "no_label"  # the topic of those who say that it is no trafficking, or ask whether it is
_OF_THE_WORD = ("forced_criminality", "quota_punishment")  # indicators that the heads hear in "trafficking" itself
_OF_DEATH = (SUICIDE, "immediate_danger")
_OF_THEMSELVES = {"report_family": "disclose", "family": "self"}  # labels and roles: a relative's, and one's own
_NUMBER = re.compile(r"\d+")
_A_PAIR = 2
_NOTHING = "x"  # keeps what stood left and right of the words apart
_BESIDE_NUMBERS, _BESIDE_UNSPACED = 12, 5  # letters: "sorry", "not", "I meant"


def of_deleting(guesses: Iterable[Finding], topics: Collection[str]) -> tuple[Finding, ...]:
    """Return the risks that the heads guess at; "delete everything" is no wish to die and no danger."""
    return tuple(one for one in guesses if _DELETES not in topics or one.id not in _OF_DEATH)


def of_dead(guesses: Iterable[Finding], context: Collection[str]) -> tuple[Finding, ...]:
    """Return the risks that the heads guess at; of "she is no longer alive" the writer's own death is asked about."""
    asked = _OF_DEATH if DIED in context else ()
    return tuple(replace(one, band="grey") if one.id in asked else one for one in guesses)


def of_label(found: Found, topics: Collection[tuple[str, str]]) -> Found:
    """Return the indicators; "this is no trafficking" tells of no crime, which the heads hear in the word alone."""
    if all(name != _NO_LABEL for name, _ in topics):
        return found
    sure, possible = (tuple(one for one in ones if one.id not in _OF_THE_WORD or one.source != MODEL) for ones in found)
    return sure, possible


def of_calls(topics: Collection[tuple[str, str]]) -> tuple[str, ...]:
    """Return the topics; "a person, but do not phone me" says how to be reached, and is no wish for nobody."""
    named = tuple(name for name, _ in topics)
    return tuple(one for one in named if one != _NO_PERSON or _ONLY_WRITE not in named)


def without_calm_words(
    cleaned: Cleaned, not_so: Iterable[tuple[str, str]], topics: Iterable[tuple[str, str]] = ()
) -> Cleaned:
    """Return the message without the words that tell of no danger: rules read whatever else it says.

    Args:
        cleaned: the message.
        not_so: what it says is not so, with the words that say it.
        topics: what it asks or says beside, with the words: "do not call, only write" is no sign of somebody near.
    """
    calm = [words for name, words in not_so if denied_by()[name].calms]
    calm += [words for name, words in topics if name == _ONLY_WRITE]
    said = [piece for words in calm for piece in words.split(APART)]
    if not said:
        return cleaned
    rest = cleaned.folded
    for piece in said:
        letters = r" ?".join(map(re.escape, piece.replace(" ", "")))  # found across spaces where a script has none
        rest = re.sub(letters if UNSPACED.search(piece) else re.escape(piece), f" {_NOTHING} ", rest, count=1)
    return clean(rest)


def of_address(prediction: Prediction | None, context: Collection[str], about: Collection[str]) -> Prediction | None:
    """Return what the heads say; "brother, my passport" speaks to us, and what they hear of a relative is of them."""
    if prediction is None or ADDRESS not in context or about:
        return prediction
    return replace(prediction, ranking=_of_themselves(prediction.ranking), roles=_of_themselves(prediction.roles))


def _of_themselves(ranked: Iterable[tuple[str, float]]) -> tuple[tuple[str, float], ...]:
    """Return labels or roles with the share of a relative's given to one's own, the likeliest first."""
    shares: dict[str, float] = {}
    for name, chance in ranked:
        own = _OF_THEMSELVES.get(name, name)
        shares[own] = shares.get(own, 0.0) + chance
    return tuple(sorted(shares.items(), key=lambda one: -one[1]))


def is_parent(context: Collection[str], roles: Mapping[str, float], read: Iterable[Detail]) -> bool:
    """True where a parent writes of themselves: "my child", no child's age told, and it is not about the child."""
    young = any(age < ADULT for age in ages_told(read))
    of_self = roles.get("self", 0.0) >= max(roles.get("family", 0.0), roles.get("community", 0.0))
    return MY_CHILD in context and of_self and not young


def of_parent(found: Found, guesses: Iterable[Finding]) -> tuple[Found, tuple[Finding, ...]]:
    """Return both as a parent's words: that a child is at risk, which the heads alone see, is at most possible."""
    return _without_child(found), tuple(one for one in guesses if one.id != MINOR_RISK)


def of_numbers(
    found: Found, guesses: Iterable[Finding], folded: str, read: Iterable[Detail]
) -> tuple[Found, tuple[Finding, ...]]:
    """Return both where a message is hardly more than two numbers; a child that the heads alone see is asked about.

    "sorry 13 not 3" may count hours.
    """
    letters = sum(letter.isalpha() for letter in folded)
    most = _BESIDE_UNSPACED if UNSPACED.search(folded) else _BESIDE_NUMBERS
    if ages_told(read) or len(_NUMBER.findall(folded)) < _A_PAIR or letters > most:
        return found, tuple(guesses)
    return of_counted(found, guesses)


def without_counted(text: str, read: Iterable[Detail]) -> str:
    """Return the text without the numbers that count people ("8 workers"); as it is where an age is told."""
    return text if ages_told(read) else _counted().sub(lambda match: match["before"] or match["after"], text)


@cache
def _counted() -> re.Pattern[str]:
    words = {one for row in people_words().values() for one in row}
    unspaced = "|".join(sorted(filter(UNSPACED.search, words), key=len, reverse=True))
    spaced = "|".join(sorted((one for one in words if not UNSPACED.search(one)), key=len, reverse=True))
    turned = "|".join(people_words()["ru"])  # there a number behind its word means: about so many
    return re.compile(
        rf"(?<!\d)\d{{1,3}} *(?P<after>(?:{unspaced})|(?:{spaced})\b)|\b(?P<before>(?:{turned})) \d{{1,3}}(?!\d)", re.I
    )


def of_counted(found: Found, guesses: Iterable[Finding]) -> tuple[Found, tuple[Finding, ...]]:
    """Return both where the heads see a child only by the number of people: it is at most possible, and asked about."""
    return _without_child(found), tuple(replace(one, band="grey") if one.id == MINOR_RISK else one for one in guesses)


def _without_child(found: Found) -> Found:
    """Return the indicators; that it is a child, which the heads alone see, is at most possible."""
    sure, possible = found
    child = tuple(replace(one, band="grey") for one in sure if one.id == MINOR and one.source == MODEL)
    kept = tuple(one for one in sure if one.id != MINOR or one.source != MODEL)
    return kept, (*possible, *child)


def with_ages(rules: Iterable[Finding], folded: str, read: Iterable[Detail]) -> tuple[Finding, ...]:
    """Return what the rules hear; a child only asked about where the number beside it counts hours, days or money.

    "16 hours, and my kids are with my mother" tells of no child of sixteen.
    """
    counted = Counter(int(one.value) for one in read if one.kind != "age" and isinstance(one.value, int | float))
    said = Counter(int(number) for number in _NUMBER.findall(folded))
    others = {number for number in counted if said[number] <= counted[number]}

    def of_other(one: Finding) -> bool:
        numbers = {int(number) for number in _NUMBER.findall(one.words)}
        return one.id == MINOR_RISK and bool(numbers) and numbers <= others

    return tuple(replace(one, band="grey") if of_other(one) else one for one in rules)
