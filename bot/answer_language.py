"""Answer language: which language a message is answered in, and which are offered where that is unsure."""

from __future__ import annotations

from bot.naming import is_name, language_named
from bot.understanding.model import Understood
from bot.words import speaks
from channels.base import read_press
from content.catalogue import SOURCE
from content.context_words import NO_TONGUE
from content.languages import languages
from records.messages.material import TurnMaterial

_SENTENCE = 4  # words
_SPEAKS_AGAINST = 0.05  # so unlikely is the language of the talk that the sentence is in another
_LANGUAGE = "language:"


def named(understood: Understood, country_named: str | None) -> str | None:
    """Return the language that is asked for by its name; a bare name that is also a country's is the country.

    "I do not speak French" asks for anything but French.
    """
    whole = is_name(understood.cleaned)
    if whole is not None and country_named is None:
        return whole
    asks = understood.intent == "change_language" and NO_TONGUE not in understood.context
    return language_named(understood.cleaned) if asks else None


def is_strange(understood: Understood, language: str) -> bool:
    """True where they tell that they do not know a language, another than the one they are answered in."""
    return NO_TONGUE in understood.context and language_named(understood.cleaned) not in (None, language)


def chosen(material: TurnMaterial) -> str | None:
    """Return the language whose button was pressed."""
    button, _ = read_press(material.message.button or "")
    code = button.removeprefix(_LANGUAGE) if button.startswith(_LANGUAGE) else ""
    return code if code in languages() and speaks(code) else None


def to_answer_in(understood: Understood, established: str | None) -> str:
    """Return the language to answer in; one that is established gives way only to a whole sentence in another."""
    guess = understood.language
    if not understood.cleaned.has_letters and established:
        return established
    if guess.sure or established is None:
        if speaks(guess.code) or (guess.sure and understood.cleaned.has_letters):
            return guess.code
        if _is_foreign(understood):
            return guess.code
        return next((code for code in guess.candidates if speaks(code)), SOURCE)
    if established not in guess.candidates and _is_foreign(understood):
        return guess.code
    others = [code for code in guess.candidates if code != established]
    if established not in guess.candidates and _is_sentence(understood):  # a whole sentence in anything but that
        return next((code for code in others if speaks(code)), established)
    left_it = _is_sentence(understood) and guess.confidence < _SPEAKS_AGAINST and bool(others)
    return others[0] if left_it else established


def _is_foreign(understood: Understood) -> bool:
    """True for a whole sentence that is in none of our languages, whichever of the others it is: a person reads it."""
    return _is_sentence(understood) and not any(speaks(code) for code in understood.language.candidates)


def _is_sentence(understood: Understood) -> bool:
    return len(understood.cleaned.folded.split()) >= _SENTENCE


def offered(understood: Understood, language: str, fresh: bool) -> tuple[str, ...]:
    """Return the languages to offer when the writer's is unsure: the likely ones that have words, at most three."""
    if not fresh or understood.language.sure or not understood.cleaned.has_letters or not understood.ranking:
        return ()
    likely = [code for code in understood.language.candidates if speaks(code)]
    return tuple(dict.fromkeys([language, *likely]))[:3] if len(set(likely) | {language}) > 1 else ()
